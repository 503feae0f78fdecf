"""python -m idcard, as somebody at a terminal meets it: what it prints, and what it says to a mistake."""
from __future__ import annotations

import pytest

from idcard.__main__ import main


@pytest.fixture
def run(capsys, monkeypatch):
    """run(words) -> (exit code, what is printed, what is said as a mistake); nothing is set in the environment."""
    monkeypatch.delenv("IDCARD_AS_OF", raising=False)
    monkeypatch.setattr("gc.disable", lambda: None)  # this process goes on

    def run(words: str) -> tuple[int, str, str]:
        try:
            code = main(words.split())
        except SystemExit as end:  # a question is open and there is no terminal
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize("fact", ["户籍区县=火星县", "所在区县=武昌路"])
def test_a_county_that_does_not_exist_is_named_with_those_that_do(fact: str, run) -> None:
    code, _, mistake = run(f"decide classification --city 济宁 {fact}")
    assert code == 2 and fact.split("=")[1] in mistake and "邹城市" in mistake


def test_a_county_may_be_called_by_its_short_name(run) -> None:
    code, printed, _ = run("decide classification --city 济宁 户籍区县=任城 所在区县=兖州")
    assert code == 0 and "结果：县区内跨所" in printed


def test_a_prefecture_that_does_not_exist_is_told_with_some_that_do(run) -> None:
    code, _, mistake = run("decide classification --city 济宁 户籍城市=火星")
    assert code == 2 and "石家庄" in mistake and len(mistake) < 300


@pytest.mark.parametrize("words", ["ask 光谷哪里办", "ask 哪里办 所在区县=武昌区", "ask 关东派出所电话 --city 武汉"])
def test_where_to_go_is_answered_with_stations(words: str, run) -> None:
    code, printed, _ = run(words)
    assert code == 0 and "电话" in printed and "1. " in printed


def test_where_to_go_without_a_place_or_a_list_is_answered_with_the_rule(run) -> None:
    for city, clause in (("武汉", "一览表"), ("济宁", "第一条")):
        code, printed, _ = run(f"ask 哪里办 --city {city}")
        assert code == 0 and clause in printed and "1. " not in printed


def test_the_day_of_the_setting_counts_unless_another_is_given(run, monkeypatch) -> None:
    words = "decide reception --city 武汉 办理类型=补领 户籍省份=四川 户籍城市=甘孜"
    monkeypatch.setenv("IDCARD_AS_OF", "2016-12-01")
    assert "结果：省份暂未开通" in run(words)[1]
    assert "还要知道：不予受理情形" in run(f"{words} --as-of 2017-07-01")[1]


def test_a_setting_that_is_no_day_is_a_mistake(run, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_AS_OF", "heute")
    code, _, mistake = run("ask 补领多少钱 --city 济宁")
    assert code == 2 and "IDCARD_AS_OF" in mistake and "heute" in mistake


def test_an_answer_that_is_whole_asks_nothing(run) -> None:
    code, printed, _ = run("ask 改名了能在济宁异地办吗 能异地办 --city 济宁")
    assert code == 0 and "第五条第（二）项" in printed and "下面这些情况" not in printed
