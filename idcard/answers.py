"""FAQ answers, per city and topic: a default, and variants for the sub-questions people really ask."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence


@dataclass(frozen=True)
class Answer:
    topic: str
    text: str
    cites: tuple[str, ...]
    said: tuple[str, ...] = ()  # words of which one must occur; () marks the default
    silent: bool = False  # the city's document does not say
    national: str = ""
    national_cites: tuple[str, ...] = ()
    line: int = 0

    @property
    def all_cites(self) -> tuple[str, ...]:
        return self.cites + self.national_cites


@dataclass(frozen=True)
class Topic:
    """A business intent in the citizen's words: `title` for a button, `words` that nearly surely mean it."""

    name: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class OutOfScope:
    kind: str
    words: tuple[str, ...]
    text: str
    urgent: bool = False  # comes before every other reading of the message


def choose(answers: Mapping[str, Sequence[Answer]], topic: str, text: str = "") -> Answer:
    """The answer to `topic` for normalised `text`: the first variant of which a word occurs, else the default."""
    variants = answers[topic]
    for answer in variants:
        if any(word in text for word in answer.said):
            return answer
    return next(answer for answer in variants if not answer.said)
