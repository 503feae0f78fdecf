"""The FAQ answers: which variant a question gets, by its words, its papers and what is known; and how long a reply may be."""
from __future__ import annotations

from datetime import date
from typing import Iterator

import pytest

from idcard import replies
from idcard.answers import Answer
from idcard.knowledge import Knowledge
from idcard.papers import papers_offered
from idcard.text import normalise
from tests.conversations.reply_checks import LONGEST
from tests.idcard.case_files import check_keys, read_cases

TODAY = date(2026, 11, 21)
EXPECTED = {"silent", "closes", "cites", "not_said"}


def _asked() -> Iterator:
    for case in read_cases("answers"):
        check_keys(case, {"city", "topics", "texts", "facts"}, EXPECTED)
        for topic in case["topics"]:
            for text in case["texts"]:
                yield pytest.param(case, topic, text, id=f"{case['name']}-{topic}-{text}")


def _wrong(expect: dict, found: Answer) -> Iterator[str]:
    """What is not as the case says, as sentences."""
    for flag in ("silent", "closes"):
        if expect.get(flag, getattr(found, flag)) != getattr(found, flag):
            yield f"{flag} is {getattr(found, flag)}"
    if "cites" in expect and not set(expect["cites"]) <= set(found.all_cites) or expect.get("cites") == [] != list(found.all_cites):
        yield f"cites {found.all_cites}"
    yield from (f"says {word}" for word in expect.get("not_said", ()) if word in found.text)


@pytest.mark.parametrize("case, topic, text", _asked())
def test_the_question_gets_its_answer(case: dict, topic: str, text: str, knowledge: Knowledge) -> None:
    found = knowledge.answer(case["city"], topic, normalise(text), TODAY, case.get("facts", {}))
    assert list(_wrong(case["expect"], found)) == [], found.text


@pytest.mark.parametrize("text, papers", [
    ("驾照行吗", ["驾驶证"]), ("拿房产证去补办可以不", ["居住证明"]), ("校园卡可不可以", ["卡"]), ("录取通知书能用吗", ["通知书"]),
    ("户口本或者校园卡行不行", ["卡"]), ("我有户口本能补吗", ["户口簿"]), ("没有居住证可以吗", []), ("身份证能补吗", []), ("补证可以吗", []),
    ("有校园卡", []), ("校园卡丢了怎么办", []), ("我户口本丢了能补吗", []),
])
def test_papers_are_offered_where_it_is_asked_whether_they_will_do(text: str, papers: list[str], knowledge: Knowledge) -> None:
    assert list(papers_offered(text, knowledge.reader)) == papers


def test_no_answer_is_too_long(knowledge: Knowledge) -> None:
    said = [(city, answer, replies.answer(knowledge, city, answer, TODAY).text) for city, by_topic in knowledge.answers.items()
            for variants in by_topic.values() for answer in variants]
    assert [f"{city} {answer.line}: {len(text)}" for city, answer, text in said if len(text) > LONGEST] == []


def test_where_a_city_is_silent_the_national_rule_comes_first(knowledge: Knowledge) -> None:
    found = next(answer for answer in knowledge.answers["武汉"]["办理时限"] if answer.silent and answer.national)
    assert replies.answer(knowledge, "武汉", found, TODAY).text.startswith(found.national)


def test_what_is_free_since_a_day_was_not_before(knowledge: Knowledge) -> None:
    before, after = (knowledge.answer("武汉", "首次申领", "要多少钱", date.fromisoformat(day)) for day in ("2018-03-31", "2018-04-01"))
    assert (before.national_cites, after.national_cites) == (("居民身份证法/二十",), ("财税2018-37",))


def test_every_variant_can_be_reached_by_a_word_or_a_fact_of_its_own(knowledge: Knowledge) -> None:
    """A variant all of whose words stand in an earlier one that asks for no more would never be given."""
    for city, by_topic in knowledge.answers.items():
        for topic, variants in by_topic.items():
            earlier: list[Answer] = []
            for answer in (one for one in variants if one.holds_on(TODAY)):
                hidden = [word for word in answer.said if any(
                    not (other.also or other.when or other.other_than) and any(one in word for one in other.said) for other in earlier)]
                assert not answer.said or len(hidden) < len(answer.said), f"{city} {topic} line {answer.line}: {hidden}"
                earlier.append(answer)
