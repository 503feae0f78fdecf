"""Dated decision tables and the three-valued decide(): decided, one fact to ask next, or not covered.

A table is complete and its rows never overlap (idcard.table_checks proves both when the knowledge is loaded), so
that at most one row holds for a full set of facts and no order of rows matters.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Mapping, Optional, Union

from idcard.facts import ASKED_INSTEAD, FactModel, Facts, Value

NOT_COVERED = "文件未规定"


@dataclass(frozen=True)
class Row:
    """One line of a table: if every fact of `when` has one of its allowed values, then `outcome`."""

    id: str
    when: Mapping[str, frozenset[Value]]  # fact -> allowed values, always given as the values that hold
    outcome: str
    reason: str
    cites: tuple[str, ...]
    start: Optional[date]  # first day
    end: Optional[date]  # first day on which it no longer holds
    national: str = ""  # the national figure where the city's document is silent
    bring: tuple[str, ...] = ()
    see: str = ""  # instead of an outcome: the policy that decides these cases
    line: int = 0

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def may_hold(self, facts: Facts) -> bool:
        """False when a known fact rules this row out; True when it holds or may still hold."""
        return all(facts.get(name) is None or facts[name] in allowed for name, allowed in self.when.items())

    def support(self, facts: Facts) -> int:
        """How many conditions the known facts establish."""
        return sum(facts.get(name) is not None for name in self.when)

    @property
    def result(self) -> tuple[str, str, str]:
        return self.outcome, self.national, self.see


@dataclass(frozen=True)
class Outcome:
    """What an outcome means for the citizen, in this table."""

    say: str
    next: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()  # further policies that are decided along with it
    cites: tuple[str, ...] = ()  # clauses behind `next`, beside those of the row


@dataclass(frozen=True)
class Table:
    policy: str  # stem of the file: reception, fee …
    topic: str
    city: str
    asks: tuple[str, ...]  # the order in which a clerk would ask
    rows: tuple[Row, ...]
    outcomes: Mapping[str, Outcome]
    file: str = ""
    inner: bool = False  # reached only through another table (see, adds), never by its topic

    @cached_property
    def separators(self) -> dict[tuple[int, int], frozenset[str]]:
        """For each pair of rows the facts on which they exclude each other."""
        found = {}
        for (i, one), (j, other) in combinations(enumerate(self.rows), 2):
            shared = one.when.keys() & other.when.keys()
            found[i, j] = frozenset(name for name in shared if one.when[name].isdisjoint(other.when[name]))
        return found


@dataclass(frozen=True)
class Decision:
    """A decided case. `used` are the known facts on which it rests."""

    policy: str
    topic: str
    city: str
    outcome: str
    reason: str
    cites: tuple[str, ...]
    as_of: date
    used: tuple[str, ...] = ()
    national: str = ""
    bring: tuple[str, ...] = ()
    row: str = ""


@dataclass(frozen=True)
class Ask:
    """Not yet decided: the one fact to ask next.

    `open` counts the facts that may still have to be asked, this one included; `ahead` is how many usually follow it.
    """

    policy: str
    topic: str
    city: str
    fact: str
    open: int
    ahead: int = 0


def decide(table: Table, facts: Facts, as_of: date, model: FactModel,
           tables: Optional[Mapping[tuple[str, str], Table]] = None) -> Union[Decision, Ask]:
    """Decide `table` for one citizen on the day `as_of`.

    `facts` maps fact names to values (absent or None: unknown); `tables` is needed where rows refer to another table.
    Raises ContradictionError when the facts cannot all hold, KeyError or ValueError on an unknown fact or value.
    """
    known = model.complete(facts)
    possible = [(i, row) for i, row in enumerate(table.rows) if row.holds_on(as_of) and row.may_hold(known)]
    if not possible:
        reason = f"{as_of.isoformat()} 这一天，没有查到{table.city}已经施行的规定"
        return Decision(table.policy, table.topic, table.city, NOT_COVERED, reason, (), as_of)
    inner = {see: decide((tables or {})[see, table.city], facts, as_of, model, tables)
             for see in {row.see for _, row in possible if row.see}}
    results = {i: _result(row, inner) for i, row in possible}
    if len(set(results.values())) > 1:
        return _ask(table, possible, results, known, tables or {})
    row = max((row for _, row in possible), key=lambda row: _support(row, inner, known))
    if row.see:
        other = inner[row.see]
        if isinstance(other, Decision):
            return replace(other, topic=table.topic, cites=other.cites + row.cites)
        return replace(other, topic=table.topic)
    used = tuple(name for name in row.when if known.get(name) is not None)
    return Decision(table.policy, table.topic, table.city, row.outcome, row.reason, row.cites, as_of, used,
                    row.national, row.bring, row.id)


def _result(row: Row, inner: Mapping[str, Union[Decision, Ask]]) -> tuple[str, str, str]:
    """What the row leads to, through the table it refers to where that is already decided."""
    found = inner.get(row.see)
    return (found.outcome, found.national, "") if isinstance(found, Decision) else row.result


def _support(row: Row, inner: Mapping[str, Union[Decision, Ask]], known: Facts) -> int:
    found = inner.get(row.see)
    return row.support(known) + (len(found.used) if isinstance(found, Decision) else 0)


def _ask(table: Table, possible: list[tuple[int, Row]], results: Mapping[int, tuple[str, str, str]], known: Facts,
         tables: Mapping[tuple[str, str], Table]) -> Ask:
    needed = _facts_that_decide(table, possible, results, known)
    asked = [name for name in table.asks if name in needed]
    if not asked:
        raise ValueError(f"{table.file}：表里没有说“{'、'.join(sorted(needed))}”该在什么时候问（asks）")
    return Ask(table.policy, table.topic, table.city, asked[0], len(asked), _ahead([row for _, row in possible], known, tables,
                                                                                   table.city))


def _ahead(possible: list[Row], known: Facts, tables: Mapping[tuple[str, str], Table], city: str) -> int:
    """How many more facts it usually takes: of all ways to a decision, the one of middle length."""
    ways = []
    for row in possible:
        inner = [other for other in tables[row.see, city].rows if other.may_hold(known)] if row.see else [None]
        ways += [len(_unknown({*row.when, *(other.when if other else ())}, known)) for other in inner]
    return max(0, sorted(ways)[len(ways) // 2] - 1)


def _unknown(names: set[str], known: Facts) -> set[str]:
    """What would have to be asked to know them."""
    return {plain for name in names if known.get(name) is None for plain in ASKED_INSTEAD.get(name, (name,))
            if known.get(plain) is None}


def _facts_that_decide(table: Table, possible: list[tuple[int, Row]], results: Mapping[int, tuple[str, str, str]],
                       known: Facts) -> set[str]:
    """The unknown facts of which one value leads to another outcome than another value, all else being equal."""
    alone: set[str] = set()
    together: set[str] = set()
    for (i, _), (j, _) in combinations(possible, 2):
        if results[i] != results[j]:
            unknown = {name for name in table.separators[i, j] if known.get(name) is None}
            together |= unknown
            if len(unknown) == 1:
                alone |= unknown
    return _unknown(alone or together, known)
