"""Bot messages as WeChat texts: merged, split between sentences, with choices that can be clicked or typed."""
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.wechat import replies
from tests.assistant.channels.wechat.platform import LINK

QUESTION = {"text": "您有居住证吗？", "buttons": [{"title": "有", "payload": "/有"}, {"title": "没有&<证>", "payload": "没有"}]}


def _texts(messages: list) -> "list[str]":
    return replies.texts(messages, replies.choices(messages, 500))


def test_several_messages_become_one() -> None:
    assert _texts([{"text": "可以办。"}, {"text": "办理清单"}]) == ["可以办。\n\n办理清单"]


def test_choices_are_links_with_numbers() -> None:
    (text,) = _texts([QUESTION])
    assert re.findall(r"【(\d)】<a href", text) == ["1", "2"]
    assert [(number, title) for _, number, title in LINK.findall(text)] == [("501", "有"), ("502", "没有&＜证>")]


def test_the_numbers_of_two_questions_go_on() -> None:
    (text,) = _texts([QUESTION, QUESTION])
    assert re.findall(r"【(\d)】", text) == ["1", "2", "3", "4"]


def test_links_give_way_where_the_text_would_not_fit_with_them() -> None:
    (text,) = _texts([{"text": "字" * 600}, QUESTION])
    assert "href" not in text and "【2】没有" in text and len(text.encode()) <= replies.LIMIT


def test_no_link_comes_from_a_bot_message() -> None:
    (text,) = _texts([{"text": '<a href="http://127.0.0.1">点我</a>'}])
    assert "<" not in text


OFFERED = replies.choices([QUESTION], 500)
EARLIER = replies.choices([{"buttons": [{"title": "都没有", "payload": "/都没有"}]}], 300)


@pytest.mark.parametrize("said, menu_id, payload", [
    ("有", "501", "/有"), ("有", "", "/有"), ("有", "0", "/有"), ("1", "", "/有"), ("１", "", "/有"), ("①", "", "/有"), ("1.", "", "/有"),
    ("【2】", "", "没有"), ("2、", "", "没有"), ("都没有", "301", "/都没有"), ("都没有", "", "/都没有"), ("没有&<证>", "", "没有"),
])
def test_a_choice_is_clicked_or_typed(said: str, menu_id: str, payload: str) -> None:
    assert replies.chosen(OFFERED, EARLIER, said, menu_id).payload == payload


@pytest.mark.parametrize("said, menu_id", [("3", ""), ("0", ""), ("1500", ""), ("有居住证", ""), ("别的", "501"), ("第1", "")])
def test_anything_else_is_no_choice(said: str, menu_id: str) -> None:
    assert replies.chosen(OFFERED, EARLIER, said, menu_id) is None


def test_a_number_means_the_latest_reply_only() -> None:
    assert replies.chosen((), OFFERED, "1", "") is None


SENTENCES = st.lists(st.text(st.sampled_from("身份证a😀，（）”"), max_size=30).flatmap(
    lambda words: st.sampled_from("。！？\n；").map(lambda end: words + end)), max_size=60).map("".join)


@given(SENTENCES, st.integers(8, 200))
def test_pieces_are_short_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = replies.split(text, limit)
    assert all(len(piece.encode()) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


@given(st.lists(st.text(st.sampled_from("身份证😀"), max_size=20), min_size=1, max_size=30))
def test_a_cut_is_between_sentences(sentences: "list[str]") -> None:
    text = "".join(f"{sentence}。" for sentence in sentences)
    assert all(piece.endswith("。") for piece in replies.split(text, 100))


@given(st.lists(st.fixed_dictionaries({"text": SENTENCES, "buttons": st.lists(
    st.text(st.sampled_from("有没<&>\""), min_size=1, max_size=60).map(lambda title: {"title": title, "payload": title}), max_size=9)}), max_size=6))
def test_every_text_is_one_that_the_platform_takes(messages: "list[dict]") -> None:
    for text in _texts(messages):
        assert len(text.encode()) <= replies.LIMIT
        assert "<" not in LINK.sub("", text)
