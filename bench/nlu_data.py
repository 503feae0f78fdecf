"""Rows of an intent and slot benchmark in JSON lines, and the three figures that are compared."""

from dataclasses import dataclass
import json
from pathlib import Path
import time
from typing import Callable, Dict, FrozenSet, List, Sequence, Tuple, TypeVar

Span = Tuple[int, int, str]  # start, end, type
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One sentence with its label and its spans; also the shape of a prediction."""

    text: str
    label: str
    spans: FrozenSet[Span]


@dataclass(frozen=True)
class Benchmark:
    """Training and test rows under one kind of label."""

    name: str
    train: List[Row]
    test: List[Row]


@dataclass(frozen=True)
class Seconds:
    """What a training took: on the clock, and of the processor (not lengthened by other programs)."""

    wall: float
    cpu: float


def timed(work: Callable[[], T]) -> Tuple[T, Seconds]:
    """The result of `work` and the time it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def read(folder: Path, label: str, dev_in_train: bool = False, limit: int = 0) -> Benchmark:
    """Reads data.jsonl; `label` is the key of the class; `limit` keeps the first rows of each split (0 = all)."""
    splits: Dict[str, List[Row]] = {"train": [], "dev": [], "test": []}
    with (folder / "data.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = frozenset((e["start"], e["end"], e["entity"]) for e in row["entities"])
            splits[row["split"]].append(Row(row["text"], row[label], spans))
    train = splits["train"] + (splits["dev"] if dev_in_train else [])
    test = splits["test"]
    return Benchmark(folder.name, train[:limit] if limit else train, test[:limit] if limit else test)


def scores(gold: Sequence[Row], found: Sequence[Row]) -> Dict[str, float]:
    """Percentages: intent accuracy, micro F1 of spans (exact borders and type), rows with everything right."""
    right_labels = sum(g.label == f.label for g, f in zip(gold, found))
    hits = sum(len(g.spans & f.spans) for g, f in zip(gold, found))
    n_gold, n_found = sum(len(g.spans) for g in gold), sum(len(f.spans) for f in found)
    right_rows = sum(g.label == f.label and g.spans == f.spans for g, f in zip(gold, found))
    return {
        "intent": 100 * right_labels / len(gold),
        "slot_f1": 100 * 2 * hits / max(1, n_gold + n_found),
        "slot_precision": 100 * hits / max(1, n_found),
        "slot_recall": 100 * hits / max(1, n_gold),
        "sentence": 100 * right_rows / len(gold),
    }
