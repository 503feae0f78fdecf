"""How a sentence is put."""
from __future__ import annotations

import pytest

from idcard import phrasing


@pytest.mark.parametrize("text", ["要多久", "能办不", "居住证怎么办", "登记了没有？", "可不可以", "工本费呢", "什么是居住证"])
def test_a_question_asks(text: str) -> None:
    assert phrasing.asks(text)


@pytest.mark.parametrize("text", ["什么都没有", "啥证件都没有", "还没有呢", "前几天登记的", "没怎么变", "瘦了几十斤", "有居住证", "我户口在河南"])
def test_a_statement_does_not_ask(text: str) -> None:
    assert not phrasing.asks(text)


def test_what_is_told_leaves_out_what_is_asked() -> None:
    assert phrasing.told("有居住证，多少钱") == "有居住证"
    assert phrasing.told("这个我不知道") == ""


def test_not_to_understand_is_not_the_same_as_not_to_know() -> None:
    assert phrasing.gives_up("没看懂") and not phrasing.does_not_know("没看懂")
    assert phrasing.gives_up("我不清楚") and phrasing.does_not_know("我不清楚")


@pytest.mark.parametrize("text, word, meant", [
    ("要带学生证吗", "学生证", True), ("没有学生证", "学生证", False), ("我老婆的居住证行吗", "居住证", False),
    ("居住证没办过", "没办过", False), ("身份证没办过", "没办过", True), ("不在网上办", "网上", False), ("没有学生证，我朋友说学生证行", "学生证", True),
])
def test_a_word_counts_where_it_is_meant(text: str, word: str, meant: bool) -> None:
    assert phrasing.means(text, word) == meant


@pytest.mark.parametrize("text, about", [("那到期换呢", True), ("外省的呢", True), ("那要是丢了", True), ("居住证没办", False), ("在武汉能补吗", False)])
def test_what_is_asked_of_another_case(text: str, about: bool) -> None:
    assert phrasing.what_about(text) == about


@pytest.mark.parametrize("text, other", [("那外省的呢", True), ("外地户口怎么办", True), ("那本地的呢", False), ("我是外省的，能补吗", False)])
def test_whether_it_is_asked_of_people_from_elsewhere(text: str, other: bool) -> None:
    assert phrasing.other_household(text) == other


@pytest.mark.parametrize("text, studies", [
    ("我在武大读书", True), ("在武汉上大学", True), ("我是学生", True), ("有学生证", False), ("不是学生", False), ("已经毕业了", False),
])
def test_who_studies(text: str, studies: bool) -> None:
    assert phrasing.studies(text) == studies


@pytest.mark.parametrize("text, person, behalf", [
    ("那我妈呢", "妈", True), ("我爱人也要办", "爱人", True), ("帮我问下我爸能不能办", "爸", True), ("我妈妈的房产证", "妈妈", False), ("我跟我老公一起", "", False),
])
def test_whose_card_it_is(text: str, person: str, behalf: bool) -> None:
    assert phrasing.someone_else(text) == person and phrasing.on_behalf(text) == behalf
