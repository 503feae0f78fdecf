"""The intent of the benchmark, read as a whole and in its parts: music.PLAY is also `music` and `PLAY`.

With ten sentences per intent, the hundred of a domain and the hundreds of an action say more than the ten alone; the
three readings are multiplied. docs/adr/0006 has the figures.
"""

from pathlib import Path
from typing import Any, Collection, Dict, List, Sequence

import numpy as np

from assistant.nlu import linear
from assistant.nlu.features import Shape, Span

_DOT = "."
_UNLIKELY = 1e-9


class IntentReader:
    """Linear models of the production classifier: one of the whole names and, where they have a dot, one per part."""

    def __init__(self, models: Sequence[linear.LinearModel]) -> None:
        self._models = models
        self.classes = models[0].classes
        self._columns = [[model.classes.index(_named(name, part)) for name in self.classes] for part, model in enumerate(models)]

    def ranking(self, text: str, spans: Collection[Span], length: int) -> List[Dict[str, Any]]:
        """The most probable intents in Rasa's format, best first; empty for a text in which no feature is known."""
        readings = [model.probabilities(text, spans) for model in self._models]
        if any(reading is None for reading in readings):
            return []
        logs = [np.log(reading[columns] + _UNLIKELY) for reading, columns in zip(readings, self._columns)]
        probabilities = linear.softmax(np.mean(logs, axis=0))
        best = (-probabilities).argsort(kind="stable")[:length]
        return [{"name": self.classes[i], "confidence": float(probabilities[i])} for i in best]

    def save(self, folder: Path) -> None:
        """One pair of files per model."""
        for part, model in enumerate(self._models):
            model.save(folder, _file(part))

    @classmethod
    def read(cls, folder: Path) -> "IntentReader":
        """Reads what save() wrote; raises FileNotFoundError when there is nothing."""
        models = [linear.LinearModel.read(folder, _file(0))]
        while (folder / f"{_file(len(models))}.json").exists():
            models.append(linear.LinearModel.read(folder, _file(len(models))))
        return cls(models)


def train(texts: Sequence[str], intents: Sequence[str], spans: Sequence[Collection[Span]], shape: Shape, cost: float,
          folds: int, prior: float) -> IntentReader:
    """Parts are read only where every intent has as many; `spans` are such as taggers found that had not seen the text."""
    parts = {name.count(_DOT) + 1 for name in intents}
    n_parts = parts.pop() if len(parts) == 1 else 1
    models = [linear.fit(texts, [_named(name, part) for name in intents], shape, cost, folds, prior, spans)
              for part in range(n_parts + 1 if n_parts > 1 else 1)]
    return IntentReader(models)


def _named(intent: str, part: int) -> str:
    """0 is the whole name, 1 its first part, 2 its second."""
    return intent if part == 0 else intent.split(_DOT)[part - 1]


def _file(part: int) -> str:
    return f"intent-{part}"
