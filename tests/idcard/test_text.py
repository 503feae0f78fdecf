"""Chinese text in one normal form of equal length, whatever people type."""
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.text import normalise

TYPED = st.text(st.characters(), max_size=40) | st.text("武汉濟寧ＡＢｃ１２３（）　，。！?？Ⅷ㎡ß𠮷\u200b\ufeff\n\t", max_size=40)


@pytest.mark.parametrize("typed, normal", [
    ("武漢補領身份證", "武汉补领身份证"),
    ("ＡＢＣ１２３", "abc123"),
    ("（汉南）　！", "(汉南) !"),
    ("我\u200b在\ufeff武汉", "我 在 武汉"),
    ("第一行\n第二行", "第一行 第二行"),
    ("Student ID", "student id"),
    ("<b>补领</b>", "   补领    "),
    ("＜ｂ＞补领", "   补领"),
    ("１５平方米㎡", "15平方米㎡"),
    ("", ""),
])
def test_what_people_type_becomes_plain(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@settings(max_examples=80, deadline=None)
@given(TYPED)
def test_the_length_stays_so_that_offsets_stay_valid(text: str) -> None:
    assert len(normalise(text)) == len(text)


@settings(max_examples=80, deadline=None)
@given(TYPED)
def test_normal_text_is_normal_already(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@settings(max_examples=80, deadline=None)
@given(TYPED)
def test_nothing_invisible_is_left(text: str) -> None:
    assert not any(unicodedata.category(character) in ("Cc", "Cs") or character in "\u200b\u202e\ufeff"
                   for character in normalise(text))


@settings(max_examples=60, deadline=None)
@given(TYPED.filter(lambda text: "<" not in normalise(text)), TYPED)
def test_every_character_is_read_by_itself(one: str, other: str) -> None:
    assert normalise(one + other) == normalise(one) + normalise(other)


@settings(max_examples=60, deadline=None)
@given(st.text("武汉的身份证丢了怎么补要多少钱。，！", max_size=30))
def test_plain_simplified_text_is_left_alone(text: str) -> None:
    assert normalise(text).replace("，", ",").replace("！", "!") == text.replace("，", ",").replace("！", "!")
