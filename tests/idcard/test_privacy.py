"""Masking: nothing private is left, nothing else is touched, whatever is typed."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.privacy import Figures, measure
from idcard.knowledge import Knowledge
from idcard.privacy import STAR, find, kinds, mask, mask_json
from idcard.private_numbers import check_digit
from tests.idcard.privacy_corpus import VARIANTS, lines, private_lines

IDENTITY = "42010619000101" + "001" + check_digit("42010619000101001")
MOBILE = "138" + "0" * 8


@pytest.fixture(scope="module")
def figures(knowledge: Knowledge) -> Figures:
    return measure(lines(knowledge.stations), knowledge.public)


def test_the_corpus_is_large_varied_and_always_the_same(knowledge: Knowledge) -> None:
    corpus = lines(knowledge.stations)
    harmless = [line for line in corpus if not line.private]
    assert len(corpus) >= 2000 and len({line.text for line in harmless}) >= 500
    assert len(corpus) - len(harmless) >= 150 * VARIANTS
    assert corpus == lines(knowledge.stations) and corpus != lines(knowledge.stations, seed=7)


def test_every_id_and_every_telephone_is_found(figures: Figures) -> None:
    missed = [mistake for mistake in figures.mistakes if "身份证号" in mistake or "电话号码" in mistake]
    assert figures.recall("身份证号") == figures.recall("电话号码") == 1, "\n".join(missed)


@pytest.mark.parametrize("seed", range(20, 24))
def test_also_in_sentences_filled_from_other_seeds(seed: int, knowledge: Knowledge) -> None:
    other = measure(private_lines(seed), knowledge.public)
    assert other.missed["身份证号"] == other.missed["电话号码"] == 0, "\n".join(other.mistakes)


def test_hardly_anything_else_is_masked(figures: Figures) -> None:
    too_low = {kind: figures.precision(kind) for kind in figures.private if figures.precision(kind) < 0.98}
    assert not too_low, "\n".join(figures.mistakes)


def test_names_addresses_cards_and_papers_are_found_where_they_are_said(figures: Figures) -> None:
    too_low = {kind: figures.recall(kind) for kind in figures.private if figures.recall(kind) < 0.98}
    assert not too_low, "\n".join(figures.mistakes)


def test_no_place_is_taken_for_a_name(knowledge: Knowledge) -> None:
    sentences = [frame.format(name) for name in knowledge.gazetteer.names
                 for frame in ("我是{}", "我是{}的", "我是{}人", "我是{}，想补办", "本人{}", "本人{}户口", "我是{}户口")]
    assert [sentence for sentence in sentences if mask(sentence) != sentence] == []


def test_what_the_assistant_gives_out_itself_stays_readable(knowledge: Knowledge) -> None:
    for station in knowledge.stations:
        said = f"1. {station.title} {station.address} 电话 {station.phone}，拨{station.dial}"
        assert mask(said, knowledge.public) == said
    for by_topic in knowledge.answers.values():
        for variants in by_topic.values():
            for answer in variants:
                said = answer.text + answer.national
                assert mask(said, knowledge.public) == said


def test_a_flat_in_the_house_of_a_station_is_private(knowledge: Knowledge) -> None:
    address = knowledge.stations[1].address
    assert mask(f"去{address}", knowledge.public) == f"去{address}"
    assert "401" not in mask(f"我住{address}3栋401室", knowledge.public)


@pytest.mark.parametrize("text", [
    f"身份证{IDENTITY}{MOBILE}", f"{IDENTITY}{IDENTITY}", f"<b>{IDENTITY[:6]}</b>{IDENTITY[6:]}", f"tel=%2B86%20{MOBILE}",
    f"{MOBILE}一直打不通", "幺三八零零零零零零零零一直没人接", f"我妈{IDENTITY}x", "4201061900010100" + "1" + " 大写X",
])
def test_numbers_are_found_beside_and_inside_other_things(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text) and "0000" not in masked and "零零零" not in masked and "1900" not in masked


@pytest.mark.parametrize("identifier", ["a3f5b2c4d6e8f013800138000b2c3d4e"[:32], "3f250413-4f89-11d3-9a0c-013800138000"])
def test_identifiers_that_programs_made_stay_as_they_are(identifier: str) -> None:
    assert mask(identifier) == identifier


def test_kinds_are_told_once_and_in_the_order_written() -> None:
    assert kinds(f"我叫张三，电话{MOBILE}，身份证{IDENTITY}，还有{MOBILE}") == ("姓名", "电话号码", "身份证号")
    assert kinds("补领要多少钱") == ()


def test_json_is_masked_in_every_corner_and_keeps_its_shape() -> None:
    value = {"text": f"我叫张三 {MOBILE}", "entities": [{"value": IDENTITY, "start": 0, "confidence": 0.5}], MOBILE: None,
             "metadata": {"n": int(MOBILE), "at": 1790000000, "ok": True, "pair": (1, "武汉")}}
    before = repr(value)
    masked = mask_json(value)
    assert MOBILE not in repr(masked) and IDENTITY not in repr(masked) and repr(value) == before
    assert masked["metadata"] == {"n": STAR * 11, "at": 1790000000, "ok": True, "pair": [1, "武汉"]}
    assert masked["entities"][0]["start"] == 0 and masked["entities"][0]["confidence"] == 0.5


TYPED = st.text(max_size=80) | st.text("0123456789xX 一二零幺-.,，我叫张三是路号栋电话oA@\u200b", max_size=80)


@settings(max_examples=150, deadline=None)
@given(TYPED)
def test_the_length_stays_and_only_stars_are_new(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(new in (STAR, old) for new, old in zip(masked, text))


@settings(max_examples=100, deadline=None)
@given(TYPED, TYPED)
def test_an_id_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    """Between words that are not digits themselves."""
    text = f"{before}号码是{IDENTITY}谢谢{after}"
    assert any(one.kind == "身份证号" or one.start <= len(before) + 3 < one.end for one in find(text)), mask(text)
