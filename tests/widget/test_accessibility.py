"""Everybody can use it: WCAG 2.2 AA by axe, sizes and targets by what the browser computed, keyboard, screen reader, zoom."""
from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.widget.citizen import Citizen
from tests.widget.pages import host_page
from tests.widget.script import FIRST
from tests.widget.states import STATES

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ["light", "dark", "contrast", "forced"]
SIZES = {False: [16, 18, 24, 30], True: [18, 22, 26, 30]}  # pixels, by elder mode
TARGET = {False: 48, True: 60}
AXE = """async ([rules, strict]) => {
    const found = await axe.run({include: [['idcard-chat']]}, {runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false,
                                rules: {'color-contrast-enhanced': {enabled: strict}}});
    return found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.target + ' ' + node.failureSummary).join(' | ')}`);
}"""
TARGETS = """root => [...root.shadowRoot.querySelectorAll('button, .station a, textarea, .pick, input[type=text]')]
    .map(one => [one.textContent || one.className, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height).map(([name, box]) => [name, box.width, box.height])"""
TYPE = """root => [...root.shadowRoot.querySelectorAll('*')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
                   && one.getClientRects().length && !one.closest('.unseen') && one.localName !== 'style')
    .map(one => [getComputedStyle(one), one]).map(([style, one]) => [one.textContent.slice(0, 20), parseFloat(style.fontSize),
                                                                     parseFloat(style.lineHeight) / parseFloat(style.fontSize)])"""


def in_state(visit, bot, state: str, **options) -> Citizen:
    citizen = visit(**options).opens()
    STATES[state](citizen, bot)
    return citizen


def put_on(citizen: Citizen, theme: str, **settings: object) -> None:
    forced = "active" if theme == "forced" else "none"
    citizen.page.emulate_media(forced_colors=forced)
    citizen.prefers(theme="light" if theme == "forced" else theme, **settings)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_theme_and_size(state: str, visit, bot) -> None:
    """Four themes in four sizes, and elder mode, which changes sizes only, in four."""
    citizen = in_state(visit, bot, state)
    language = "en" if state == "in English" else "zh-Hans"
    citizen.page.evaluate(AXE_SCRIPT)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    looks = [(theme, False) for theme in THEMES] + [("light", True)]
    for (theme, elder), size in product(looks, range(4)):
        put_on(citizen, theme, size=size, elder=elder, language=language)
        assert citizen.page.evaluate(AXE, [RULES, theme == "contrast"]) == [], f"{theme}, size {size}"
        if size == (2 if elder else 0):
            citizen.page.screenshot(path=SCREENSHOTS / f"{state}-{'elder' if elder else theme}.png")
    bot.delay.set()
    assert citizen.find(".panel").evaluate("panel => panel.scrollTop") == 0, "the head has been scrolled away"


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
def test_type_and_targets_are_as_large_as_promised(elder: bool, visit, bot) -> None:
    citizen = in_state(visit, bot, "stations")
    chat = citizen.page.locator("idcard-chat")
    for size, pixels in enumerate(SIZES[elder]):
        citizen.prefers(size=size, elder=elder)
        assert citizen.find(".bot .card").last.evaluate("card => getComputedStyle(card).fontSize") == f"{pixels}px"
        small = [(words, font) for words, font, _ in chat.evaluate(TYPE) if font < (18 if elder else 14)]
        assert small == []
        tight = [(words, ratio) for words, _, ratio in chat.evaluate(TYPE) if ratio < 1.3 and not words.isdigit()]
        assert tight == []
        narrow = [(name, width, height) for name, width, height in chat.evaluate(TARGETS) if min(width, height) < TARGET[elder] - .01]
        assert narrow == []


def test_the_targets_of_forms_are_large_too(visit, bot) -> None:
    for state in ("complaint", "asked to erase"):
        citizen = in_state(visit, bot, state)
        for elder in (False, True):
            citizen.prefers(elder=elder)
            sizes = citizen.page.locator("idcard-chat").evaluate(TARGETS)
            assert [one for one in sizes if min(one[1:]) < TARGET[elder] - .01] == []


def test_elder_mode_is_one_step_away_simple_and_kept(visit) -> None:
    citizen = visit().opens().says("工本费")
    assert citizen.button("复制").is_visible()
    citizen.button("大字版").click()
    assert citizen.button("大字版").get_attribute("aria-pressed") == "true"
    assert not citizen.button("复制").is_visible()
    citizen.reloads()
    assert citizen.find(".card").first.evaluate("card => getComputedStyle(card).fontSize") == "18px"


