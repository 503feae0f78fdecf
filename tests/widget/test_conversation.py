"""What a citizen can do with the widget."""
from __future__ import annotations

import pytest

from tests.widget.script import CLAUSE, FIRST

pytestmark = pytest.mark.browser


def test_nothing_is_sent_before_the_citizen_opens_it(visit, bot) -> None:
    citizen = visit()
    assert not bot.sessions
    assert not citizen.find(".panel").is_visible()


def test_the_privacy_notice_stands_before_the_first_message(visit) -> None:
    citizen = visit().opens()
    words = citizen.find(".log").inner_text()
    assert 0 <= words.index("请不要输入身份证号") < words.index("您好")
    assert citizen.find(".notice").is_visible()


def test_a_whole_eligibility_dialogue_works_by_keyboard_alone(visit, bot) -> None:
    citizen = visit()
    keys = citizen.page.keyboard
    citizen.find(".launcher").focus()
    keys.press("Enter")
    citizen.find(".option").first.wait_for()
    keys.type(FIRST)
    keys.press("Enter")
    citizen.find(".option", ).filter(has_text="都没有").wait_for()
    keys.type("1")
    keys.press("Enter")
    citizen.find(".option").filter(has_text="没有居住证").wait_for()
    for _ in range(3):  # back over 取消 and 上一步 to the last choice
        keys.press("Shift+Tab")
    keys.press("Enter")
    citizen.find(".option").filter(has_text="没登记过").wait_for()
    keys.type("１")
    keys.press("Enter")
    citizen.find(".checklist").wait_for()
    citizen.settled()
    keys.type("光谷")
    keys.press("Enter")
    citizen.find(".station").first.wait_for()
    keys.press("Escape")
    assert citizen.page.evaluate("document.querySelector('idcard-chat').shadowRoot.activeElement.className") == "launcher"
    assert bot.session.said == [FIRST, "都没有", "没有居住证", "登记过", "光谷"]


def test_a_choice_is_made_by_its_button(visit, bot) -> None:
    citizen = visit().opens().says(FIRST)
    citizen.button("都没有").click()
    citizen.find(".option").filter(has_text="有居住证").first.wait_for()
    assert bot.session.said == [FIRST, "都没有"]
    assert citizen.own() == [FIRST, "都没有"]


def test_a_number_without_a_choice_of_that_number_is_text(visit, bot) -> None:
    visit().opens().says(FIRST, "9", "都没有", "没有居住证", "登记过", "2")
    assert bot.session.said == [FIRST, "9", "都没有", "没有居住证", "登记过", "2"]


def test_a_question_shows_its_step_and_ways_back(visit, bot) -> None:
    citizen = visit().opens().says(FIRST, "1")
    assert citizen.shown(".step")[-1] == "第2步 · 大约还有2步"
    citizen.button("上一步").click()
    citizen.settled()
    citizen.button("取消").click()
    citizen.settled()
    assert bot.session.said[-2:] == ["上一步", "取消"]


def test_an_earlier_answer_can_be_changed(visit, bot) -> None:
    citizen = visit().opens().says(FIRST, "1", "2", "1")
    citizen.button("改这个回答").nth(1).click()
    citizen.find(".options").get_by_role("button", name="有居住证", exact=True).click()
    citizen.settled()
    assert bot.session.said[-1] == "刚才说错了，有居住证"


def test_an_answer_that_had_no_choices_is_changed_in_words(visit, bot) -> None:
    citizen = visit().opens().says(FIRST, "1", "2", "1", "光谷")
    citizen.button("改这个回答").last.click()
    assert citizen.find("textarea").input_value() == "刚才说错了，"


def test_every_answer_shows_its_source_with_the_date(visit) -> None:
    citizen = visit().opens().says(FIRST, "1", "2", "1", "光谷")
    sources = citizen.shown(".source")
    assert len(sources) == len(citizen.find(":is(.decision, .checklist, .card.stations)").all()) == 3
    assert sources[0] == CLAUSE


def test_a_station_can_be_called_and_its_address_copied(visit) -> None:
    citizen = visit(permissions=["clipboard-read", "clipboard-write"]).opens().says("光谷")
    station = citizen.find(".station").first
    assert station.get_by_role("link").get_attribute("href") == "tel:02785391728"
    station.get_by_role("button").click()
    station.get_by_text("已复制").wait_for()
    assert citizen.page.evaluate("navigator.clipboard.readText()") == "同心所 东湖高新开发区流芳路88号 027-85391728"
    assert citizen.find(".card.stations").inner_text().count("流芳路88号") == 1


