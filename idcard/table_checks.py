"""Proves that a decision table is complete and unambiguous: no two rows for one case, no case without a row.

Works on boxes: a box gives each fact a set of values. Rows are boxes; what is left of the whole space after taking
every row away is a gap. Boxes that no citizen can fill (户籍城市 成都 with 户籍省份 河南) do not count.
"""
from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Iterator, Mapping, Optional

from idcard.facts import SAME_COUNTY, FactModel, Value, say
from idcard.policy import Row, Table
from idcard.yaml_lines import KnowledgeError

Box = dict[str, frozenset[Value]]


def check_table(table: Table, model: FactModel) -> None:
    """Raise KnowledgeError for overlapping rows, a gap, an unreachable row or a fact that is never asked."""
    domains = {name: _domain(name, table, model) for row in table.rows for name in row.when}
    _check_overlaps(table, model)
    _check_asks(table, domains)
    for row in table.rows:
        if not _possible(row.when, model):
            raise KnowledgeError(table.file, row.line, f"“{row.id}”这一行永远用不上：它的条件不可能同时成立",
                                 "改正条件，或者删掉这一行")
    for day in _first_days(table):
        _check_gap(table, day, domains, model)


def _check_overlaps(table: Table, model: FactModel) -> None:
    for one, other in combinations(table.rows, 2):
        shared = {name: one.when.get(name, other.when.get(name, frozenset())) & other.when.get(name, one.when.get(name))
                  for name in one.when.keys() | other.when.keys()}
        if all(shared.values()) and _days_meet(one, other) and _possible(shared, model):
            case = _describe(shared)
            raise KnowledgeError(table.file, other.line, f"“{other.id}”和第 {one.line} 行的“{one.id}”会同时成立（{case}）",
                                 "给其中一行加上条件或日期，让每种情况只对应一行")


def _check_asks(table: Table, domains: Mapping[str, frozenset[Value]]) -> None:
    needed = {plain for name in domains for plain in (("户籍区县", "所在区县") if name == SAME_COUNTY else (name,))}
    missing = sorted(needed - set(table.asks))
    if missing:
        raise KnowledgeError(table.file, table.rows[0].line if table.rows else None,
                             f"{table.city}这张表用到了“{'、'.join(missing)}”，但 asks 里没有", "把它写进 asks，放在窗口民警会问的位置")


def _check_gap(table: Table, day: Optional[date], domains: Mapping[str, frozenset[Value]], model: FactModel) -> None:
    rows = [row for row in table.rows if day is None or row.holds_on(day)]
    left: list[Box] = [dict(domains)]
    for row in rows:
        left = [piece for box in left for piece in _subtract(box, row)]
    narrowed = [{name: values for name, values in box.items() if values != domains[name]} for box in left]
    gap = next((box for box in narrowed if _possible(box, model)), None)
    if gap is not None and rows:
        raise KnowledgeError(table.file, rows[0].line, f"{table.city}这张表有漏洞：{day or '任何日期'} {_describe(gap)} 时没有一行适用",
                             "为这种情况补一行；文件没有写的，结果写“文件未规定”")


def _subtract(box: Box, row: Row) -> Iterator[Box]:
    """The parts of `box` that lie outside `row`."""
    if any(box[name].isdisjoint(allowed) for name, allowed in row.when.items()):
        yield box
        return
    inside = dict(box)
    for name, allowed in row.when.items():
        outside = inside[name] - allowed
        if outside:
            yield {**inside, name: outside}
        inside[name] = inside[name] & allowed


def _possible(box: Mapping[str, frozenset[Value]], model: FactModel) -> bool:
    """Whether some citizen fills `box`: implied facts (city -> province, reason -> type) must fit each other.

    A fact that `box` leaves out is free, and need not apply at all (a first card has no 办理原因).
    """
    for name, values in box.items():
        if name in model.parents and model.parents[name][0] in box:
            parent, parent_of = model.parents[name]
            above = {parent_of(value) for value in values if isinstance(value, str)}
            if above.isdisjoint(box[parent]) and None not in above:
                return False
        fact = model.facts.get(name)
        if fact and fact.implies and not any(_implied_fits(fact.implies.get(value, {}), box) for value in values):
            return False
    return True


def _implied_fits(implied: Mapping[str, Value], box: Mapping[str, frozenset[Value]]) -> bool:
    return all(value in box.get(name, (value,)) for name, value in implied.items())


def _domain(name: str, table: Table, model: FactModel) -> frozenset[Value]:
    if name == SAME_COUNTY:
        return frozenset((True, False))
    if model.facts[name].values:
        return frozenset(model.facts[name].values)
    raise KnowledgeError(table.file, None, f"“{name}”没有固定的取值，不能直接用在表里", f"用“{SAME_COUNTY}”来比较区县")


def _days_meet(one: Row, other: Row) -> bool:
    starts = max(one.start or date.min, other.start or date.min)
    return starts < min(one.end or date.max, other.end or date.max)


def _first_days(table: Table) -> list[Optional[date]]:
    """One day of every period in which the set of rows in force stays the same."""
    days = sorted({day for row in table.rows for day in (row.start, row.end) if day})
    return days or [None]


def _describe(box: Mapping[str, frozenset[Value]]) -> str:
    return "，".join(f"{name}是{say(sorted(values, key=str)[0])}" for name, values in sorted(box.items()))
