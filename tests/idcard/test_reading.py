"""What a message is read to say: places with their roles, papers with negation, reasons, answers to a question."""
from __future__ import annotations

import csv
import io
from typing import Iterator

import pytest

from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, LANDMARK
from idcard.reading import LIVING, REGISTERED
from idcard.refusal import HALVES, REFUSAL
from idcard.statements import Statement, read_statement
from idcard.text import normalise
from tests.idcard.case_files import case_name, check_keys, read_cases

KEYS = {"text", "asked", "known", "facts", "ambiguous", "hypothetical", "correction", "someone_else"}
CASES = read_cases("reading")


def read(knowledge: Knowledge, text: str, asked: str = "", known: dict | None = None) -> Statement:
    plain = normalise(text)
    return read_statement(knowledge, plain, knowledge.reader.find_mentions(plain), asked, known)


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_the_sentence_says_what_the_case_says(case: dict, knowledge: Knowledge) -> None:
    check_keys({**case, "expect": {"facts": case["facts"]}}, KEYS, {"facts"})
    said = read(knowledge, case["text"], case.get("asked", ""), case.get("known"))
    assert knowledge.model.complete(said.facts) == knowledge.model.complete(case["facts"])
    assert (said.ambiguous.value if said.ambiguous else None) == case.get("ambiguous")
    for mark in ("hypothetical", "correction"):
        assert getattr(said, mark) or not case.get(mark), mark
    assert said.someone_else == case.get("someone_else", said.someone_else)


def test_a_text_of_nothing_but_places_is_weighed_by_its_first(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each against all others, five thousand of them held the server for minutes."""
    looked_up, lookup = [], knowledge.gazetteer.lookup
    monkeypatch.setattr(type(knowledge.gazetteer), "lookup", lambda _self, *place: looked_up.append(place) or lookup(*place))
    assert read(knowledge, "武汉" * 2000).facts == {"所在城市": "武汉"}
    assert 0 < len(looked_up) < 500


def test_a_button_says_its_value_and_nothing_else(knowledge: Knowledge) -> None:
    """Also where its title mentions more: 到期或损坏，要换 does not say that the card is damaged. Half a case settles the case."""
    for fact in knowledge.model.facts.values():
        for button in fact.buttons:
            said = dict(read(knowledge, button.title, fact.name).facts)
            assert said.pop(fact.name) == button.value, button.title
            assert set(said) <= ({REFUSAL} if fact.name in HALVES else set()), button.title


def _regions(knowledge: Knowledge, level: str) -> Iterator[tuple[dict, dict]]:
    """(row, row above it) of regions.csv."""
    text = (knowledge.folder / "regions.csv").read_text(encoding="utf-8-sig")
    rows = {row["代码"]: row for row in csv.DictReader(io.StringIO(text))}
    yield from ((row, rows[row["上级代码"]]) for row in rows.values() if row["级别"] == level)


def _forms(row: dict) -> list[str]:
    return [form for form in (row["名称"], row["简称"], *row["别名"].split("|")) if form]


def test_every_prefecture_is_read_as_itself_or_asked_back(knowledge: Knowledge) -> None:
    prefectures = list(_regions(knowledge, "地级"))
    assert len(prefectures) == 369  # 333, four municipalities, 32 units directly under a province
    for row, above in prefectures:
        for form in _forms(row):
            said = read(knowledge, f"{form}的户口")
            if not said.ambiguous:
                city = said.facts.get("户籍城市", row["简称"] if row["简称"] == above["简称"] else None)
                assert (said.facts["户籍省份"], city) == (above["简称"], row["简称"]), form


def test_every_county_is_read_as_its_prefecture_or_asked_back(knowledge: Knowledge) -> None:
    for row, above in _regions(knowledge, "县级"):
        said = read(knowledge, f"{row['名称']}的户口")
        assert said.ambiguous or said.facts["户籍城市"] == above["简称"], row["名称"]
        knowledge.model.complete(said.facts)  # a contradiction, or a place that no table knows, would raise


def test_a_name_of_several_places_is_never_guessed(knowledge: Knowledge) -> None:
    for name, places in knowledge.gazetteer.names.items():
        if len({(place.province, place.city) for place in places}) > 1:
            said = read(knowledge, f"{name}的户口")
            assert said.ambiguous or not said.facts, f"{name}: {said.facts}"


def test_every_landmark_says_where_somebody_is(knowledge: Knowledge) -> None:
    for name, places in knowledge.gazetteer.names.items():
        if len(places) > 1 or places[0].level not in (LANDMARK, DISTRICT) or places[0].city not in knowledge.cities:
            continue
        said = read(knowledge, f"我住在{name}")
        assert said.facts.get("所在城市") == places[0].city, name
        assert said.facts.get("所在区县") == (places[0].districts[0] if len(places[0].districts) == 1 else None), name


@pytest.mark.parametrize("text, roles", [
    ("户口河南，人在武汉", [REGISTERED, LIVING]),
    ("我是四川甘孜的", [REGISTERED, REGISTERED]),
    ("在武汉市洪山区上班", [LIVING, LIVING]),
    ("武汉", [""]),
])
def test_a_place_has_the_role_that_the_words_around_it_give(text: str, roles: list[str], knowledge: Knowledge) -> None:
    places = [mention for mention in knowledge.reader.find_mentions(normalise(text))
              if mention.entity in ("省份", CITY, DISTRICT, LANDMARK)]
    assert [mention.role for mention in places] == roles


def test_mentions_give_the_words_they_were_read_from(knowledge: Knowledge) -> None:
    text = normalise("我是四川甘孜的，在光谷，没有居住证，身份证丢了")
    found = {text[mention.start:mention.end]: mention.value for mention in knowledge.reader.find_mentions(text)}
    assert found == {"四川": "四川", "甘孜": "甘孜", "光谷": "光谷", "居住证": "居住证", "丢了": "丢失"}


def test_a_mention_survives_the_journey_through_rasa(knowledge: Knowledge) -> None:
    for mention in knowledge.reader.find_mentions(normalise("户口在朝阳区，没有居住证")):
        assert type(mention).from_entity(mention.as_entity()) == mention