# A browser tells of scrolling when it draws the next frame.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
def test_what_lies_below_the_edge_is_said_and_one_touch_leads_on(elder: bool, visit) -> None:
    citizen = visit(viewport={"width": 360, "height": 640}, reduced_motion="reduce").opens().prefers(elder=elder)
    more, log = citizen.button("下面还有"), citizen.find(".log")
    citizen.says(FIRST, "1", "2", "1", "光谷")
    citizen.page.evaluate(DRAWN)
    place = log.evaluate("log => log.scrollTop")
    more.click()
    assert log.evaluate("log => log.scrollTop") > place
    for _ in range(8):
        citizen.page.evaluate(DRAWN)
        if more.is_visible():
            more.click()
    more.wait_for(state="hidden")
    assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight") < 40
    log.evaluate("log => { log.scrollTop = 0; }")
    more.wait_for()
    citizen.button("设置").click()
    assert not more.is_visible()


def test_in_elder_mode_what_is_a_picture_elsewhere_is_a_word(visit) -> None:
    citizen = visit().opens().prefers(elder=True).says(FIRST, "1")
    words = "one => getComputedStyle(one, '::after').content.slice(1, -1)"
    for name in ("设置", "关闭", "发送", "改这个回答"):
        one = citizen.button(name).last
        assert one.evaluate(words) == name and not one.locator("svg").is_visible()


@pytest.mark.parametrize("size", range(4))
def test_a_telephone_number_is_not_broken_in_two(size: int, visit) -> None:
    citizen = visit(viewport={"width": 360, "height": 740}).opens().prefers(elder=True, size=size).says("光谷")
    lines = citizen.find(".station .whole").evaluate_all("all => all.map(one => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight))")
    assert len(lines) == 2 and max(lines) < 1.5


def test_the_look_follows_the_system_until_the_citizen_chooses(visit) -> None:
    citizen = visit(color_scheme="dark").opens()
    frame = citizen.find(".frame")
    assert frame.get_attribute("data-theme") == "dark"
    citizen.page.emulate_media(color_scheme="light")
    citizen.find(".frame[data-theme=light]").wait_for(state="attached")
    citizen.button("设置").click()
    citizen.find(".settings").get_by_label("高对比").check()
    assert frame.get_attribute("data-theme") == "contrast"


def test_another_language_changes_the_buttons_and_not_the_conversation(visit, bot) -> None:
    citizen = visit().opens().says(FIRST)
    before = citizen.shown(".me .bubble, .bot .card p:last-child")
    citizen.button("设置").click()
    citizen.find(".settings").get_by_label("English").check()
    assert citizen.find(":focus").get_attribute("name") == "language"
    assert citizen.button("Back to the chat").is_visible()
    citizen.page.keyboard.press("Escape")
    assert citizen.shown(".me .bubble, .bot .card p:last-child") == before
    assert citizen.find(".frame").get_attribute("lang") == "en"
    assert citizen.find(".bot .card").first.get_attribute("lang") == "zh-Hans"
    assert bot.session.said == [FIRST]


@pytest.mark.parametrize("lang, words", [("zh-TW", "身份證諮詢"), ("en-GB", "ID card help"), ("zh-CN", "身份证咨询"), ("de", "身份证咨询")])
def test_the_site_names_the_language_position_and_theme(lang: str, words: str, visit, pages, bot_origin) -> None:
    pages["/named"] = host_page(bot_origin, attributes=f'data-lang="{lang}" data-position="left" data-theme="dark"'), {}
    citizen = visit("/named")
    assert citizen.find(".launcher").inner_text() == words
    assert citizen.find(".launcher").bounding_box()["x"] == 20
    assert citizen.find(".frame").get_attribute("data-theme") == "dark"


def test_a_screen_reader_hears_every_new_answer_once_and_nothing_twice(visit) -> None:
    citizen = visit().opens().says(FIRST, "1")
    heard = citizen.told()
    assert [words.split("\n")[0][:6] for words in heard] == ["您好！我是居", "下面这些情况", "您有《武汉市"]
    assert "1，有居住证；2，没有居住证" in heard[-1]
    assert citizen.find("[role=log]").get_attribute("aria-live") == "off"
    citizen.reloads()
    assert citizen.told() == []
    citizen.says("2")
    assert len(citizen.told()) == 1


