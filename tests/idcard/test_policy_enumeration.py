"""The policy tables against the clerk's independent reading, over every value of every fact and both sides of each date."""
from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache
from typing import Iterator

import pytest

from idcard.knowledge import Knowledge, load
from idcard.policy import Ask, Decision, Table, decide
from tests.clerk import DATES, TABLES, all_facts, clerk, national_fee
from tests.idcard.case_files import read_cases
from tests.idcard.enumeration import (by_answer, chosen_points, completions, every_point, matching, met, rows_in_force,
                                      tables_behind)

KEYS = sorted(TABLES)
MOST_QUESTIONS = 8
ONE_DAY = timedelta(days=1)


def _table(knowledge: Knowledge, key: tuple[str, str]) -> Table:
    return knowledge.tables[key]


def _name(key: tuple[str, str]) -> str:
    return "-".join(key)


def _result(table: Table, facts: dict, day: date) -> tuple[str, str]:
    """What the clerk says, with the national sum beside it."""
    national = national_fee(table.policy, table.city, facts, day) if table.policy == "fee" else None
    return clerk(table.policy, table.city, facts, day)[0], national or ""


def _decide(knowledge: Knowledge, table: Table, facts: dict, day: date) -> Decision | Ask:
    return decide(table, facts, day, knowledge.model, knowledge.tables)


@lru_cache(maxsize=None)
def _points(key: tuple[str, str]) -> list:
    knowledge = load()
    return list(chosen_points(knowledge, knowledge.tables[key]))


def test_the_clerk_knows_every_table_and_no_other(knowledge: Knowledge) -> None:
    reached = {(row.see, key[1]) for key, table in knowledge.tables.items() for row in table.rows if row.see}
    assert set(TABLES) == set(knowledge.tables) - (reached - set(TABLES))


@pytest.mark.parametrize("key", KEYS, ids=_name)
def test_the_table_agrees_with_the_clerk_in_every_case(key: tuple[str, str], knowledge: Knowledge) -> None:
    table, wrong = _table(knowledge, key), defaultdict(list)
    for point in _points(key):
        found = _decide(knowledge, table, point.facts, point.as_of)
        outcome, cites = clerk(*key, point.facts, point.as_of)
        got = (found.outcome, set(found.cites), found.national) if isinstance(found, Decision) else ("asks", found.fact)
        wanted = (outcome, set(cites), national_fee(*key, point.facts, point.as_of) or "")
        if got != wanted:
            wrong[str((got, wanted))].append(point)
    assert not wrong, "\n".join(f"{len(cases)} cases: table and clerk say {said}, e.g. {cases[0]}" for said, cases in wrong.items())


@pytest.mark.parametrize("key", KEYS, ids=_name)
def test_the_enumeration_leaves_no_value_of_any_row_out(key: tuple[str, str], knowledge: Knowledge) -> None:
    """The proof that what is decided stands for the whole: whatever meets a row there, meets it here too."""
    table = _table(knowledge, key)
    behind = tables_behind(knowledge, table)
    whole = met(behind, every_point(knowledge, table), knowledge.model)
    assert met(behind, _points(key), knowledge.model) == whole
    everywhere = defaultdict(set)
    for point in _points(key):
        everywhere[point.as_of].update(point.facts.items())
    values = {pair for facts in all_facts(*key) for pair in facts.items()}
    assert dict(everywhere) == dict.fromkeys(DATES, values), "a value is missing on some day"


@pytest.mark.parametrize("key", sorted(load().tables), ids=_name)
def test_both_sides_of_every_date_are_enumerated(key: tuple[str, str], knowledge: Knowledge) -> None:
    for row in _table(knowledge, key).rows:
        for day in filter(None, (row.start, row.end)):
            assert day in DATES and day - ONE_DAY in DATES, f"{row.id}: {day}"


def _decided_hand_cases(knowledge: Knowledge) -> Iterator[tuple[dict, date, Decision]]:
    for case in read_cases("policy"):
        day = date.fromisoformat(case["as_of"])
        if "outcome" in case["expect"]:
            found = _decide(knowledge, knowledge.tables[case["policy"], case["city"]], case["facts"], day)
            if isinstance(found, Decision):
                yield case, day, found


