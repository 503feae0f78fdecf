"""Facts about one citizen: their definitions (knowledge/facts.yml), what one fact implies about another, contradictions.

A fact has a Chinese name (docs, tables, console) and a Latin slot id (Rasa). A set of facts is a plain dict
{name: value}; an absent name or None means "not yet known". Values are str or bool.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, Union

Value = Union[str, bool]
Facts = Mapping[str, Optional[Value]]
MOST_SHOWN = 40  # values that a message lists


class ContradictionError(ValueError):
    """Two facts cannot both hold; `first` and `second` are (name, value)."""

    def __init__(self, first: tuple[str, Value], second: tuple[str, Value]):
        super().__init__(f"“{first[0]}是{say(first[1])}”和“{second[0]}是{say(second[1])}”不能同时成立")
        self.first, self.second = first, second


@dataclass(frozen=True)
class Button:
    title: str
    value: Value


@dataclass(frozen=True)
class Fact:
    """One definition of knowledge/facts.yml."""

    name: str
    slot: str
    kind: str  # choice | boolean | region
    values: tuple[Value, ...]  # () for a region: any name of the gazetteer of that level
    question: str
    buttons: tuple[Button, ...]
    why: str  # why a clerk asks it
    unsure: str  # explains the question to somebody who does not understand it, and how to find out
    implies: Mapping[Value, Mapping[str, Value]] = field(default_factory=dict)
    told: str = "{}"  # a known value as words: 户口在{}
    if_unknown: Optional[Value] = None  # what is supposed for somebody who cannot find out; None: it has to be known


@dataclass(frozen=True)
class FactModel:
    """All definitions, and the rules by which facts follow from facts."""

    facts: Mapping[str, Fact]
    parents: Mapping[str, tuple[str, Callable[[str], Optional[str]]]]  # child fact -> (parent fact, parent value of)
    same_area: Callable[[str, str], Optional[bool]]  # two districts or counties -> one area? None: cannot tell

    def by_slot(self, slot: str) -> Fact:
        """The fact kept in Rasa slot `slot`; StopIteration if none."""
        return next(fact for fact in self.facts.values() if fact.slot == slot)

    def complete(self, known: Facts) -> dict[str, Value]:
        """`known` with everything that follows from it. Raises ContradictionError, KeyError on an unknown fact."""
        facts = {name: value for name, value in known.items() if value is not None}
        for name, value in facts.items():
            self.check(name, value)
        pending = list(facts)
        while pending:
            name = pending.pop(0)
            for other, value in self._consequences(name, facts[name]).items():
                if facts.setdefault(other, value) != value:
                    raise ContradictionError((name, facts[name]), (other, facts[other]))
                if other not in known and other not in pending:
                    pending.append(other)
        same = self._same_county(facts)
        if same is not None:
            facts[SAME_COUNTY] = same
        return facts

    def check(self, name: str, value: Value) -> None:
        """Raise KeyError for an unknown fact, ValueError for a value it cannot have."""
        if name == SAME_COUNTY:
            return
        fact = self.facts[name]
        if fact.values and value not in fact.values:
            raise ValueError(f"“{name}”不能是“{say(value)}”，可以是：{'、'.join(say(one) for one in fact.values[:MOST_SHOWN])}"
                             f"{' 等' if len(fact.values) > MOST_SHOWN else ''}")

    def settable(self, known: Facts, name: str, value: Value) -> dict[str, Value]:
        """`known` after the citizen has said that `name` is `value`: what contradicts it is dropped, last word wins."""
        kept = {other: old for other, old in known.items() if old is not None and other != name}
        for other in list(kept):
            try:
                self.complete({name: value, other: kept[other]})
            except ContradictionError:
                del kept[other]
        return {**kept, name: value}

    def told(self, known: Facts, news: Facts) -> dict[str, Value]:
        """`known` after the citizen has said all of `news`, in their order."""
        facts = dict(known)
        for name, value in news.items():
            facts = self.settable(facts, name, value)
        return facts

    def _consequences(self, name: str, value: Value) -> dict[str, Value]:
        fact = self.facts.get(name)
        found = dict(fact.implies.get(value, {})) if fact else {}
        if name in self.parents and isinstance(value, str):
            parent, parent_of = self.parents[name]
            above = parent_of(value)
            if above is not None:
                found[parent] = above
        return found

    def _same_county(self, facts: Facts) -> Optional[bool]:
        home, here = facts.get("户籍区县"), facts.get("所在区县")
        return self.same_area(home, here) if isinstance(home, str) and isinstance(here, str) else None


# Derived, never asked by itself: whether the county of registration and the one of residence count as one.
SAME_COUNTY = "是否同一县区"
ASKED_INSTEAD = {SAME_COUNTY: ("户籍区县", "所在区县")}


def say(value: Value) -> str:
    """A value as words for a person."""
    return ("是" if value else "否") if isinstance(value, bool) else value
