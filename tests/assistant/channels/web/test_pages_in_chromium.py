"""The pages in a real browser: nothing that axe knows stands in anybody's way, on a narrow screen neither, and no script is needed."""
from __future__ import annotations

import shutil

import pytest

from tests.assistant.channels.web.client import Server

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def faults(page) -> list:
    """What axe finds, and whether the page is wider than its window. axe is run from outside, past the page's policy."""
    from axe_playwright_python.sync_playwright import Axe

    found = [(violation["id"], violation["nodes"][0]["html"]) for violation in Axe().run(page).response["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([("too wide", width)] if width > 0 else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_page_is_accessible(browser, web_server: Server, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page, host = context.new_page(), f"http://127.0.0.1:{web_server.port}"
    page.goto(f"{host}/")
    assert faults(page) == []
    page.goto(f"{host}/chat?question=%E5%85%89%E8%B0%B7%E5%93%AA%E9%87%8C%E8%83%BD%E5%8A%9E")
    assert faults(page) == []
    page.click("text=开始咨询")
    assert faults(page) == []
    page.click("text=发送")
    assert page.locator(".phones a").count() > 1
    assert faults(page) == []
    page.click("text=删除这次对话")
    page.click("text=确定删除")
    assert page.locator("h1").text_content() == "对话已删除"
    assert faults(page) == []
    page.goto(f"{host}/nothing")
    assert faults(page) == []
    context.close()


def test_by_keyboard_alone_and_without_scripts(browser, web_server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{web_server.port}/chat?city=%E6%B5%8E%E5%AE%81")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("textarea:focus").count():
            break
    page.keyboard.type("补领多少钱")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat#m2")
    assert "40元" in page.locator(".bot .text").last.text_content()
    context.close()