def test_every_row_is_hit_by_a_hand_case(knowledge: Knowledge) -> None:
    hit: set[tuple[str, str, str]] = set()
    for case, day, found in _decided_hand_cases(knowledge):
        facts, outer = knowledge.model.complete(case["facts"]), knowledge.tables[case["policy"], case["city"]]
        hit |= {(outer.policy, outer.city, row.id) for row in matching(outer, facts, day)}
        hit.add((found.policy, found.city, found.row))
    rows = {(table.policy, table.city, row.id) for table in knowledge.tables.values() for row in table.rows}
    assert rows <= hit, f"rows without a hand case: {sorted(rows - hit)}"


# The outcomes of vocabulary.md: the contract. A table may add its own, but none of these may be lost.
VOCABULARY = """可以异地受理 可以容缺受理 可以市内跨区办理 应回户籍地办理 应在户籍所在地办理 省份暂未开通 缺少居住凭证 应先登记流动人口 次日再来办理
不予异地受理 文件未规定 可以当场领临时身份证 应在户籍地申请临时身份证 不能办临时身份证 可出具临时身份证明 跨省 省内跨地市 市内跨县区 县区内跨所
不需要 受理后办理""".split()


def test_every_outcome_of_the_vocabulary_is_reached_by_a_decision(knowledge: Knowledge) -> None:
    reached = {found.outcome for _, _, found in _decided_hand_cases(knowledge)}
    assert set(VOCABULARY) <= reached, set(VOCABULARY) - reached


def _partials(key: tuple[str, str], count: int) -> list[tuple[dict, dict, date]]:
    """(known facts, the whole truth, day): random parts of random cases, the same in every run."""
    chance, cases = random.Random(f"{key} 2026"), _points(key)
    found = []
    for _ in range(count):
        point = chance.choice(cases)
        share = chance.random()
        found.append(({name: value for name, value in point.facts.items() if chance.random() < share},
                      point.facts, chance.choice(DATES[1:])))
    return found


@pytest.mark.parametrize("key", KEYS, ids=_name)
def test_a_decision_on_partial_facts_holds_for_whatever_else_is_true(key: tuple[str, str], knowledge: Knowledge) -> None:
    table = _table(knowledge, key)
    for partial, _, day in _partials(key, 60):
        found = _decide(knowledge, table, partial, day)
        if isinstance(found, Decision):
            results = {_result(table, facts, day) for facts in completions(table, partial)}
            assert results == {(found.outcome, found.national)}, f"{partial} on {day}: decided {found.outcome}, may be {results}"


@pytest.mark.parametrize("key", KEYS, ids=_name)
def test_a_question_is_asked_only_if_its_answer_can_change_the_outcome(key: tuple[str, str], knowledge: Knowledge) -> None:
    table = _table(knowledge, key)
    for partial, _, day in _partials(key, 60):
        found = _decide(knowledge, table, partial, day)
        if not isinstance(found, Ask):
            continue
        assert found.fact not in knowledge.model.complete(partial), f"{partial}: asks {found.fact}, which is known"
        assert any(len({_result(table, facts, day) for facts in cases}) > 1
                   for cases in by_answer(table, partial, found.fact)), f"{partial} on {day}: {found.fact} changes nothing"


@pytest.mark.parametrize("key", KEYS, ids=_name)
def test_answering_the_questions_ends_in_the_right_outcome(key: tuple[str, str], knowledge: Knowledge) -> None:
    table = _table(knowledge, key)
    for partial, truth, day in _partials(key, 40):
        known, asked = dict(partial), []
        found = _decide(knowledge, table, known, day)
        while isinstance(found, Ask):
            asked.append(found.fact)
            assert len(asked) <= min(found.open + len(asked), MOST_QUESTIONS) and len(asked) == len(set(asked)), asked
            known[found.fact] = truth.get(found.fact, knowledge.model.complete(truth).get(found.fact))
            found = _decide(knowledge, table, known, day)
        assert (found.outcome, found.national) == _result(table, truth, day), f"{truth} on {day}: asked {asked}"


def test_before_the_document_nothing_is_in_force(knowledge: Knowledge) -> None:
    for key, (_, first_day) in TABLES.items():
        day_before = first_day - ONE_DAY
        assert not rows_in_force(knowledge, knowledge.tables[key], day_before), key
        found = _decide(knowledge, knowledge.tables[key], {}, day_before)
        assert (found.outcome, found.cites, found.national) == ("文件未规定", (), ""), key