def test_the_log_can_be_reached_and_every_button_has_a_name(visit, bot) -> None:
    citizen = in_state(visit, bot, "stations")
    names = citizen.find("button").evaluate_all("all => all.map(one => one.getAttribute('aria-label') || one.textContent)")
    assert names and all(name.strip() for name in names)
    assert citizen.find("[role=log]").get_attribute("tabindex") == "0"
    assert citizen.find("dialog").get_attribute("aria-labelledby") == citizen.find("h2").get_attribute("id")


VOICES = """window.spoken = []; window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, 'speechSynthesis', {value: {addEventListener() {}, cancel() {}, getVoices: () => VOICES,
                                                          speak: one => spoken.push([one.voice.name, one.text])}});"""
LOCAL = "{name: 'here', lang: 'zh-CN', localService: true}"
REMOTE = "{name: 'far', lang: 'zh-CN', localService: false}"
ENGLISH = "{name: 'english', lang: 'en-US', localService: true}"


def test_it_reads_aloud_with_a_chinese_voice_of_the_device(visit) -> None:
    citizen = visit(script=VOICES.replace("VOICES", f"[{ENGLISH}, {REMOTE}, {LOCAL}]")).opens().says("工本费")
    citizen.button("朗读").last.click()
    assert citizen.page.evaluate("spoken") == [["here", "您说的是：工本费"]]
    citizen.button("自动朗读").click()
    citizen.says("要带什么")
    assert citizen.page.evaluate("spoken").pop() == ["here", "您说的是：要带什么"]


def test_without_a_voice_of_the_device_nothing_is_offered(visit) -> None:
    citizen = visit(script=VOICES.replace("VOICES", f"[{ENGLISH}, {REMOTE}]")).opens().says("工本费")
    assert not citizen.button("自动朗读").is_visible() and citizen.button("朗读").count() == 0


SMALL = [(320, 640), (320, 256), (640, 360)]  # an old phone; 1280 x 1024 at 400 %; a phone on its side


@pytest.mark.parametrize("width, height", SMALL, ids=["a small phone", "400 % zoom", "lying"])
def test_nothing_is_cut_off_on_a_small_screen(width: int, height: int, visit, bot) -> None:
    citizen = in_state(visit, bot, "stations", viewport={"width": width, "height": height})
    for settings in ({}, {"size": 3, "elder": True}):
        citizen.prefers(**settings)
        box = citizen.find(".panel").bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, width, height)
        wide = citizen.find(".panel, .log, .tools, header, .composer, .card").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)")
        assert wide == []
        for selector in ("header .round >> nth=-1", ".tool.human", ".send"):
            citizen.find(selector).scroll_into_view_if_needed()
            assert citizen.find(selector).evaluate("""one => {
                const box = one.getBoundingClientRect();
                const found = one.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return one.contains(found);
            }""")
    assert citizen.find(".log").evaluate("log => log.scrollHeight <= log.clientHeight + 1") is (height <= 480)


def test_on_a_small_screen_nothing_behind_the_panel_takes_the_focus(visit) -> None:
    citizen = visit(viewport={"width": 360, "height": 640}).opens()
    assert citizen.find("dialog").evaluate("dialog => dialog.matches(':modal')")
    citizen.page.set_viewport_size({"width": 1000, "height": 700})
    citizen.find("dialog:not(:modal)").wait_for()
    assert citizen.find(":focus").count() == 1


def test_it_keeps_still_for_those_who_ask_for_it(visit, bot) -> None:
    citizen = in_state(visit, bot, "thinking", reduced_motion="reduce")
    moving = """root => [...root.shadowRoot.querySelectorAll('*')].map(one => getComputedStyle(one))
        .filter(style => style.animationName !== 'none' || style.scrollBehavior === 'smooth' || parseFloat(style.transitionDuration)).length"""
    assert citizen.page.locator("idcard-chat").evaluate(moving) == 0
    citizen.page.emulate_media(reduced_motion="no-preference")
    assert citizen.page.locator("idcard-chat").evaluate(moving) > 0
    bot.delay.set()


def test_with_forced_colours_every_control_keeps_an_outline(visit, bot) -> None:
    citizen = in_state(visit, bot, "stations", forced_colors="active")
    bare = citizen.find(":is(.send, .act.strong, .option, .station .act, .bubble, .card, textarea)").evaluate_all(
        "all => all.filter(one => parseFloat(getComputedStyle(one).borderTopWidth) < 1).map(one => one.className)")
    assert bare == []