def test_a_checklist_can_be_printed_copied_and_downloaded(visit) -> None:
    script = "window.print = () => { window.top.printed = document.body.innerText; }"
    citizen = visit(script=script, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    citizen.opens().says(FIRST, "1", "2", "1")
    citizen.button("打印").click()
    assert "可以，您能在武汉" in citizen.page.evaluate("printed") and "居住证明" in citizen.page.evaluate("printed")
    with citizen.page.expect_download() as download:
        citizen.button("下载").click()
    assert download.value.suggested_filename == "身份证办理清单-2026-11-21.txt"
    assert "领取《居民身份证领取凭证》" in download.value.path().read_text(encoding="utf-8-sig")
    citizen.find(".actions").get_by_role("button", name="复制").click()
    citizen.button("已复制").wait_for()
    assert "可以，您能在武汉" in citizen.page.evaluate("navigator.clipboard.readText()")


def test_the_citizen_sees_at_once_that_an_answer_is_being_made(visit, bot) -> None:
    citizen = visit().opens()
    bot.delay.clear()
    citizen.types(FIRST)
    citizen.find(".thinking").wait_for()
    assert citizen.own()[-1].startswith(FIRST)
    bot.delay.set()
    citizen.settled()
    assert citizen.own() == [FIRST]


def test_praise_reaches_the_server(visit, bot) -> None:
    citizen = visit().opens().says("工本费")
    citizen.button("有用").first.click()
    citizen.find("[role=status]").get_by_text("谢谢，已记下").wait_for()
    assert bot.ratings == [{"seq": 3, "rating": "好评"}]


def test_a_complaint_reaches_the_server_with_its_reasons(visit, bot) -> None:
    citizen = visit().opens().says("工本费")
    citizen.button("没用").click()
    citizen.find(".reasons").get_by_label("看不懂").check()
    citizen.find(".reasons input[type=text]").fill("字太多")
    citizen.button("提交").click()
    citizen.find("[role=status]").get_by_text("谢谢，已记下").wait_for()
    assert bot.ratings == [{"seq": 3, "rating": "差评", "reason": "看不懂；字太多"}]


def test_a_person_can_always_be_asked_for(visit, bot) -> None:
    citizen = visit().opens()
    for go in (lambda: citizen.says(FIRST), lambda: citizen.button("设置").click(), lambda: citizen.prefers(elder=True)):
        go()
        assert citizen.button("转人工").is_visible()
    citizen.button("转人工").click()
    citizen.settled()
    assert bot.session.said[-1] == "转人工"
    assert citizen.find(".bot a").last.get_attribute("href") == "tel:12345"


def test_the_conversation_can_be_started_again(visit, bot) -> None:
    citizen = visit().opens().says(FIRST)
    citizen.button("设置").click()
    citizen.button("重新开始").click()
    citizen.settled()
    assert bot.session.said[-1] == "重新开始"


def test_erasing_leaves_nothing_behind_and_gives_a_receipt(visit, bot) -> None:
    citizen = visit().opens().says(FIRST)
    citizen.button("设置").click()
    citizen.button("清除我的记录").click()
    citizen.button("确定清除").click()
    citizen.find(".notice").get_by_text("R-1").wait_for()
    assert not bot.sessions
    assert citizen.shown() == []
    assert FIRST not in str(citizen.page.evaluate("[{...localStorage}, {...sessionStorage}]"))
    assert citizen.page.evaluate("Object.keys(localStorage).filter(key => /webhooks.* 武汉$/.test(key))") == []
    citizen.button("开始新的对话").click()
    citizen.find(".option").first.wait_for()
    assert bot.session.said == []


def erases(citizen) -> str:
    """What is said of it then."""
    citizen.button("设置").click()
    citizen.button("清除我的记录").click()
    citizen.button("确定清除").click()
    citizen.find(".receipt").wait_for()
    return citizen.find(".receipt p").all_inner_texts()


def test_erasing_takes_what_was_said_before_the_session_ended_as_well(visit, bot) -> None:
    citizen = visit().opens().says("从前的话")
    bot.expired.update(bot.sessions)
    citizen.says(FIRST)
    assert len(bot.sessions) == 2 and bot.session.said == [FIRST]
    assert erases(citizen) == ["已清除。回执号：R-1 R-2"]
    assert not bot.sessions
    assert "token" not in str(citizen.page.evaluate("Object.keys(localStorage).filter(key => /past|武汉$/.test(key))")) and citizen.shown() == []


def test_after_a_reload_an_ended_session_can_still_be_erased(visit, bot) -> None:
    citizen = visit().opens().says("从前的话")
    bot.expired.update(bot.sessions)
    citizen.reloads()
    citizen.find(".option").first.wait_for()
    citizen.reloads()
    assert erases(citizen) == ["已清除。回执号：R-1 R-2"]
    assert not bot.sessions


def test_an_erasure_that_breaks_off_leaves_what_is_not_yet_erased_to_the_next(visit, bot) -> None:
    citizen = visit().opens().says("从前的话")
    bot.expired.update(bot.sessions)
    citizen.says(FIRST)
    calls = []
    citizen.page.route("**/session", lambda route: route.continue_() if route.request.method != "DELETE" or calls.append(1) or len(calls) != 2
                       else route.abort("connectionreset"))
    citizen.button("设置").click()
    citizen.button("清除我的记录").click()
    citizen.button("确定清除").click()
    citizen.find(".failure").get_by_text("没有办成").wait_for()
    assert len(bot.sessions) == 1 and bot.session.said == [FIRST]
    citizen.button("确定清除").click()
    citizen.find(".receipt").get_by_text("R-1 R-2").wait_for()
    assert not bot.sessions and len(calls) == 3


def test_it_says_erased_only_where_something_was(visit, bot) -> None:
    citizen = visit().opens()
    assert erases(citizen) == ["已清除。回执号：R-1"]
    assert erases(citizen) == ["这个浏览器里没有对话，没有要清除的。"]
    citizen.button("开始新的对话").click()
    citizen.find(".option").first.wait_for()
    bot.sessions.clear()
    (unknown,) = erases(citizen)
    assert "没能清除" in unknown and "已清除" not in unknown


def test_what_was_typed_and_not_sent_is_there_after_a_reload_without_its_private_numbers(visit, bot) -> None:
    citizen = visit().opens()
    number = "138" + "0" * 8
    citizen.find("textarea").fill(f"我的电话{number}\n第二行\n第三行")
    assert number not in str(citizen.page.evaluate("[{...localStorage}, {...sessionStorage}]"))
    citizen.reloads()
    assert citizen.find("textarea").input_value() == f"我的电话{'*' * 11}\n第二行\n第三行"
    assert citizen.find("textarea").bounding_box()["height"] > 70
    citizen.find("textarea").press("Enter")
    citizen.settled().reloads()
    assert citizen.find("textarea").input_value() == "" and len(bot.session.said) == 1


def test_a_site_can_open_close_and_ask(visit, bot) -> None:
    citizen = visit()
    citizen.page.evaluate("document.querySelector('idcard-chat').ask('要花多少钱')")
    citizen.find(".me").wait_for()
    citizen.settled()
    assert bot.session.said == ["要花多少钱"]
    citizen.page.evaluate("document.querySelector('idcard-chat').close()")
    citizen.find(".panel").wait_for(state="hidden")
    citizen.page.evaluate("document.querySelector('idcard-chat').open()")
    assert citizen.find(".panel").is_visible()


@pytest.mark.parametrize("event", ["isComposing: true", "keyCode: 229"])
def test_enter_while_composing_sends_nothing(event: str, visit, bot) -> None:
    citizen = visit().opens()
    citizen.find("textarea").fill("gongbenfei")
    citizen.find("textarea").evaluate(
        f"field => field.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true, {event}}}))")
    assert citizen.find("textarea").input_value() == "gongbenfei"
    citizen.find("textarea").press("Shift+Enter")
    assert citizen.find("textarea").input_value() == "gongbenfei\n"
    assert citizen.own() == [] and bot.session.said == []


def test_an_input_method_takes_its_word_over_and_only_the_next_enter_sends(visit, bot) -> None:
    citizen = visit().opens()
    citizen.find("textarea").focus()
    device = citizen.context.new_cdp_session(citizen.page)
    device.send("Input.imeSetComposition", {"text": "gong ben fei", "selectionStart": 12, "selectionEnd": 12})
    device.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process", "code": "Enter"})
    device.send("Input.insertText", {"text": "工本费"})
    assert citizen.find("textarea").input_value() == "工本费"
    citizen.find("textarea").press("Enter")
    citizen.settled()
    assert bot.session.said == ["工本费"]


@pytest.mark.parametrize("number, kind", [("1101011990" + "01011234", "身份证号"), ("１３８" + "00000000", "手机号"), ("138 0000 0000", "手机号")])
def test_a_private_number_is_warned_of_and_never_leaves_the_device(number: str, kind: str, visit, bot) -> None:
    citizen = visit().opens()
    citizen.find("textarea").fill(f"我的号码{number}能办吗")
    assert kind in citizen.find(".warning").inner_text()
    citizen.find("textarea").press("Enter")
    citizen.settled()
    assert bot.session.said == [f"我的号码{'*' * len(number)}能办吗"]
    assert citizen.find(".warning").inner_text() == ""


def test_a_private_number_in_a_complaint_is_warned_of_and_never_leaves_the_device(visit, bot) -> None:
    citizen = visit().opens().says("工本费")
    citizen.button("没用").click()
    citizen.find(".reasons input[type=text]").fill("打我电话138" + "0" * 8)
    assert "手机号" in citizen.find(".actions [role=status]").inner_text()
    citizen.button("提交").click()
    citizen.find("[role=status]").get_by_text("谢谢，已记下").wait_for()
    assert bot.ratings[0]["reason"] == "打我电话" + "*" * 11


def test_a_private_number_in_what_the_page_asks_never_leaves_the_device(visit, bot) -> None:
    citizen = visit()
    citizen.page.evaluate("document.querySelector('idcard-chat').ask('138' + '0'.repeat(8) + '能办吗')")
    citizen.find(".me").wait_for()
    citizen.settled()
    assert bot.session.said == ["*" * 11 + "能办吗"]


def test_a_landline_is_no_private_number(visit, bot) -> None:
    citizen = visit().opens().says("027-85391728是哪里的电话")
    assert bot.session.said == ["027-85391728是哪里的电话"]
    assert citizen.find(".bot a[href='tel:027-85391728']").count() == 1
