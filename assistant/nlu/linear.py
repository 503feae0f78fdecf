"""Linear one-against-the-rest models with calibrated probabilities, stored without pickle."""

from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import Any, Collection, Dict, List, Optional, Sequence, Tuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_matrix

from assistant.nlu.features import NgramTfidf, Shape, Span

_ABSENT = -2.0  # score of a class that a fold has no example of: below the usual -1 of a foreign sentence
_LEVELS = 127  # weights are stored in one byte each, scaled by class


@dataclass
class LinearModel:
    """Scores are (features x coef) x step + intercept; probabilities come from scores x slope + offset, by class."""

    classes: List[str]
    features: NgramTfidf
    coef: np.ndarray  # int8, one row per feature, one column per class
    step: np.ndarray  # float32 by class, as the three that follow
    intercept: np.ndarray
    slope: np.ndarray
    offset: np.ndarray

    def probabilities(self, text: str, spans: Collection[Span] = ()) -> Optional[np.ndarray]:
        """One probability per class, summing to 1; None for a text in which no feature is known."""
        raised = self._raised(text, spans)
        return None if raised is None else softmax(raised)

    def ranking(self, text: str, length: int, spans: Collection[Span] = ()) -> List[Dict[str, Any]]:
        """The most probable classes in Rasa's format, best first; empty for a text in which no feature is known."""
        probabilities = self.probabilities(text, spans)
        if probabilities is None:
            return []
        best = (-probabilities).argsort(kind="stable")[:length]
        return [{"name": self.classes[i], "confidence": float(probabilities[i])} for i in best]

    def likelihoods(self, text: str) -> np.ndarray:
        """For labels that do not exclude one another: a probability for each on its own; 0 for an unknown text."""
        raised = self._raised(text)
        return np.zeros(len(self.classes)) if raised is None else sigmoid(raised)

    def _raised(self, text: str, spans: Collection[Span] = ()) -> Optional[np.ndarray]:
        numbers, weights = self.features.vector(text, spans)
        if not len(numbers):
            return None
        scores = (weights @ self.coef[numbers].astype(np.float32)) * self.step + self.intercept
        return scores * self.slope + self.offset

    def save(self, folder: Path, name: str) -> None:
        """Writes NAME.json and NAME.npz."""
        described = {"classes": self.classes, "shape": asdict(self.features.shape), "terms": self.features.terms}
        (folder / f"{name}.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / f"{name}.npz", idf=self.features.idf, coef=self.coef, step=self.step,
                            intercept=self.intercept, slope=self.slope, offset=self.offset)

    @classmethod
    def read(cls, folder: Path, name: str) -> "LinearModel":
        """Reads what save() wrote; raises FileNotFoundError when there is nothing."""
        described = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            features = NgramTfidf(Shape(**described["shape"]), described["terms"], arrays["idf"])
            names = ("coef", "step", "intercept", "slope", "offset")
            return cls(described["classes"], features, *(arrays[name] for name in names))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))


def fit(texts: Sequence[str], labels: Sequence[str], shape: Shape, cost: float, folds: int, prior: float,
        spans: Optional[Sequence[Collection[Span]]] = None) -> LinearModel:
    """One label per text. Slopes and offsets come from out-of-fold scores, held together by `prior`."""
    spans = spans if spans is not None else [()] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: (labels[i], texts[i]))  # the order of files must not matter
    texts, labels, spans = [texts[i] for i in order], [labels[i] for i in order], [spans[i] for i in order]
    classes = sorted(set(labels))
    targets = np.searchsorted(classes, labels)
    features = NgramTfidf.fit(texts, shape, spans)
    vectors = features.matrix(texts, spans)
    scores = out_of_fold(vectors, targets, len(classes), cost, folds)
    slope, offset = calibration(scores, targets, prior)
    coef, intercept = hyperplanes(vectors, targets, len(classes), cost)
    return stored(classes, features, coef, intercept, slope, offset)


