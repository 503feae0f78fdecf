"""One Chromium, one scripted bot and one city's site for all tests of the widget."""
from __future__ import annotations

import shutil
from typing import Callable, Iterator, Optional
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.widget.citizen import Citizen
from tests.widget.fake_server import Bot, Server, bot_server, site_server
from tests.widget.pages import host_page

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_IT = "Chromium is missing. `scripts/setup-browser.sh` says how to get it, and installs it when it runs as root."
PATIENCE = 15_000  # milliseconds; machines are slow at times
DESKTOP = {"width": 1100, "height": 800}


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(HOW_TO_GET_IT, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def only_bot() -> Bot:
    return Bot()


@pytest.fixture(scope="package")
def bot_origin(only_bot: Bot) -> Iterator[str]:
    server = bot_server(only_bot)
    yield server.origin
    server.stop()


@pytest.fixture
def bot(only_bot: Bot) -> Bot:
    """As fresh as after a start."""
    only_bot.reset()
    return only_bot


@pytest.fixture(scope="package")
def pages() -> dict[str, tuple[str, dict]]:
    """path -> (HTML, headers) of the city's site; a test may add its own."""
    return {}


@pytest.fixture(scope="package")
def site(pages: dict, bot_origin: str) -> Iterator[Server]:
    pages["/"] = host_page(bot_origin), {}
    server = site_server(pages)
    yield server
    server.stop()


@pytest.fixture(scope="package")
def hosts(site: Server, bot_origin: str) -> set[str]:
    """Whom the page and the widget may ask."""
    return {urlsplit(site.origin).netloc, urlsplit(bot_origin).netloc}


@pytest.fixture
def visit(chromium: Browser, site: Server, bot: Bot, hosts: set[str]) -> Iterator[Callable[..., Citizen]]:
    """visit(path, another tab of whom?, **options of the browser context) -> Citizen. Nobody may leave a script error or
    have asked a host that is not in `hosts`."""
    citizens: list[Citizen] = []

    def go(path: str = "/", beside: Optional[Citizen] = None, script: str = "", **options: object) -> Citizen:
        context = beside.context if beside else chromium.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(PATIENCE)
        if script:
            context.add_init_script(script)
        citizen = Citizen(context.new_page())
        citizens.append(citizen)
        citizen.page.goto(site.origin + path)
        citizen.find(".launcher").wait_for(state="attached")
        return citizen

    yield go
    for citizen in citizens:
        citizen.context.close()
    assert [error for citizen in citizens for error in citizen.errors] == []
    assert {urlsplit(url).netloc for citizen in citizens for url in citizen.requests if url.startswith(("http", "ws"))} <= hosts
