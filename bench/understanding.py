"""How well the trained model understands: python -m bench.understanding, or make eval.

Reads every held-out case of tests/cases/understanding and, where they exist, the development samples; writes a report with
pictures. The model is used as it is: nothing here trains or tunes.
"""

import argparse
import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date
import json
import os
from pathlib import Path
import statistics
import sys
import time
from typing import Any, Callable, Collection, Dict, Iterable, List, Optional, Sequence, Tuple
import warnings

import yaml

from bench.nlu import ONE_THREAD
from idcard.knowledge import load

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases" / "understanding"
SAMPLES = "samples"  # the group of the development samples
EVERYDAY = "everyday"  # written blind: nobody looks at its mistakes to mend them; entities not annotated
PLAIN = ("business", "conversation", "out_of_scope")
SEVERAL = "several"
OUT_OF_SCOPE, FALLBACK = "超出范围", "nlu_fallback"
SURE = 0.6  # actions.turn.SURE
LIKELY = 0.08  # actions.conversation.LIKELY: from here a reading is offered as "did you mean"
BINS = 10

Entity = Tuple[str, str, str]  # type, canonical value, role or ""
Parse = Callable[[str], Dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A sentence, what it means, and the file it stands in (its stem)."""

    text: str
    intents: Tuple[str, ...]
    entities: Tuple[Entity, ...]
    group: str


@dataclass(frozen=True)
class Reading:
    """What the model made of a case; `ranking` is the classifier's own, `intent` what the assistant goes by."""

    case: Case
    intent: str
    ranking: Tuple[Tuple[str, float], ...]
    topics: Tuple[str, ...]
    entities: Tuple[Entity, ...]
    millis: float  # on the clock
    cpu_millis: float  # of the processor: other processes do not count

    @property
    def right(self) -> bool:
        return self.intent == self.case.intents[0]

    @property
    def best(self) -> Tuple[str, float]:
        return self.ranking[0] if self.ranking else ("", 0.0)


@dataclass(frozen=True)
class Rate:
    """So many of so many."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{100 * self.share:.1f} % ({self.hits}/{self.of})" if self.of else "–"


# ---- cases and readings -----------------------------------------------------------------------------------


def read_cases(folder: Path = CASES) -> List[Case]:
    """The held-out cases of every file, in the order of the files' names."""
    return [Case(entry["text"], tuple(entry.get("intents") or [entry["intent"]]),
                 tuple(map(_entity, entry.get("entities", ()))), file.stem)
            for file in sorted(folder.glob("*.yml")) for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]


def read_samples(file: Path) -> List[Case]:
    """The development samples that have one intent (not *); their entities follow another scheme and are left out."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Case(row["text"], (row["intent"],), (), SAMPLES) for row in rows if row["intent"] != "*"]


def understand(case: Case, parse: Parse) -> Reading:
    """One case through the model, with the time it took."""
    started, cpu_started = time.perf_counter(), time.process_time()
    parsed = parse(case.text)
    millis, cpu_millis = 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - cpu_started)
    ranking = tuple((entry["name"], entry["confidence"]) for entry in parsed.get("intent_ranking") or ()
                    if entry["name"] != FALLBACK)
    return Reading(case, parsed["intent"]["name"] or "", ranking, tuple(parsed.get("topics") or ()),
                   tuple(map(_entity, parsed["entities"])), millis, cpu_millis)


def _entity(entry: Dict[str, Any]) -> Entity:
    return entry["entity"], str(entry["value"]), entry.get("role") or ""


# ---- figures ----------------------------------------------------------------------------------------------


def rate(right: Iterable[bool]) -> Rate:
    """How many of them hold."""
    found = list(right)
    return Rate(sum(found), len(found))


def per_intent(readings: Sequence[Reading]) -> Dict[str, Dict[str, Any]]:
    """For every intent that occurs in the cases: n, precision, recall, F1 and the wrong readings, most frequent first."""
    shown = Counter(r.intent for r in readings)
    gold = Counter(r.case.intents[0] for r in readings)
    table = {}
    for intent, n in gold.items():
        hits = sum(r.right for r in readings if r.case.intents[0] == intent)
        wrong = Counter(r.intent for r in readings if r.case.intents[0] == intent and not r.right)
        table[intent] = {"n": n, "precision": hits / shown[intent] if shown[intent] else 0.0, "recall": hits / n,
                         "f1": 2 * hits / (n + shown[intent]), "wrong": wrong.most_common()}
    return table


def macro_f1(readings: Sequence[Reading]) -> Optional[float]:
    """The mean F1 of the intents that occur in the cases."""
    return statistics.mean(row["f1"] for row in per_intent(readings).values()) if readings else None


def entity_f1(readings: Sequence[Reading], types: Collection[str]) -> Optional[float]:
    """Of entity, canonical value and role together, as often as they occur; other types than `types` do not count."""
    hits = total = 0
    for reading in readings:
        gold = Counter(entity for entity in reading.case.entities if entity[0] in types)
        found = Counter(entity for entity in reading.entities if entity[0] in types)
        hits += sum((gold & found).values())
        total += sum(gold.values()) + sum(found.values())
    return 2 * hits / total if total else None


def wrong_but_confident(readings: Sequence[Reading], threshold: float) -> Rate:
    """A wrong intent that the assistant goes by with at least this confidence; of all messages."""
    return rate(not r.right and r.intent != FALLBACK and r.best[1] >= threshold for r in readings)


def did_you_mean(reading: Reading, business: Collection[str]) -> bool:
    """Asked back with buttons, not only with what can be asked."""
    return reading.intent == FALLBACK and any(n in business and c >= LIKELY for n, c in reading.ranking)


def reliability(readings: Sequence[Reading], bins: int = BINS) -> List[Tuple[float, float, int]]:
    """For every bin of confidence with messages in it: mean confidence, share of right first readings, how many."""
    filled: Dict[int, List[Tuple[float, bool]]] = {}
    for reading in readings:
        name, confidence = reading.best
        at = min(int(confidence * bins), bins - 1)
        filled.setdefault(at, []).append((confidence, name == reading.case.intents[0]))
    return [(statistics.mean(c for c, _ in rows), statistics.mean(right for _, right in rows), len(rows))
            for _, rows in sorted(filled.items())]


def calibration_error(points: Sequence[Tuple[float, float, int]]) -> float:
    """The mean distance of confidence and rightness, bins weighted by their messages."""
    total = sum(n for *_, n in points)
    return sum(n * abs(confidence - right) for confidence, right, n in points) / total if total else 0.0


def coverage(readings: Sequence[Reading], thresholds: Iterable[float]) -> List[Tuple[float, float, float]]:
    """For each threshold: the share of messages at least so sure, and how many of those are read wrongly."""
    points = []
    for threshold in thresholds:
        sure = [r for r in readings if r.best[1] >= threshold]
        wrong = sum(r.best[0] != r.case.intents[0] for r in sure)
        points.append((threshold, len(sure) / len(readings), wrong / len(sure) if sure else 0.0))
    return points


def confusion(readings: Sequence[Reading], business: Sequence[str]) -> List[List[int]]:
    """A row per business intent; a column per business intent, then out of scope, conversation, asked back."""
    place = {name: i for i, name in enumerate([*business, OUT_OF_SCOPE])}
    talk, asked = len(place), len(place) + 1
    counts = [[0] * (asked + 1) for _ in business]
    for reading in readings:
        row = place.get(reading.case.intents[0], talk)
        if row < len(business):
            counts[row][asked if reading.intent in ("", FALLBACK) else place.get(reading.intent, talk)] += 1
    return counts


# ---- the report -------------------------------------------------------------------------------------------


def headline(readings: Sequence[Reading], business: Collection[str], types: Collection[str], threshold: float) -> Dict[str, str]:
    """The figures of one set of single-question messages, in the order of the report."""
    def of(kind: Callable[[str], bool]) -> str:
        return str(rate(r.right for r in readings if kind(r.case.intents[0])))

    annotated = [r for r in readings if r.case.group not in (SAMPLES, EVERYDAY)]
    asked_outside = any(r.case.intents[0] == OUT_OF_SCOPE for r in readings)
    return {
        "intent, all": str(rate(r.right for r in readings)),
        "intent, business": of(lambda name: name in business),
        "intent, conversation": of(lambda name: name not in business and name != OUT_OF_SCOPE),
        "超出范围: recall": of(lambda name: name == OUT_OF_SCOPE),
        "超出范围: precision": str(rate(r.right for r in readings if r.intent == OUT_OF_SCOPE)) if asked_outside else "–",
        "macro-F1": _percent(macro_f1(readings)),
        "entity F1": _percent(entity_f1(annotated, types)),
        f"wrong, answered (≥ {threshold:.2f})": str(wrong_but_confident(readings, threshold)),
        f"wrong, sure (≥ {SURE:.2f})": str(wrong_but_confident(readings, SURE)),
        "asked back": str(rate(r.intent in ("", FALLBACK) for r in readings)),
        "… with did-you-mean buttons": str(rate(did_you_mean(r, business) for r in readings)),
        "one question read as several": str(rate(len(r.topics) > 1 for r in readings)),
    }


def _percent(share: Optional[float]) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def sections(readings: Sequence[Reading], business: Sequence[str], threshold: float) -> Dict[str, Any]:
    """Everything the report shows, as numbers and texts."""
    single = [r for r in readings if r.case.group != SEVERAL]
    held_out = [r for r in single if r.case.group != SAMPLES]
    types = sorted({entity[0] for r in readings for entity in r.case.entities})
    sets = {EVERYDAY: [r for r in held_out if r.case.group == EVERYDAY],
            "plain": [r for r in held_out if r.case.group in PLAIN],
            "variants": [r for r in held_out if r.case.group not in (*PLAIN, EVERYDAY)],
            SAMPLES: [r for r in single if r.case.group == SAMPLES]}
    sets = {name: rows for name, rows in sets.items() if rows}
    several = [r for r in readings if r.case.group == SEVERAL]
    groups = dict.fromkeys(r.case.group for r in held_out)
    known = [*business, *sorted({r.case.intents[0] for r in held_out} - {*business})]
    points, table = reliability(held_out), per_intent(held_out)
    thresholds = [step / 100 for step in range(100)]
    return {
        "headline": {name: headline(rows, business, types, threshold) for name, rows in sets.items()},
        "sizes": {name: len(rows) for name, rows in sets.items()}, "types": types,
        "variants": [group for group in groups if group not in (*PLAIN, EVERYDAY)],
        "files": {group: str(rate(r.right for r in held_out if r.case.group == group)) for group in groups},
        "several": str(rate(r.topics == r.case.intents for r in several)),
        "several, any order": str(rate(set(r.topics) == set(r.case.intents) for r in several)),
        "intents": [(number, name, table[name]) for number, name in enumerate(known, 1) if name in table],
        "reliability": points, "calibration_error": calibration_error(points),
        "coverage": {name: coverage(rows, thresholds) for name, rows in
                     {"held-out": held_out, SAMPLES: sets.get(SAMPLES, [])}.items() if rows},
        "business": len(business), "confusion": confusion(held_out, business), "threshold": threshold, "sure": SURE,
        "millis": {"clock": statistics.quantiles((r.millis for r in readings), n=100),
                   "processor": statistics.quantiles((r.cpu_millis for r in readings), n=100)},
    }


# ---- the run ----------------------------------------------------------------------------------------------


def fallback_threshold(config: Path = ROOT / "config.yml") -> float:
    """From which confidence the assistant answers instead of asking back."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    return next(part["threshold"] for part in pipeline if part["name"] == "FallbackClassifier")


def parser_of(model: Path) -> Parse:
    """The model loaded as the assistant loads it, without TensorFlow."""
    from assistant import start

    start.load_rasa()
    from assistant.dialogue import Dialogue

    loop = asyncio.new_event_loop()
    agent = loop.run_until_complete(Dialogue.load(model)).agent
    return lambda text: loop.run_until_complete(agent.parse_message(text))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Reads, measures, writes the report."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _options().parse_args(words)
    if not options.model.is_file():
        sys.exit(f"bench.understanding: no model at {options.model}. Train one first: make train.")
    os.environ.update(ONE_THREAD)  # before numpy is imported
    cases = read_cases()
    if options.samples.is_file():
        cases += read_samples(options.samples)
    parse = parser_of(options.model)
    parse(cases[0].text)  # first call: lazy tables
    readings = [understand(case, parse) for case in cases]
    found = sections(readings, list(load().topics), fallback_threshold())
    found.update(command=_command(words), date=options.date,
                 samples=options.samples.name if options.samples.is_file() else None, cases=len(cases),
                 megabytes=options.model.stat().st_size / 1e6)
    warnings.simplefilter("ignore", DeprecationWarning)  # inside matplotlib
    from bench import understanding_report

    understanding_report.write(options.out, found)
    print(f"{options.out} written; {len(cases)} cases.")
    for name, figures in found["headline"].items():
        print(f"\n{name}\n" + "\n".join(f"  {figure:32}{value}" for figure, value in figures.items()))
    if options.errors:
        _print_errors(readings)
    return 0


def _command(words: Sequence[str]) -> str:
    """As it can be typed anywhere: of a path of this machine only the name."""
    kept = " ".join(Path(word).name if Path(word).is_absolute() else word for word in words if word != "--errors")
    return f'make eval ARGS="{kept}"' if kept else "make eval"


def _print_errors(readings: Sequence[Reading]) -> None:
    for r in readings:
        right = r.topics == r.case.intents if r.case.group == SEVERAL else r.right
        if not right:
            shown = "+".join(r.topics) if r.case.group == SEVERAL else r.intent
            print(f"{r.case.group}: {r.case.text}: {'+'.join(r.case.intents)}, read as {shown} ({r.best[0]} {r.best[1]:.2f})")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.understanding", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/idcard.tar.gz"))
    parser.add_argument("--samples", type=Path, default=Path("../shared/samples/questions.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("docs/understanding.md"), help="the pictures go to a folder beside it")
    parser.add_argument("--date", default=str(date.today()), help="the day the report bears")
    parser.add_argument("--errors", action="store_true", help="print every message that was read wrongly")
    return parser


if __name__ == "__main__":
    sys.exit(main())
