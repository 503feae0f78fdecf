"""How well private things are masked, and what it costs: `python -m bench.privacy`; with --errors also each mistake.

Recall: what is masked whole of what is private. Precision: what is private as that kind of what is masked as it. Both on the
corpus of tests/idcard/privacy_corpus.py; times are processor time of this machine.
"""
from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from typing import Iterable, NamedTuple

from idcard.knowledge import load
from idcard.privacy import find, mask
from tests.idcard.privacy_corpus import Line, lines


class Figures(NamedTuple):
    """Counts by kind; `mistakes` are lines with what was missed or wrongly masked."""

    private: Counter
    missed: Counter
    found: Counter
    wrong: Counter
    mistakes: list[str]

    def recall(self, kind: str) -> float:
        return 1 - self.missed[kind] / self.private[kind]

    def precision(self, kind: str) -> float:
        return 1 - self.wrong[kind] / self.found[kind]


def measure(corpus: Iterable[Line], public: frozenset[str]) -> Figures:
    """What masking finds and misses in the corpus."""
    figures = Figures(Counter(), Counter(), Counter(), Counter(), [])
    for line in corpus:
        found = find(line.text, public)
        missed, wrong = line.missed(found), line.wrong(found)
        figures.private.update(kind for kind, _, _ in line.private)
        figures.missed.update(kind for kind, _, _ in missed)
        figures.found.update(one.kind for one in found)
        figures.wrong.update(one.kind for one in wrong)
        if missed or wrong:
            figures.mistakes.append(f"{line.text!r} -> {mask(line.text, public)!r}: missed {missed}, wrong {wrong}")
    return figures


def microseconds(texts: Iterable[str], public: frozenset[str]) -> list[float]:
    """Processor time of masking each text, sorted."""
    times = []
    for text in texts:
        start = time.thread_time()
        mask(text, public)
        times.append((time.thread_time() - start) * 1e6)
    return sorted(times)


def main() -> None:
    knowledge = load()
    corpus = lines(knowledge.stations)
    figures = measure(corpus, knowledge.public)
    empty = sum(not line.private for line in corpus)
    print(f"{len(corpus)} lines, {empty} of them with nothing private")
    for kind in figures.private:
        print(f"{kind}\trecall {figures.recall(kind):.4f} of {figures.private[kind]}\tprecision {figures.precision(kind):.4f} of {figures.found[kind]}")
    times = microseconds([line.text for line in corpus], knowledge.public)
    print(f"per message: mean {statistics.mean(times):.0f} µs, p99 {times[int(len(times) * 0.99)]:.0f} µs, max {times[-1]:.0f} µs")
    for text in ("我" * 10_000, "1 " * 5_000, "一" * 10_000, "4" * 10_000):
        print(f"10,000 characters like {text[:4]!r}: {microseconds([text], knowledge.public)[0] / 1000:.1f} ms")
    if "--errors" in sys.argv:
        print(*figures.mistakes, sep="\n")


if __name__ == "__main__":
    main()
