"""The benchmark's intents: read whole and by their parts (music.PLAY is also `music` and `PLAY`), as one linear model.

With ten sentences per intent, the hundreds of a domain or of an action say what ten cannot. Three sets of hyperplanes
are added up before they are calibrated, so that the sum is a model like that of the production classifier. Marks
(。？), which citizens leave out and production ignores, stand in the skeleton of the sentence beside its spans.
"""

from typing import Collection, FrozenSet, List, Sequence

import numpy as np

from assistant.nlu import features, linear
from assistant.nlu.features import NgramTfidf, Shape, Span


def train(texts: Sequence[str], intents: Sequence[str], spans: Sequence[Collection[Span]], shape: Shape, cost: float,
          folds: int, prior: float) -> linear.LinearModel:
    """Rows sorted by intent; `spans` are such as taggers found that had not seen the text. Ask it with with_marks()."""
    classes = sorted(set(intents))
    marked = [with_marks(text, found) for text, found in zip(texts, spans)]
    tfidf = NgramTfidf.fit(texts, shape, marked)
    vectors, targets = tfidf.matrix(texts, marked), np.searchsorted(classes, intents)
    scores = np.zeros((len(texts), len(classes)), dtype=np.float32)
    coef, intercept = np.zeros((len(tfidf.terms), len(classes)), dtype=np.float32), np.zeros(len(classes), dtype=np.float32)
    for groups in _groupings(classes):
        n_groups = groups.max() + 1
        scores += linear.out_of_fold(vectors, groups[targets], n_groups, cost, folds)[:, groups]
        planes, offsets = linear.hyperplanes(vectors, groups[targets], n_groups, cost)
        coef, intercept = coef + planes[:, groups], intercept + offsets[groups]
    return linear.stored(classes, tfidf, coef, intercept, *linear.calibration(scores, targets, prior))


def with_marks(text: str, spans: Collection[Span]) -> FrozenSet[Span]:
    """The spans, and every mark outside them as one more, of a type of its own."""
    inside = {i for start, end, _ in spans for i in range(start, end)}
    return frozenset(spans) | {(i, i + 1, char) for i, char in enumerate(text) if i not in inside and not features.clean(char)}


def _groupings(classes: Sequence[str]) -> List[np.ndarray]:
    """By class: itself, and for each part of the names the number of that part; parts count only if all have as many."""
    names = [name.split(".") for name in classes]
    parts = list(zip(*names)) if len({len(name) for name in names}) == 1 and len(names[0]) > 1 else []
    return [np.unique(part, return_inverse=True)[1] for part in (classes, *parts)]
