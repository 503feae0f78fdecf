"""Entities by conditional random fields, and the intent in their light: a Rasa component of the benchmark (docs/adr/0006)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import tempfile
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.nlu import features, linear, pinyin
from assistant.nlu.features import Shape, Span
from assistant.nlu.fingerprint import source_fingerprint
from bench import nlu_intents, nlu_span_attributes, nlu_spans
from bench.nlu_span_attributes import Attributes
from idcard import text as idcard_text
from idcard import variants

INTENT_RANKING = "intent_ranking"
_TOPICS, _INTENTS = "topics", "intents"  # file names of the two linear models
_LIKELY = 0.05  # a topic less likely than this is not told to the fields


@dataclass(frozen=True)
class Example:
    """A training sentence, normalised."""

    text: str
    intent: str
    spans: FrozenSet[Span]

    @property
    def topics(self) -> FrozenSet[str]:
        """What the sentence is about: its intent and the types of its spans."""
        return frozenset({"i=" + self.intent} | {"e=" + kind for _, _, kind in self.spans})


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER],
    is_trainable=True,
)
class CrfEntityTagger(GraphComponent):
    """Adds entities, and sets intent and intent_ranking from the sentence and its spans."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Iterations of the tagger; folds and iterations of those that find the spans for the intents; the intents' SVMs."""
        return {"iterations": 100, "span_folds": 3, "span_iterations": 50, "folds": 5, "cost": 1.0, "prior": 3.0,
                "skeleton_weight": 0.5, "ranking_length": 5}

    @staticmethod
    def required_packages() -> List[Text]:
        """Their versions are part of Rasa's cache key; python-crfsuite's import name is unknown to that look-up."""
        return ["sklearn", "numpy", "pypinyin"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """A change in the feature code or in the normalisation retrains the models."""
        return source_fingerprint(features, linear, pinyin, nlu_intents, nlu_span_attributes, nlu_spans,
                                  idcard_text, variants)

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> CrfEntityTagger:
        """An untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> CrfEntityTagger:
        """The trained component; raises when a file is missing, so that a broken archive fails at boot."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._read(folder)
        return component

    def _read(self, folder: Path) -> None:
        self._topics = linear.LinearModel.read(folder, _TOPICS)
        self._tagger = nlu_spans.SpanTagger(folder)
        self._intents = linear.LinearModel.read(folder, _INTENTS)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns topics, spans, and the intent in the light of spans that models without the sentence would find."""
        examples = sorted(set(filter(None, map(_example, training_data.intent_examples))),
                          key=lambda e: (e.intent, e.text, sorted(e.spans)))
        if not any(example.spans for example in examples):
            raise InvalidConfigException("CrfEntityTagger: no entity is annotated in the training data. Give data with entities.")
        texts = [example.text for example in examples]
        topics, likelihoods = linear.fit_labels(texts, [e.topics for e in examples], Shape(), self._config["cost"],
                                                self._config["folds"])
        contexts = [_context(topics.classes, row) for row in likelihoods]
        with self._model_storage.write_to(self._resource) as folder:
            topics.save(folder, _TOPICS)
            nlu_spans.train(texts, [e.spans for e in examples], contexts, self._config["iterations"], folder)
            spans = _spans_out_of_fold(examples, contexts, self._config["span_folds"], self._config["span_iterations"])
            nlu_intents.train(texts, [e.intent for e in examples], spans, Shape(skeleton_weight=self._config["skeleton_weight"]),
                              self._config["cost"], self._config["folds"], self._config["prior"]).save(folder, _INTENTS)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds entities and sets the intent; a message without letters keeps what it had."""
        for message in messages:
            original = message.get(TEXT) or ""
            text = idcard_text.normalise(original)[: features.MAX_CHARS]
            if not features.clean(text):
                continue
            context = _context(self._topics.classes, self._topics.likelihoods(text))
            spans = self._tagger.tag(text, context)
            entities = [{"entity": kind, "start": start, "end": end, "value": original[start:end],
                         "extractor": type(self).__name__} for start, end, kind in sorted(spans)]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
            ranking = self._intents.ranking(text, self._config["ranking_length"], nlu_intents.with_marks(text, spans))
            if ranking:
                message.set(INTENT, dict(ranking[0]), add_to_output=True)
                message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages


def _example(message: Message) -> Optional[Example]:
    text, intent = message.get(TEXT), message.get(INTENT)
    if not text or not intent or not features.clean(text):
        return None
    spans = frozenset((e["start"], e["end"], e["entity"]) for e in message.get(ENTITIES, []))
    return Example(idcard_text.normalise(text), intent, spans)


def _context(names: Sequence[str], likelihoods: np.ndarray) -> Attributes:
    return {names[i]: float(likelihoods[i]) for i in np.flatnonzero(likelihoods > _LIKELY)}


def _spans_out_of_fold(examples: Sequence[Example], contexts: Sequence[Attributes], folds: int,
                       iterations: int) -> List[FrozenSet[Span]]:
    """What taggers that have not learnt from a sentence find in it."""
    found: List[FrozenSet[Span]] = [frozenset()] * len(examples)
    for fold in range(folds):
        seen = [i for i in range(len(examples)) if i % folds != fold]
        with tempfile.TemporaryDirectory() as folder:
            tagger = nlu_spans.train([examples[i].text for i in seen], [examples[i].spans for i in seen],
                                       [contexts[i] for i in seen], iterations, Path(folder))
        for i in range(fold, len(examples), folds):
            found[i] = tagger.tag(examples[i].text, contexts[i])
    return found
