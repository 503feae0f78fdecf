"""The same widget with the real server, the trained model and the real actions behind it."""
from __future__ import annotations

from typing import Iterator

import pytest

from tests.assistant.channels.web.client import Server
from tests.widget.pages import host_page

pytestmark = [pytest.mark.browser, pytest.mark.model]
FIRST = "我河南的，身份证丢了，能在武汉补吗"


@pytest.fixture(scope="module")
def real(model_path, tmp_path_factory, site, pages: dict, hosts: set) -> Iterator[str]:
    """The address of a server that lets the site in; the site's page /real embeds its widget."""
    server = Server(model_path, tmp_path_factory.mktemp("widget") / "web.db", IDCARD_ALLOWED_ORIGINS=site.origin).start()
    address = f"http://127.0.0.1:{server.port}"
    pages["/real"] = host_page(address), {}
    hosts.add(f"127.0.0.1:{server.port}")
    yield address
    server.kill()


def decided(citizen) -> None:
    """Answers whatever is asked until there is a decision; choices are made by number, as on a telephone."""
    answers = {"符合您的": "1", "居住证": "2", "哪一样": "3", "登记过流动": "1", "今天才登记": "2"}
    for _ in range(8):
        if citizen.find(".decision").count():
            return
        question = citizen.shown(".bot .card")[-1]
        citizen.says(next(answer for part, answer in answers.items() if part in question))
    raise AssertionError(f"no decision after {citizen.shown()}")


def test_a_whole_eligibility_dialogue_in_another_sites_page(real: str, visit) -> None:
    citizen = visit("/real").opens().says(FIRST)
    decided(citizen)
    assert citizen.shown(".decision p:nth-of-type(2)")[-1].startswith("可以")
    assert citizen.find(".decision .source").count() and citizen.find(".checklist .source").count()
    citizen.says("我在光谷")
    assert citizen.find(".station a[href^='tel:027']").count() >= 3
    before = citizen.shown()
    assert citizen.reloads().shown() == before
    second = visit("/real", beside=citizen)
    second.find(".launcher").click()
    second.find(".station").first.wait_for()
    assert second.shown() == before


def test_a_changed_answer_is_decided_anew(real: str, visit) -> None:
    citizen = visit("/real").opens().says(FIRST)
    decided(citizen)
    asked = citizen.shown(".bot .card")
    at = citizen.own().index("没有居住证")
    citizen.find(".me").nth(at).get_by_role("button").click()
    citizen.find(".options").get_by_role("button", name="有居住证", exact=True).click()
    citizen.settled()
    assert citizen.find(".decision").count() == 2, asked
    assert "居住证" in citizen.find(".decision").last.inner_text()


def test_ratings_erasure_and_the_way_to_a_person(real: str, visit) -> None:
    citizen = visit("/real").opens().says("济宁补领身份证多少钱")
    citizen.button("有用").click()
    citizen.find("[role=status]").get_by_text("谢谢，已记下").wait_for()
    citizen.button("转人工").click()
    citizen.settled()
    assert citizen.find(".bot a[href^='tel:']").count()
    citizen.button("设置").click()
    citizen.button("清除我的记录").click()
    citizen.button("确定清除").click()
    citizen.find(".receipt").get_by_text("回执号").wait_for()
    assert citizen.shown() == []


def test_a_hot_question_of_the_demo_page_is_asked_in_the_widget(real: str, chromium) -> None:
    page = chromium.new_page()
    page.goto(real)
    question = page.locator(".questions a").first
    words = question.inner_text()
    question.click()
    page.locator("idcard-chat .me:not(.waiting)").wait_for()
    assert page.locator("idcard-chat .me .bubble").text_content().endswith(words)
    assert page.locator("idcard-chat .bot").count() > 1
    with page.context.expect_page() as opened:
        question.click(modifiers=["Control"])
    assert "/chat?city=" in opened.value.url
    page.context.close()


def test_where_the_widget_cannot_be_shown_a_hot_question_leads_to_the_page_without_javascript(real: str, chromium) -> None:
    page = chromium.new_page()
    page.clock.install()
    page.route("**/widget/style.css", lambda route: route.abort())
    page.goto(real)
    page.locator(".questions a").first.click()
    for _ in range(4):
        page.clock.run_for(10_000)
    page.wait_for_url("**/chat?city=*")
    page.close()
