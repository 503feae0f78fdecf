"""Ten host pages that make it hard: the widget keeps its looks and works, and leaves theirs alone."""
from __future__ import annotations

import pytest

from tests.widget.pages import hostile_pages
from tests.widget.script import FIRST

pytestmark = pytest.mark.browser

NAMES = list(hostile_pages(""))
WATCH_SHIFTS = ("window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => { shifts += entry.value; }))"
                ".observe({type: 'layout-shift', buffered: true});")
LOOKS = """root => {
    const find = selector => root.shadowRoot.querySelector(selector);
    const style = getComputedStyle(find('.from .card'));
    const panel = find('.panel').getBoundingClientRect();
    const onTop = document.elementFromPoint(panel.left + panel.width / 2, panel.top + panel.height / 2);
    return {size: style.fontSize, colour: style.color, back: style.backgroundColor, opacity: style.opacity, caps: style.textTransform,
            spacing: style.letterSpacing, direction: style.direction, onTop: onTop === root,
            inside: panel.left >= 0 && panel.top >= 0 && panel.right <= innerWidth && panel.bottom <= innerHeight};
}"""
THEIRS = "(document.getElementById('theirs').getBoundingClientRect().toJSON())"


USUAL = {"size": "16px", "colour": "rgb(22, 32, 44)", "back": "rgb(255, 255, 255)", "opacity": "1", "caps": "none", "spacing": "normal",
         "direction": "ltr", "onTop": True, "inside": True}


def test_there_are_ten_of_them() -> None:
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_it_works_and_looks_the_same_on_a_page_that(name: str, visit, bot, pages, bot_origin) -> None:
    pages["/hostile"] = hostile_pages(bot_origin)[name], {}
    citizen = visit("/hostile", script=WATCH_SHIFTS)
    theirs = citizen.page.evaluate(THEIRS)
    assert citizen.page.evaluate("shifts") == 0
    citizen.find(".launcher").click()
    citizen.find(".option").first.wait_for()
    citizen.says(FIRST, "1")
    citizen.button("没有居住证").click()
    citizen.find(".option").filter(has_text="没登记过").wait_for()
    assert bot.session.said == [FIRST, "都没有", "没有居住证"]
    assert citizen.page.locator("idcard-chat").count() == 1
    assert citizen.page.locator("idcard-chat").evaluate(LOOKS) == USUAL
    assert citizen.page.evaluate(THEIRS) == theirs
    assert citizen.page.title() == "武汉市政务服务"
