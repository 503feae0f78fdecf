"""Spans and their types in two steps, each a linear-chain CRF: where spans lie, then what each of them is.

Two small label sets train in seconds where one (two labels per type) takes minutes, and the second step sees whole
values. Both are told what the sentence is about: likelihoods of its intent and of the types that occur in it.
"""

from pathlib import Path
from typing import Collection, FrozenSet, List, Sequence, Tuple

import pycrfsuite

from assistant.nlu.features import Span
from bench import nlu_span_attributes
from bench.nlu_span_attributes import Attributes, Borders

WHERE, WHAT = "where.crfsuite", "what.crfsuite"
_WHERE_COSTS = {"c1": 0.05, "c2": 0.1}
_WHAT_COSTS = {"c1": 0.02, "c2": 0.3}


class SpanTagger:
    """Reads the two model files of a folder; safe to keep open, not safe to use from two threads at once."""

    def __init__(self, folder: Path) -> None:
        # In memory, for Rasa removes the folder after loading; crfsuite reads on in these bytes, so they must live on.
        self._bytes = [(folder / name).read_bytes() for name in (WHERE, WHAT)]
        self._where, self._what = pycrfsuite.Tagger(), pycrfsuite.Tagger()
        self._where.open_inmemory(self._bytes[0])
        self._what.open_inmemory(self._bytes[1])

    def tag(self, text: str, context: Attributes) -> FrozenSet[Span]:
        """The spans of one normalised text; none overlaps another."""
        if not text:
            return frozenset()
        borders = _borders(self._where.tag(nlu_span_attributes.of_characters(text, context)))
        if not borders:
            return frozenset()
        kinds = self._what.tag(nlu_span_attributes.of_spans(text, borders, context))
        return frozenset((start, end, kind) for (start, end), kind in zip(borders, kinds))


def train(texts: Sequence[str], spans: Sequence[Collection[Span]], contexts: Sequence[Attributes], iterations: int,
          folder: Path) -> SpanTagger:
    """Trains both fields and writes them into the folder; the same input gives the same files."""
    where, what = _trainer(_WHERE_COSTS, iterations), _trainer(_WHAT_COSTS, iterations)
    for text, marked, context in zip(texts, spans, contexts):
        where.append(nlu_span_attributes.of_characters(text, context), _places(len(text), marked))
        row = sorted(marked)
        if row:
            borders = [(start, end) for start, end, _ in row]
            what.append(nlu_span_attributes.of_spans(text, borders, context), [kind for _, _, kind in row])
    where.train(str(folder / WHERE))
    what.train(str(folder / WHAT))
    return SpanTagger(folder)


def _trainer(costs: dict, iterations: int) -> pycrfsuite.Trainer:
    return pycrfsuite.Trainer(algorithm="lbfgs", params={**costs, "max_iterations": iterations}, verbose=False)


def _places(length: int, spans: Collection[Span]) -> List[str]:
    """B, I, E, S in a span, O outside."""
    places = ["O"] * length
    for start, end, _ in spans:
        places[start:end] = "S" if end - start == 1 else "B" + "I" * (end - start - 2) + "E"
    return places


def _borders(places: Sequence[str]) -> List[Borders]:
    """The spans of a row of places; a B without its E is none."""
    found: List[Tuple[int, int]] = []
    start = None
    for i, place in enumerate(places):
        if place in "BS":
            start = i
        if place in "ES" and start is not None:
            found.append((start, i + 1))
        if place in "ESO":
            start = None
    return found
