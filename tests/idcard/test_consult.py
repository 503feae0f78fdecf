"""A whole consultation: the table of the topic, what is decided along with it, what to bring and what it costs."""
from __future__ import annotations

import random
from datetime import date

import pytest

from idcard.consult import Consultation, consult
from idcard.facts import ContradictionError
from idcard.knowledge import Knowledge
from idcard.policy import Ask
from tests.clerk import all_facts, clerk

TODAY = date(2026, 11, 21)
NEEDS_A_PAPER = ("可以异地受理", "可以容缺受理", "次日再来办理", "应先登记流动人口")


def ask_through(knowledge: Knowledge, topic: str, city: str, truth: dict, known: dict) -> Consultation:
    """Answer every question with the truth."""
    found = consult(knowledge, topic, city, known, TODAY)
    for _ in range(12):
        if isinstance(found, Consultation):
            return found
        assert found.topic == topic and found.fact not in known
        known = {**known, found.fact: knowledge.model.complete(truth)[found.fact]}
        found = consult(knowledge, topic, city, known, TODAY)
    raise AssertionError("asks on and on")


@pytest.mark.parametrize("city, known", [
    ("武汉", {"办理类型": "补领", "户籍省份": "河南", "不予受理情形": "无", "是否有居住证": True}),
    ("武汉", {"办理类型": "补领", "户籍省份": "河南", "不予受理情形": "无", "居住凭证": "学生证"}),
    ("武汉", {"办理类型": "换领", "户籍省份": "湖南", "不予受理情形": "无", "居住凭证": "居住证明",
              "是否登记流动人口": True, "是否当天登记": False}),
])
def test_what_was_never_asked_does_not_hide_what_to_bring(city: str, known: dict, knowledge: Knowledge) -> None:
    found = consult(knowledge, "能否异地办理", city, known, TODAY)
    assert isinstance(found, Consultation) and found.papers and found.papers.bring


@pytest.mark.parametrize("city", ["武汉", "济宁"])
def test_whoever_may_come_is_told_what_to_bring(city: str, knowledge: Knowledge) -> None:
    chance = random.Random(7)
    for truth in chance.sample(list(all_facts("reception", city)), 120):
        where = {"户籍区县": "邹城市", "所在区县": "曲阜市"} if city == "济宁" and truth["户籍城市"] == "济宁" else {}
        truth = {**truth, **where}
        found = ask_through(knowledge, "能否异地办理", city, truth, {})
        assert found.decision.outcome == clerk("reception", city, truth, TODAY)[0]
        assert bool(found.papers and found.papers.bring) == (found.decision.outcome in NEEDS_A_PAPER), truth


def test_jining_says_the_class_and_the_residence_registration_with_the_decision(knowledge: Knowledge) -> None:
    known = {"办理类型": "换领", "不予受理情形": "无", "有效身份证件": "户口簿", "户籍区县": "邹城市", "所在区县": "曲阜市"}
    found = consult(knowledge, "能否异地办理", "济宁", known, TODAY)
    assert isinstance(found, Consultation) and found.accepted
    assert {topic: extra.outcome for topic, extra in found.carried.items()} == {"受理分类": "市内跨县区", "居住登记": "受理后办理"}
    assert {"济宁2020/一", "济宁2020/三/一/1", "济宁2020/二", "济宁2020/四"} <= set(found.cites)


def test_a_question_along_the_way_belongs_to_the_topic_that_was_asked(knowledge: Knowledge) -> None:
    known = {"办理类型": "换领", "不予受理情形": "无", "有效身份证件": "户口簿"}
    found = consult(knowledge, "能否异地办理", "济宁", known, TODAY)
    assert isinstance(found, Ask) and (found.topic, found.fact) == ("能否异地办理", "户籍省份")


@pytest.mark.parametrize("city, known, asks", [
    ("武汉", {}, "办理类型"), ("武汉", {"办理类型": "换领"}, "户籍省份"), ("武汉", {"办理类型": "换领", "户籍城市": "武汉"}, "是否急需用证"),
    ("武汉", {"办理类型": "换领", "户籍省份": "河南"}, "不予受理情形"), ("济宁", {"办理类型": "换领"}, "不予受理情形"),
])
def test_changing_the_district_is_a_question_of_local_people(city: str, known: dict, asks: str, knowledge: Knowledge) -> None:
    found = consult(knowledge, "市内跨区办理", city, known, TODAY)
    assert isinstance(found, Ask) and (found.topic, found.fact) == ("市内跨区办理", asks)


def test_the_fee_comes_along_where_it_is_known(knowledge: Knowledge) -> None:
    known = {"不予受理情形": "无", "有效身份证件": "驾驶证", "户籍省份": "河南", "办理原因": "有效期满"}
    found = consult(knowledge, "能否异地办理", "济宁", known, TODAY)
    assert isinstance(found, Consultation) and [(reason, fee.outcome) for reason, fee in found.fees] == [("", "20元")]


def test_the_fee_of_each_reason_comes_along_where_the_reason_is_not_told(knowledge: Knowledge) -> None:
    known = {"不予受理情形": "无", "有效身份证件": "驾驶证", "户籍省份": "河南", "办理类型": "换领"}
    found = consult(knowledge, "能否异地办理", "济宁", known, TODAY)
    assert isinstance(found, Consultation)
    assert [(reason, fee.outcome) for reason, fee in found.fees] == [("有效期满", "20元"), ("损坏", "40元")]


def test_a_county_that_the_citizen_cannot_tell_leaves_out_only_what_is_carried_along(knowledge: Knowledge) -> None:
    known = {"办理类型": "换领", "不予受理情形": "无", "有效身份证件": "户口簿", "户籍城市": "济宁", "户籍区县": "邹城市"}
    assert isinstance(consult(knowledge, "能否异地办理", "济宁", known, TODAY), Ask)
    found = consult(knowledge, "能否异地办理", "济宁", known, TODAY, left_open=("所在区县",))
    assert isinstance(found, Consultation) and found.accepted and not found.carried


def test_a_topic_without_a_table_and_facts_that_contradict_are_refused(knowledge: Knowledge) -> None:
    with pytest.raises(KeyError):
        consult(knowledge, "投诉", "武汉", {}, TODAY)
    with pytest.raises(ContradictionError):
        consult(knowledge, "能否异地办理", "武汉", {"户籍省份": "河南", "户籍城市": "甘孜"}, TODAY)