def fit_labels(texts: Sequence[str], label_sets: Sequence[Collection[str]], shape: Shape, cost: float,
               folds: int) -> Tuple[LinearModel, np.ndarray]:
    """Any number of labels per text; also gives the out-of-fold likelihoods, one row per text."""
    classes = sorted({label for labels in label_sets for label in labels})
    features = NgramTfidf.fit(texts, shape)
    vectors = features.matrix(texts)
    scores = np.zeros((len(texts), len(classes)), dtype=np.float32)
    coef = np.zeros((len(features.terms), len(classes)), dtype=np.float32)
    intercept = np.zeros(len(classes), dtype=np.float32)
    truth = np.array([[label in labels for label in classes] for labels in label_sets], dtype=np.int64)
    for k in range(len(classes)):
        scores[:, k] = out_of_fold(vectors, truth[:, k], 2, cost, folds)[:, 1]
        planes, offsets = hyperplanes(vectors, truth[:, k], 2, cost)
        coef[:, k], intercept[k] = planes[:, 1], offsets[1]
    both = np.stack([np.zeros(scores.size), scores.ravel()], axis=1)  # yes or no is a choice between two
    slope, offset = calibration(both, truth.ravel(), 0.0)
    slope, offset = np.full(len(classes), slope[1]), np.full(len(classes), offset[1] - offset[0])
    model = stored(classes, features, coef, intercept, slope, offset)
    return model, sigmoid(scores * slope + offset)


def stored(classes: List[str], features: NgramTfidf, coef: np.ndarray, intercept: np.ndarray, slope: np.ndarray,
            offset: np.ndarray) -> LinearModel:
    """Weights in whole steps: the same before and after a restart, and small."""
    step = np.maximum(np.abs(coef).max(axis=0), 1e-6) / _LEVELS if len(coef) else np.ones_like(intercept)
    return LinearModel(classes, features, np.rint(coef / step).astype(np.int8), step.astype(np.float32), intercept,
                       slope.astype(np.float32), offset.astype(np.float32))


def out_of_fold(vectors: csr_matrix, targets: np.ndarray, n_classes: int, cost: float, folds: int) -> np.ndarray:
    """Scores of every text by a model that has not learnt from it; neighbours in sorted order go to other folds."""
    scores = np.full((len(targets), n_classes), _ABSENT, dtype=np.float32)
    fold_of = np.arange(len(targets)) % folds
    for fold in range(folds):
        seen, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        if len(seen) and len(held):
            coef, intercept = hyperplanes(vectors[seen], targets[seen], n_classes, cost)
            scores[held] = vectors[held] @ coef + intercept
    return scores


def hyperplanes(vectors: csr_matrix, targets: np.ndarray, n_classes: int,
                cost: float) -> Tuple[np.ndarray, np.ndarray]:
    """coef (features x classes) and intercept; a class without examples scores _ABSENT everywhere."""
    from sklearn.svm import LinearSVC  # training only

    coef = np.zeros((vectors.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, _ABSENT, dtype=np.float32)
    present = np.unique(targets)
    if len(present) == 1:
        intercept[present] = 1.0
        return coef, intercept
    svm = LinearSVC(C=cost, random_state=0).fit(vectors, targets)
    planes, offsets = svm.coef_, svm.intercept_
    if len(present) == 2:  # scikit-learn keeps one plane for two classes
        planes, offsets = np.vstack([-planes, planes]), np.concatenate([-offsets, offsets])
    coef[:, present] = planes.T
    intercept[present] = offsets
    return coef, intercept


def calibration(scores: np.ndarray, targets: np.ndarray, prior: float) -> Tuple[np.ndarray, np.ndarray]:
    """Slope and offset by class that make the right classes of out-of-fold scores most probable.

    One slope for all is found first; `prior` holds the classes to it, so that a rare class cannot run away.
    """
    n, k = scores.shape
    rows = np.arange(n)
    if k < 2:
        return np.ones(k, dtype=np.float32), np.zeros(k, dtype=np.float32)

    def common_loss(log_slope: float) -> float:
        return -float(np.log(softmax(np.exp(log_slope) * scores)[rows, targets] + 1e-12).mean())

    common = float(np.exp(minimize_scalar(common_loss, bounds=(-3.0, 4.0), method="bounded").x))
    scaled = common * scores.astype(np.float64)
    right = np.zeros((n, k))
    right[rows, targets] = 1.0

    def loss(x: np.ndarray) -> Tuple[float, np.ndarray]:
        p = softmax(scaled * (1 + x[:k]) + x[k:])
        gradient = np.concatenate([((p - right) * scaled).sum(axis=0), (p - right).sum(axis=0)])
        return -np.log(p[rows, targets] + 1e-12).sum() + prior * x @ x, gradient + 2 * prior * x

    best = minimize(loss, np.zeros(2 * k), jac=True, method="L-BFGS-B", options={"maxiter": 100}).x
    return (common * (1 + best[:k])).astype(np.float32), best[k:].astype(np.float32)
