"""Sentences that staff propose as data, checked before they are taken: python -m assistant.nlu.candidates < candidates.json

Reads {"candidates": [{"purpose": "训练" | "检验", "text": …, "intents": [name, …]}, …], "whole": bool} and writes a list of {"candidate": index,
"problem": Chinese sentence}. Each candidate is compared with the data files and with the candidates before it: nearly the same
sentence twice is refused, and so is one that is trained on here and tested on there. With "whole", all checks of data_quality run over
the files as they would be.
"""
import json
import sys
import tempfile
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

from assistant.nlu import data_quality
from assistant.nlu.data_quality import ROOT, gist, letters

NLU, CASES, DOMAIN = ROOT / "data/nlu.yml", ROOT / "tests/cases/understanding", ROOT / "domain.yml"
MARKUP = set("[](){}|\n")  # means something in Rasa's examples


def written() -> Dict[str, Tuple[str, str]]:
    """What the data files hold: gist -> (the sentence, where it stands)."""
    known: Dict[str, Tuple[str, str]] = {}
    for sentence in data_quality.read(NLU):
        known.setdefault(gist(sentence.text), (sentence.text, f"训练数据“{sentence.intent}”"))
    for text, file in data_quality._case_texts(CASES):
        known.setdefault(gist(text), (text, f"检验用例 {file}"))
    return known


def problems(candidates: List[dict], known: Dict[str, Tuple[str, str]], intents: Set[str]) -> Iterator[Tuple[int, str]]:
    """(index of the candidate, what is wrong with it), given what is written() and the intents there are."""
    known = dict(known)
    for index, one in enumerate(candidates):
        unknown = [name for name in one["intents"] if name not in intents]
        same = known.get(gist(one["text"]))
        if not letters(one["text"]) or set(one["text"]) & MARKUP:
            yield index, "句子是空的，或者带有括号、竖线、换行。请改成一句普通的话"
        elif unknown or not one["intents"]:
            yield index, f"没有这个意图：{'、'.join(unknown) or '（没有选）'}"
        elif one["purpose"] == "训练" and len(one["intents"]) != 1:
            yield index, "训练句只能有一个意图；有几个意图的句子请作检验句"
        elif same:
            yield index, f"和{same[1]}里的“{same[0]}”一样或者几乎一样"
        else:
            known[gist(one["text"])] = (one["text"], f"已经提出的{one['purpose']}句")


def problems_of_the_whole(candidates: List[dict]) -> List[str]:
    """What data_quality says of the data files with the candidates in them."""
    with tempfile.TemporaryDirectory() as folder:
        nlu, cases = Path(folder) / "nlu.yml", Path(folder) / "understanding"
        trained = "".join(f"\n  - intent: {one['intents'][0]}\n    examples: |\n      - {one['text']}\n"
                          for one in candidates if one["purpose"] == "训练")
        nlu.write_text(NLU.read_text(encoding="utf-8").rstrip("\n") + "\n" + trained, encoding="utf-8")
        cases.mkdir()
        for file in CASES.glob("*.yml"):
            (cases / file.name).write_bytes(file.read_bytes())
        held_out = [{"text": one["text"]} for one in candidates if one["purpose"] == "检验"]
        (cases / "proposed.yml").write_text(json.dumps(held_out, ensure_ascii=False), encoding="utf-8")
        return data_quality.problems(nlu=nlu, cases=cases)


def main() -> None:
    request = json.load(sys.stdin)
    checked = problems(request["candidates"], written(), data_quality._intents(DOMAIN))
    found = [{"candidate": index, "problem": problem} for index, problem in checked]
    if request.get("whole"):
        found += [{"candidate": None, "problem": problem} for problem in problems_of_the_whole(request["candidates"])]
    json.dump(found, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
