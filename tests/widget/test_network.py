"""A bad line, several tabs, a server in trouble: nothing is lost, nothing is doubled."""
from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route

from tests.widget.fake_server import error
from tests.widget.script import FIRST

pytestmark = pytest.mark.browser

WORDS = ["第一句", "第二句"]
CALLS = ["the session", "message 1", "the replay after a reload", "message 2", "the replay in a second tab"]
CUTS = ["before it arrives", "before the answer comes back", "in the middle of the answer", "with a proxy's page instead of the answer"]


class Line:
    """The line to the bot, cut once: at the `nth` call (from 1) of the API, in one of the ways of CUTS."""

    def __init__(self, nth: int, cut: str) -> None:
        self.nth, self.cut, self.calls, self.was_cut = nth, cut, 0, False

    def carry(self, route: Route) -> None:
        self.calls += route.request.method != "OPTIONS"
        if self.calls != self.nth or self.was_cut:
            route.continue_()
            return
        self.was_cut = True
        if self.cut == CUTS[0]:
            route.abort("connectionreset")
            return
        answer = route.fetch()
        if self.cut == CUTS[1]:
            route.abort("connectionreset")
        elif self.cut == CUTS[2]:
            route.fulfill(response=answer, body=answer.body()[:len(answer.body()) // 2])
        else:
            route.fulfill(status=502, headers=answer.headers, body="<h1>Bad Gateway</h1>")


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("call", range(len(CALLS)), ids=CALLS)
def test_a_cut_line_neither_loses_nor_doubles(call: int, cut: str, visit, bot) -> None:
    citizen = visit()
    line = Line(call + 1, cut)
    citizen.context.route("**/webhooks/web/**", line.carry)
    citizen.opens().says(WORDS[0]).reloads().says(WORDS[1])
    second = visit(beside=citizen)
    second.find(".launcher").click()
    second.find(".me").nth(1).wait_for()
    assert line.was_cut
    assert bot.session.said == WORDS
    for tab in (citizen, second):
        assert tab.own() == WORDS
        assert tab.shown(".bot .card")[1:] == [f"您说的是：{word}" for word in WORDS]


def test_a_message_that_waits_survives_a_reload(visit, bot) -> None:
    citizen = visit().opens()
    bot.delay.clear()
    citizen.types(FIRST)
    citizen.find(".waiting").wait_for()
    citizen.page.reload()
    citizen.find(".waiting").wait_for()
    bot.delay.set()
    citizen.settled()
    assert bot.session.said == citizen.own() == [FIRST]


def test_the_conversation_is_there_after_a_reload_and_the_panel_as_it_was(visit) -> None:
    citizen = visit().opens().says(FIRST, "1")
    before = citizen.shown()
    citizen.reloads()
    assert citizen.shown() == before
    assert citizen.find(".option").filter(has_text="没有居住证").is_visible()
    assert citizen.page.evaluate("document.activeElement === document.body")
    citizen.page.keyboard.press("Tab")
    citizen.button("关闭").click()
    citizen.page.reload()
    citizen.find(".launcher").wait_for()
    assert not citizen.find(".panel").is_visible()


def test_two_tabs_lead_one_conversation(visit, bot) -> None:
    first = visit().opens().says(FIRST)
    second = visit(beside=first)
    second.find(".launcher").click()
    second.find(".option").filter(has_text="都没有").click()
    first.find(".option").filter(has_text="没有居住证").wait_for()
    first.says("2")
    second.find(".option").filter(has_text="没登记过").wait_for()
    assert first.own() == second.own() == bot.session.said == [FIRST, "都没有", "没有居住证"]
    assert len(bot.sessions) == 1


def test_a_conversation_erased_in_one_tab_is_gone_from_the_other(visit, bot) -> None:
    first = visit().opens().says(FIRST)
    second = visit(beside=first)
    second.find(".launcher").click()
    second.find(".me").wait_for()
    first.page.bring_to_front()
    first.button("设置").click()
    first.button("清除我的记录").click()
    first.button("确定清除").click()
    second.find(".me").wait_for(state="detached")
    assert second.shown() == [] and not bot.sessions


def test_thanks_for_a_rating_do_not_get_into_the_next_conversation(visit, bot) -> None:
    first = visit().opens().says(FIRST, "工本费")
    held: list[Route] = []
    first.page.route("**/feedback", lambda route: held.append(route))
    first.button("有用").click()
    second = visit(beside=first)
    second.find(".launcher").click()
    second.find(".me").first.wait_for()
    second.button("设置").click()
    second.button("清除我的记录").click()
    second.button("确定清除").click()
    second.button("开始新的对话").click()
    first.find(".me").first.wait_for(state="detached")
    second.says("新的话")
    held[0].fulfill(json={"messages": [{"seq": 9, "from": "bot", "at": "2026-11-21T09:30:00+08:00", "text": "谢谢您的评价。"}]},
                    headers={"Access-Control-Allow-Origin": "*"})
    first.says("还有")
    assert "谢谢您的评价。" not in first.shown() and first.own() == ["新的话", "还有"]


def test_where_no_conversation_can_be_begun_it_says_so_and_does_not_go_on_asking(visit, bot) -> None:
    bot.refuse_session = error(400, "bad_request", "这个网站上的在线咨询还没有设好。请先打12345。")
    citizen = visit()
    citizen.page.clock.install()
    citizen.find(".launcher").click()
    citizen.find(".banner a[href='tel:12345']").wait_for()
    citizen.page.clock.run_for(120_000)
    begun = [url for url in citizen.requests if url.endswith("/session")]
    assert len(begun) == 1 and not citizen.find(".thinking").is_visible()
    citizen.types(FIRST)
    citizen.find(".banner").get_by_text("已放回输入框").wait_for()
    assert citizen.find("textarea").input_value() == FIRST and citizen.own() == []
    bot.refuse_session = None
    citizen.find("textarea").press("Enter")
    citizen.find(".me:not(.waiting)").wait_for()
    assert bot.session.said == citizen.own() == [FIRST]


def test_offline_is_said_with_another_way_and_what_was_written_is_sent_later(visit, bot) -> None:
    citizen = visit().opens()
    citizen.context.set_offline(True)
    citizen.types("第一句").types("第二句")
    citizen.find(".banner").get_by_text("网络断了").wait_for()
    assert citizen.find(".banner a").get_attribute("href") == "tel:12345"
    assert not citizen.find(".thinking").is_visible()
    citizen.context.set_offline(False)
    citizen.find(".banner:empty").wait_for(state="attached")
    citizen.settled()
    assert bot.session.said == citizen.own() == ["第一句", "第二句"]


def test_an_answer_that_keeps_one_waiting_is_said_with_another_way(visit, bot) -> None:
    citizen = visit().opens()
    citizen.page.clock.install()
    bot.delay.clear()
    citizen.types(FIRST)
    citizen.find(".thinking").wait_for()
    citizen.page.clock.run_for(11_000)
    citizen.find(".banner a[href='tel:12345']").wait_for()
    bot.delay.set()
    citizen.settled()
    assert citizen.find(".banner").inner_text() == ""


@pytest.mark.parametrize("refusals", [
    [error(503, "not_ready", "系统刚启动，请稍等。"), error(500, "failed", "出了点问题。")],
    [error(429, "busy", "上一句还没答完。", retry_after=1), error(429, "rate_limited", "请慢一点。", retry_after=1)],
], ids=["trouble", "too fast"])
def test_a_server_in_trouble_is_asked_again(refusals: list, visit, bot) -> None:
    citizen = visit().opens()
    last = refusals[-1][1]["error"]["message"]
    bot.refuse = list(refusals)
    citizen.types(FIRST)
    citizen.find(".banner").get_by_text(last).wait_for()
    citizen.settled()
    assert bot.session.said == [FIRST]


@pytest.mark.parametrize("refusal", [error(413, "too_large", "这句太长了。"), error(400, "bad_request", "请先写点什么再发。")])
def test_what_the_server_will_not_take_comes_back_to_be_mended(refusal: tuple, visit, bot) -> None:
    citizen = visit().opens()
    bot.refuse = [refusal]
    citizen.says("很长的话")
    assert refusal[1]["error"]["message"] in citizen.find(".banner").inner_text()
    assert citizen.find("textarea").input_value() == "很长的话"
    assert citizen.own() == []
    citizen.says("短话")
    assert bot.session.said == ["短话"]


def test_an_expired_session_is_begun_anew_and_the_message_arrives(visit, bot) -> None:
    citizen = visit().opens().says("从前的话")
    bot.sessions.clear()
    citizen.says(FIRST)
    assert bot.session.said == citizen.own() == [FIRST]
    assert "已经到期" in citizen.find(".log").inner_text()


def test_a_choice_that_is_over_answers_no_other_question(visit, bot) -> None:
    citizen = visit().opens().says(FIRST)
    bot.session.buttons.clear()
    citizen.button("都没有").click()
    citizen.find(".banner").filter(has_text="已经过去了").wait_for()
    assert bot.session.said == citizen.own() == [FIRST]
    assert citizen.find("textarea").input_value() == ""


def test_a_page_that_is_no_answer_is_asked_again(visit, bot) -> None:
    citizen = visit().opens()
    login = ["<html>请登录无线网</html>", "[]", json.dumps({"messages": None})]
    citizen.page.route("**/webhooks/web/message", lambda route: route.fulfill(
        body=login.pop(), headers={"Access-Control-Allow-Origin": "*"}) if login else route.continue_())
    citizen.says(FIRST)
    assert login == [] and bot.session.said == citizen.own() == [FIRST]
