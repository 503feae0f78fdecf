"""A linear one-against-the-rest model with calibrated probabilities, stored without pickle."""

from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix

from assistant.nlu.features import NgramTfidf, Shape

_ABSENT = -10.0  # score of a class that a fold has no example of


@dataclass
class LinearModel:
    """Scores are features x coef + intercept; probabilities are softmax(slope x score)."""

    classes: List[str]
    features: NgramTfidf
    coef: np.ndarray  # float32, one row per feature, one column per class
    intercept: np.ndarray
    slope: float

    def probabilities(self, text: str) -> Optional[np.ndarray]:
        """One probability per class, summing to 1; None for a text in which no n-gram is known."""
        numbers, weights = self.features.vector(text)
        if not len(numbers):
            return None
        return softmax(self.slope * (weights @ self.coef[numbers] + self.intercept))

    def save(self, folder: Path) -> None:
        """Writes intent.json and intent.npz."""
        described = {"classes": self.classes, "slope": self.slope,
                     "shape": asdict(self.features.shape), "terms": self.features.terms}
        (folder / "intent.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "intent.npz", idf=self.features.idf,
                            coef=self.coef.astype(np.float16), intercept=self.intercept)

    @classmethod
    def read(cls, folder: Path) -> "LinearModel":
        """Reads what save() wrote; raises FileNotFoundError when there is nothing."""
        described = json.loads((folder / "intent.json").read_text(encoding="utf-8"))
        with np.load(folder / "intent.npz", allow_pickle=False) as arrays:
            features = NgramTfidf(Shape(**described["shape"]), described["terms"], arrays["idf"])
            return cls(described["classes"], features, arrays["coef"].astype(np.float32),
                       arrays["intercept"], described["slope"])


def softmax(scores: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def fit(texts: Sequence[str], labels: Sequence[str], shape: Shape, cost: float, folds: int) -> LinearModel:
    """Trains on all texts; the slope of the probabilities comes from out-of-fold scores."""
    order = sorted(range(len(texts)), key=lambda i: (labels[i], texts[i]))  # the order of files must not matter
    texts, labels = [texts[i] for i in order], [labels[i] for i in order]
    classes = sorted(set(labels))
    targets = np.asarray([classes.index(label) for label in labels])
    features = NgramTfidf.fit(texts, shape)
    vectors = features.matrix(texts)
    scores = _out_of_fold(vectors, targets, len(classes), cost, folds)
    coef, intercept = _hyperplanes(vectors, targets, len(classes), cost)
    rounded = coef.astype(np.float16).astype(np.float32)  # as it is stored: the same before and after a restart
    return LinearModel(classes, features, rounded, intercept, _slope(scores, targets))


def _out_of_fold(vectors: csr_matrix, targets: np.ndarray, n_classes: int, cost: float, folds: int) -> np.ndarray:
    """Scores of every text by a model that has not learnt from it; neighbours in sorted order go to other folds."""
    scores = np.zeros((len(targets), n_classes), dtype=np.float32)
    fold_of = np.arange(len(targets)) % folds
    for fold in range(folds):
        seen, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        if len(seen) and len(held):
            coef, intercept = _hyperplanes(vectors[seen], targets[seen], n_classes, cost)
            scores[held] = vectors[held] @ coef + intercept
    return scores


def _hyperplanes(vectors: csr_matrix, targets: np.ndarray, n_classes: int,
                 cost: float) -> Tuple[np.ndarray, np.ndarray]:
    """coef (features x classes) and intercept; a class without examples scores _ABSENT everywhere."""
    from sklearn.linear_model import LogisticRegression  # training only

    coef = np.zeros((vectors.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, _ABSENT, dtype=np.float32)
    present = np.unique(targets)
    if len(present) == 1:
        intercept[present] = 1.0
        return coef, intercept
    model = LogisticRegression(C=cost, solver="liblinear", dual=True, class_weight="balanced", multi_class="ovr",
                               max_iter=300, random_state=0).fit(vectors, targets)
    planes, offsets = model.coef_, model.intercept_
    if len(present) == 2:  # scikit-learn keeps one plane for two classes
        planes, offsets = np.vstack([-planes, planes]), np.concatenate([-offsets, offsets])
    coef[:, present] = planes.T
    intercept[present] = offsets
    return coef, intercept


def _slope(scores: np.ndarray, targets: np.ndarray) -> float:
    """The slope under which the out-of-fold probabilities of the right classes are highest."""
    if scores.shape[1] < 2:
        return 1.0

    def loss(log_slope: float) -> float:
        right = softmax(np.exp(log_slope) * scores)[np.arange(len(targets)), targets]
        return float(-np.log(right + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))
