"""FAQ answers, per city and topic: a default, and variants for the sub-questions people really ask."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Mapping, Optional, Sequence

from idcard import phrasing
from idcard.facts import Facts, Value

_WHETHER = re.compile(r"(?P<asked>[要用能会行给得可是有])[不没](?P=asked)")


@dataclass(frozen=True)
class Answer:
    """One variant. `said`, `also`, `other_than` and `when` are its conditions: all that are given must hold; none: the default."""

    topic: str
    text: str
    cites: tuple[str, ...]
    said: tuple[str, ...] = ()  # words of which one must occur
    also: tuple[str, ...] = ()  # and one of these
    other_than: tuple[str, ...] = ()  # asked whether a paper will do that is none of these
    when: Mapping[str, frozenset[Value]] = field(default_factory=dict, hash=False)  # fact -> values of which one must be known
    closes: bool = False  # whole as it is: no question about the citizen's own case follows
    silent: bool = False  # the city's document does not say
    national: str = ""
    national_cites: tuple[str, ...] = ()
    start: Optional[date] = None  # first day
    end: Optional[date] = None  # first day on which it no longer holds
    line: int = 0

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def fits(self, text: str, papers: Sequence[str], facts: Facts) -> bool:
        """Whether the conditions hold for normalised `text`, the `papers` it asks about and the known `facts`."""
        told = (text, _plainly(text))
        meant = all(any(phrasing.means(one, word) for word in words for one in told) for words in (self.said, self.also) if words)
        other = not self.other_than or any(paper not in self.other_than for paper in papers)
        return meant and other and all(facts.get(name) in allowed for name, allowed in self.when.items())

    @property
    def special(self) -> bool:
        """Whether it answers a question of its own, more than the topic."""
        return bool(self.said or self.other_than)

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


def _plainly(text: str) -> str:
    """要预约 of 要不要预约, 有回执 of 有没有回执: to ask whether is not to deny."""
    return _WHETHER.sub(r"\g<asked>", text)


def choose(answers: Sequence[Answer], text: str, papers: Sequence[str], facts: Facts, as_of: date) -> Optional[Answer]:
    """Of the answers to one topic that for normalised `text` on the day `as_of`: the first special one whose conditions hold
    (a word counts where it is meant: not denied, not somebody else's), else the one for what is known, else the default.
    None where none holds on that day."""
    fitting = [answer for answer in answers if answer.holds_on(as_of) and answer.fits(text, papers, facts)]
    return min(fitting, key=lambda answer: (not answer.special, not answer.when), default=None)
