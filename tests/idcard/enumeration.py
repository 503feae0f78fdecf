"""Which complete sets of facts are decided on which day, so that every value meets every row in a second or two.

Everything runs through decide() on the days on which the rows in force change; on the other days, and for provinces
that the documents treat alike, a slice that still holds every value. test_policy_enumeration proves that it does.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Iterable, Iterator

from idcard.facts import FactModel
from idcard.knowledge import Knowledge
from idcard.policy import Row, Table
from tests.clerk import DATES, all_facts, dimensions

SMALL, LARGE = 300, 1200  # tables with so few combinations are enumerated on every day; on the first day of each period
SLICES = (61, 17, 7)  # else every 61st, 17th or 7th combination: primes, so that a slice wanders through all values
# One household for each way in which the city's document speaks of one; others are alike. 河南 was on the list, 新疆 not.
REPRESENTATIVES = {"武汉": {"武汉", "恩施", "甘孜", "成都", "信阳", "乌鲁木齐"}, "济宁": {"济宁", "青岛", "信阳"}}


@dataclass(frozen=True)
class Point:
    """One complete case on one day."""

    facts: dict
    as_of: date


def tables_behind(knowledge: Knowledge, table: Table) -> list[Table]:
    """The table and those it refers to."""
    inner = {row.see for row in table.rows if row.see}
    return [table, *(knowledge.tables[policy, table.city] for policy in sorted(inner))]


def rows_in_force(knowledge: Knowledge, table: Table, day: date) -> tuple[tuple[str, str], ...]:
    return tuple((one.policy, row.id) for one in tables_behind(knowledge, table) for row in one.rows if in_force(row, day))


def in_force(row: Row, day: date) -> bool:
    return (row.start or date.min) <= day < (row.end or date.max)


def every_point(knowledge: Knowledge, table: Table) -> Iterator[Point]:
    """The whole enumeration, on one day of each period: too much to decide one by one."""
    everything = list(all_facts(table.policy, table.city))
    days = {rows_in_force(knowledge, table, day): day for day in DATES}
    return (Point(facts, day) for day in days.values() for facts in everything)


def chosen_points(knowledge: Knowledge, table: Table) -> Iterator[Point]:
    """What is decided of it."""
    everything, seen = list(all_facts(table.policy, table.city)), set()
    step = next((prime for prime in SLICES if len(everything) >= 60 * prime), 1)
    for number, day in enumerate(DATES):
        force = rows_in_force(knowledge, table, day)
        first, whole = force not in seen, len(everything) <= (SMALL if force in seen else LARGE)
        seen.add(force)
        for index, facts in enumerate(everything):
            if whole or (first and _representative(table, facts)) or (index + number) % step == 0:
                yield Point(facts, day)


def _representative(table: Table, part: dict) -> bool:
    return part.get("户籍城市", table.city) in REPRESENTATIVES[table.city]


def met(tables: Iterable[Table], points: Iterable[Point], model: FactModel) -> set[tuple]:
    """(policy, row, fact, value) for every row that holds at some point and every fact of its condition."""
    names = [(table, sorted({name for row in table.rows for name in row.when})) for table in tables]
    found, seen = set(), set()
    for point in points:
        facts = model.complete(point.facts) if "所在区县" in point.facts else point.facts
        for table, relevant in names:
            case = (table.policy, point.as_of, *map(facts.get, relevant))
            if case not in seen:
                seen.add(case)
                found |= {(table.policy, row.id, name, facts[name]) for row in matching(table, facts, point.as_of)
                          for name in row.when}
    return found


def matching(table: Table, facts: dict, day: date) -> list[Row]:
    """Rows that hold, told without decide()."""
    return [row for row in table.rows if in_force(row, day)
            and all(facts.get(name) in allowed for name, allowed in row.when.items())]


def completions(table: Table, partial: dict) -> Iterator[dict]:
    """Complete cases that agree with `partial`: all values, of the households the representatives."""
    for parts in product(*_fitting(table, partial)):
        yield {fact: value for part in parts for fact, value in part.items()}


def by_answer(table: Table, partial: dict, fact: str) -> Iterator[list[dict]]:
    """Lists of complete cases that differ only in `fact` and what varies with it (province and prefecture)."""
    fitting = _fitting(table, partial)
    own = next(index for index, parts in enumerate(fitting) if any(fact in part for part in parts))
    answers = fitting.pop(own)
    for rest in product(*fitting):
        same = {name: value for part in rest for name, value in part.items()}
        yield [{**same, **answer} for answer in answers]


def _fitting(table: Table, partial: dict) -> list[list[dict]]:
    fitting = []
    for dimension in dimensions(table.policy, table.city):
        given = {fact: value for fact, value in partial.items() if any(fact in part for part in dimension)}
        parts = [part for part in dimension if all(part.get(fact) == value for fact, value in given.items())]
        fitting.append([part for part in parts if _representative(table, part)] or parts)
    return fitting
