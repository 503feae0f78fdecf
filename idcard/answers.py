"""FAQ answers, per city and topic: a default, and variants for the sub-questions people really ask."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Mapping, Optional, Sequence

from idcard import phrasing


@dataclass(frozen=True)
class Answer:
    topic: str
    text: str
    cites: tuple[str, ...]
    said: tuple[str, ...] = ()  # words of which one must occur; () marks the default
    silent: bool = False  # the city's document does not say
    national: str = ""
    national_cites: tuple[str, ...] = ()
    start: Optional[date] = None  # first day
    end: Optional[date] = None  # first day on which it no longer holds
    line: int = 0

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

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
class Phrase:
    """What the assistant says beside the rules: a greeting, not understood. A button sends its own title."""

    text: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutOfScope:
    kind: str
    words: tuple[str, ...]
    text: str
    urgent: bool = False  # comes before every other reading of the message


def choose(answers: Mapping[str, Sequence[Answer]], topic: str, text: str, as_of: date) -> Answer:
    """The answer to `topic` for normalised `text` on the day `as_of`: the first variant of which a word is meant (not denied,
    not somebody else's), else the default. Raises LookupError where no default holds on that day."""
    variants = [answer for answer in answers[topic] if answer.holds_on(as_of)]
    for answer in variants:
        if any(phrasing.means(text, word) for word in answer.said):
            return answer
    default = next((answer for answer in variants if not answer.said), None)
    if default is None:
        raise LookupError(f"{topic}：{as_of.isoformat()} 这一天没有答复")
    return default
