"""The usual baseline without a neural net: TF-IDF of character 1-4-grams with a linear SVM, and a character CRF."""

from pathlib import Path
from typing import Callable, Dict, List, Sequence, Tuple

from joblib import dump
import pycrfsuite
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from bench.nlu_data import Row, Seconds, Span, timed

_CRF = "tagger.crfsuite"


def train(rows: Sequence[Row], system: str, seed: int, folder: Path) -> Tuple[Callable[[str], Row], Seconds, int]:
    """A parser, the time of training, and the bytes of both models; `system` and `seed` change nothing."""
    classifier, seconds = timed(lambda: _train(rows, folder))
    dump(classifier, folder / "svm.joblib", compress=3)  # only to weigh it
    tagger = pycrfsuite.Tagger()
    tagger.open(str(folder / _CRF))

    def parse(text: str) -> Row:
        return Row(text, classifier.predict([text])[0], _spans(tagger.tag(_attributes(text))))

    return parse, seconds, sum((folder / name).stat().st_size for name in (_CRF, "svm.joblib"))


def _train(rows: Sequence[Row], folder: Path) -> Pipeline:
    classifier = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True), LinearSVC(random_state=0))
    classifier.fit([row.text for row in rows], [row.label for row in rows])
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params={"c1": 0.1, "c2": 0.1, "max_iterations": 100}, verbose=False)
    for row in rows:
        trainer.append(_attributes(row.text), _tags(row))
    trainer.train(str(folder / _CRF))
    return classifier


def _attributes(text: str) -> List[Dict[str, str]]:
    """Characters and character pairs in a window of two."""
    c = "\x02\x01" + text + "\x03\x04"
    return [{"0": c[i + 2], "-1": c[i + 1], "+1": c[i + 3], "-2": c[i], "+2": c[i + 4], "-10": c[i + 1 : i + 3],
             "+01": c[i + 2 : i + 4], "-11": c[i + 1] + c[i + 3]} for i in range(len(text))]


def _tags(row: Row) -> List[str]:
    tags = ["O"] * len(row.text)
    for start, end, kind in row.spans:
        tags[start:end] = ["B-" + kind] + ["I-" + kind] * (end - start - 1)
    return tags


def _spans(tags: Sequence[str]) -> frozenset:
    found: List[Span] = []
    for i, tag in enumerate(tags):
        if tag == "O":
            continue
        last = found[-1] if found else None
        if tag.startswith("I-") and last and last[1] == i and last[2] == tag[2:]:
            found[-1] = (last[0], i + 1, last[2])
        else:
            found.append((i, i + 1, tag[2:]))
    return frozenset(found)
