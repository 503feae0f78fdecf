"""Trains and runs a Rasa NLU pipeline through Rasa's own graph: the stock Chinese one, or ours."""

import asyncio
import json
from pathlib import Path
import random
from typing import Any, Callable, Dict, List, Sequence, Tuple

from ruamel.yaml import YAML

from bench.nlu_data import Row, Seconds, timed

STOCK: List[Dict[str, Any]] = [
    {"name": "JiebaTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
]
OURS: List[Dict[str, Any]] = [
    {"name": "bench.nlu_tagger.CrfEntityTagger"},
]


def pipeline(system: str, seed: int) -> List[Dict[str, Any]]:
    """The components of a system; only the stock one is random, and takes the seed."""
    if system == "ours":
        return OURS
    return [{**c, "random_seed": seed} if c["name"] == "DIETClassifier" else c for c in STOCK]


def train(rows: Sequence[Row], system: str, seed: int, folder: Path) -> Tuple[Callable[[str], Row], Seconds, int]:
    """A parser, the time of training (imports not counted), and the bytes of the model archive."""
    from rasa.core.agent import Agent
    from rasa.engine.recipes import default_components  # noqa: F401  (imports TensorFlow, before the clock)
    from rasa.model_training import train_nlu

    _write(rows, pipeline(system, seed), folder)
    random.seed(seed)
    files = [str(folder / name) for name in ("config.yml", "nlu.json")]
    model, seconds = timed(lambda: train_nlu(*files, str(folder), fixed_model_name="model"))
    agent = Agent.load(model)
    loop = asyncio.new_event_loop()

    def parse(text: str) -> Row:
        parsed = loop.run_until_complete(agent.parse_message(text))
        spans = frozenset((e["start"], e["end"], e["entity"]) for e in parsed["entities"])
        return Row(text, parsed["intent"]["name"] or "", spans)

    return parse, seconds, Path(model).stat().st_size


def _write(rows: Sequence[Row], components: List[Dict[str, Any]], folder: Path) -> None:
    """config.yml and nlu.json; Rasa's JSON format keeps offsets where brackets occur in a text."""
    with (folder / "config.yml").open("w", encoding="utf-8") as file:
        YAML().dump({"recipe": "default.v1", "language": "zh", "pipeline": components}, file)
    examples = [{"text": r.text, "intent": r.label,
                 "entities": [{"start": s, "end": e, "entity": t, "value": r.text[s:e]} for s, e, t in sorted(r.spans)]}
                for r in rows]
    (folder / "nlu.json").write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}, ensure_ascii=False),
                                     encoding="utf-8")
