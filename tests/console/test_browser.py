"""The main paths in a real Chromium, against the console as a process of its own."""
from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from playwright import sync_api as playwright

from tests.console import made_events as made
from tests.console import running as started

CHROMIUM = "/usr/bin/chromium"
NEW_PASSWORD = "harbour-velvet-compass-9"
PAGES = ("/queues/", "/conversations/", "/conversations/?words=身份证&city=武汉", "/second-reviews/", "/wordings/", "/corrections/", "/replays/", "/knowledge/",
         "/measures/", "/measures/month/", "/retention/", "/accounts/", "/password/", "/nowhere/")
# Words of other letters that a Chinese reader of this console knows, or that are names.
KNOWN = {"JSON", "CSV", "Kappa", "YAML", "RulePolicy", "j", "k", "n", "p"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[started.Running]:
    console = started.start(tmp_path_factory.mktemp("console-process"))
    for number in range(3):
        talk = console.events.conversation(f"citizen {number}")
        talk.turn("湖南人身份证丢了，在武汉能补吗", "能否异地办理", [made.ASKS_REFUSAL], confidence=0.45, second="补领", second_confidence=0.4,
                  entities=[{"entity": "省份", "value": "湖南", "role": "户籍", "start": 0, "end": 2}], buttons=["都没有"],
                  slots={"hukou_province": "湖南", "city": "武汉"}, words="有没有下面的情况？")
        talk.turn("都没有", "否定", [made.ACCEPTED], slots={"refusal_case": "无"}, words="可以，您能在武汉办。")
        talk.turn("要多久能拿到", "办理时限", [made.NOT_SAID], words="武汉的文件没有写。")
    yield console
    console.process.terminate()
    console.process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: scripts/setup-browser.sh", pytrace=False)
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def admin(running: started.Running, browser: Any) -> Iterator[Any]:
    """A page signed in with the account of the first run; what it asked for from elsewhere is in `.elsewhere`."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.elsewhere, page.complaints = [], []
    page.on("request", lambda request: page.elsewhere.append(request.url) if not request.url.startswith(running.address) else None)
    page.on("console", lambda message: page.complaints.append(message.text) if message.type in ("error", "warning") else None)
    started.sign_in(running, page, "admin", running.password, NEW_PASSWORD)
    until(page, lambda: page.goto(f"{running.address}/conversations/") and page.locator("table.list tbody tr").count() == 3)
    yield page
    context.close()


def until(page: Any, holds: Any, seconds: float = 30) -> None:
    end = time.time() + seconds
    while not holds():
        assert time.time() < end, page.content()
        page.wait_for_timeout(300)


def open_first(page: Any, running: started.Running) -> None:
    page.goto(f"{running.address}/conversations/")
    page.locator("table.list tbody th a").last.click()
    page.wait_for_load_state()


def test_a_conversation_shows_how_each_message_was_read_and_what_decided(admin, running) -> None:
    open_first(admin, running)
    text = admin.locator("main").inner_text()
    for expected in ("能否异地办理", "45%", "省份（户籍）：湖南", "户籍省份", "第（1）项", "用时", "可以异地受理"):
        assert expected in text, expected
    assert "{" not in text, "raw JSON stays folded away"


def test_keys_lead_from_message_to_message_and_to_the_next_conversation(admin, running) -> None:
    open_first(admin, running)
    for key, focused in (("j", "m1"), ("j", "m2"), ("k", "m1")):
        admin.keyboard.press(key)
        assert admin.evaluate("document.activeElement.id") == focused
    here = admin.url
    admin.keyboard.press("p")
    admin.wait_for_url(lambda url: url != here)
    admin.keyboard.press("n")
    admin.wait_for_url(here)
    admin.get_by_label("写备注").focus()
    admin.keyboard.press("j")
    assert admin.get_by_label("写备注").input_value() == "j"


def test_a_verdict_is_given_with_the_keyboard_alone(admin, running) -> None:
    open_first(admin, running)
    admin.keyboard.press("j")
    for _ in range(12):
        admin.keyboard.press("Tab")
        if admin.evaluate("document.activeElement.name") == "verdict":
            break
    admin.keyboard.press("ArrowRight")
    admin.keyboard.press("ArrowRight")
    admin.keyboard.press("Enter")
    admin.wait_for_selector("[role=status]")
    assert "评为" in admin.locator("[role=status]").inner_text()


def test_a_correction_goes_from_the_transcript_to_the_approver_and_out(admin, running, browser) -> None:
    """C5 in the browser: correct, propose; approve, export: four clicks."""
    open_first(admin, running)
    admin.get_by_role("link", name="改正这一句的理解").last.click()
    admin.get_by_label("句子").fill("证件被碎纸机绞成条了还作不作数")
    admin.get_by_label("第 1 个").select_option("有效期")
    admin.get_by_role("button", name="提出").click()
    assert "等另一个人批准" in admin.locator("[role=status]").inner_text()
    second = second_person(admin, running, browser)
    second.goto(f"{running.address}/corrections/")
    second.get_by_role("button", name="批准").click()
    with second.expect_download() as download:
        second.get_by_role("button", name="导出训练句").click()
    assert "证件被碎纸机绞成条了还作不作数" in Path(download.value.path()).read_text(encoding="utf-8")


def second_person(admin: Any, running: started.Running, browser: Any) -> Any:
    admin.goto(f"{running.address}/accounts/")
    admin.get_by_label("用户名").fill("approver")
    admin.get_by_label("姓名").fill("小李")
    for role in ("训练：", "审核："):
        admin.get_by_label(role, exact=False).check()
    admin.get_by_role("button", name="建账号").click()
    password, running.secrets["approver"] = (admin.locator("code.secret").nth(index).inner_text() for index in (0, 1))
    page = browser.new_context(locale="zh-CN", accept_downloads=True).new_page()
    started.sign_in(running, page, "approver", password, NEW_PASSWORD)
    return page


def test_what_is_said_now_is_seen_within_seconds(admin, running) -> None:
    running.events.conversation("now", at=time.time()).turn("刚刚问的一句", "工本费", [made.FEE])
    begun = time.time()
    until(admin, lambda: admin.goto(f"{running.address}/conversations/?words=刚刚问的") and admin.locator("table.list tbody tr").count() == 1)
    assert time.time() - begun < 30  # the figure itself is measured by bench/console.py


def test_a_citizen_is_forgotten_down_to_the_files(admin, running) -> None:
    """C7, with the assistant's own command: the receipt, and no trace in either database, its log or its full-text index."""
    said = "葡萄架底下捡到的证"
    running.events.conversation("forgotten").turn(said, "丢失招领", [made.NOT_SAID])
    running.events.on_the_website("forgotten", said)
    until(admin, lambda: admin.goto(f"{running.address}/conversations/?words=葡萄架") and admin.locator("table.list tbody tr").count() == 1)
    admin.locator("table.list tbody th a").click()
    admin.get_by_label("本人要求删除").fill("本人到窗口申请")
    admin.get_by_role("button", name="登记删除申请").click()
    assert all(words in admin.locator("main").inner_text() for words in ("会删掉这个人的全部对话", "网站副本"))
    admin.get_by_role("button", name="删除并出回执").click()
    assert "机器人的回执" in admin.locator("main").inner_text()
    for file in running.folder.glob("*.db*"):
        for trace in (said, "葡萄", "forgotten"):
            assert trace.encode() not in file.read_bytes(), f"{trace} in {file.name}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_chinese_and_fits_a_phone(admin, running, path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    admin.goto(running.address + path)
    check_page(admin, Axe())


@pytest.mark.parametrize("link", ["改正这一句的理解", "把整个对话做成对话用例", "原始记录（JSON）", None])
def test_a_conversation_and_what_hangs_on_it_is_accessible_and_chinese(admin, running, link) -> None:
    from axe_playwright_python.sync_playwright import Axe

    open_first(admin, running)
    if link:
        admin.get_by_role("link", name=link).last.click()
    check_page(admin, Axe())


def check_page(page: Any, axe: Any) -> None:
    found = axe.run(page).response["violations"]
    assert found == [], [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
    text = page.evaluate("""() => { const copy = document.body.cloneNode(true);
        copy.querySelectorAll("code, pre, kbd, svg, option, input").forEach((node) => node.remove()); return copy.textContent }""")
    foreign = set(re.findall(r"[A-Za-z]{2,}|\b[A-Za-z]\b", text)) - KNOWN
    assert not {word for word in foreign if not re.fullmatch(r"admin|approver|event|utter_\w+", word)}, foreign
    page.set_viewport_size({"width": 320, "height": 640})  # a phone, or 400 % of 1280
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert overflow <= 0, f"{overflow} px wider than the window"


def test_nothing_was_asked_of_another_host_and_nothing_was_blocked(admin) -> None:
    """After all pages above."""
    assert admin.elsewhere == []
    assert [one for one in admin.complaints if "Content Security" in one or "Refused to" in one] == []


def test_without_scripts_it_works_as_well(running, browser, admin) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=admin.context.storage_state())
    page = context.new_page()
    page.goto(f"{running.address}/conversations/")
    page.locator("#id_words").fill("身份证")
    page.get_by_role("button", name="查找").first.click()
    assert page.locator("table.list tbody tr").count() == 3
    context.close()
