"""Nothing that anybody writes becomes markup, nobody else is asked, and the files keep to what was promised."""
from __future__ import annotations

import gzip
import re

import pytest

from tests.widget.fake_server import WIDGET
from tests.widget.pages import host_page
from tests.widget.payloads import PAYLOADS

pytestmark = pytest.mark.browser

MOST_BYTES = 30 * 1024
FILES = sorted(WIDGET.glob("*.*"))
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
STRICT = ("default-src 'none'; script-src {bot}; connect-src {bot}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'; trusted-types 'none'")


def test_a_hundred_payloads_stay_text_wherever_they_come_from(visit, bot) -> None:
    assert len(set(PAYLOADS)) == 100
    citizen = visit(script="window.broken = []; for (const name of ['alert', 'prompt', 'confirm']) window[name] = () => broken.push(name);").opens()
    half = len(PAYLOADS) // 2
    for at, payload in enumerate(PAYLOADS[:half]):
        other = PAYLOADS[half + at]
        station = {key: other for key in ("name", "bureau", "address", "phone", "tel", "reason")}
        bot.answers[payload] = [
            {"text": f"{other}\n依据：{other}\n1. {other}", "custom": {"kind": other, "topic": other, "step": other, "stations": other}},
            {"text": payload, "titles": [other, payload],
             "custom": {"kind": "stations", "stations": [station, payload, None], "as_of": other, "cites": [other]}}]
    tags = "root => [...new Set([...root.shadowRoot.querySelectorAll('*')].map(one => one.localName))].sort()"
    allowed = set(citizen.says("1").page.locator("idcard-chat").evaluate(tags)) | {"a", "ol", "li", "b"}
    for payload in PAYLOADS[:half]:
        citizen.says(payload)
        assert citizen.own()[-1] == payload.strip()
        assert citizen.find(".option").last.text_content().endswith(payload.strip())
    citizen.reloads()
    citizen.page.evaluate("document.querySelector('idcard-chat').ask('完')")
    citizen.settled()
    assert set(citizen.page.locator("idcard-chat").evaluate(tags)) <= allowed
    links = citizen.find("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert [link for link in links if not re.fullmatch(r"tel:[0-9-]+", link)] == []
    handlers = "root => [...root.shadowRoot.querySelectorAll('*')].flatMap(one => [...one.attributes]).map(one => one.name)"
    assert [name for name in citizen.page.locator("idcard-chat").evaluate(handlers) if name.startswith("on")] == []
    assert citizen.page.evaluate("broken") == []


GOOD_ADDRESSES = ["https://www.gov.cn/zhengce", "https://gaj.wuhan.gov.cn/x?a=1"]
BAD_ADDRESSES = ["http://www.gov.cn/", "https://gov.cn.evil.example/", "https://evilgov.cn/", "https://www.gov.cn@evil.example/",
                 "https://user@www.gov.cn/", "javascript:alert(1)//https://", "HTTPS://www.gov.cn.", "ftp://www.gov.cn/"]


def test_only_addresses_of_the_list_are_links(visit, bot) -> None:
    words = "，".join(f"见 {address} 。" for address in BAD_ADDRESSES + GOOD_ADDRESSES)
    bot.answers["网址"] = [{"text": words, "custom": {"kind": "answer"}}]
    citizen = visit().opens().says("网址")
    assert citizen.shown(".bot .card")[-1] == words
    links = "all => all.map(one => [one.getAttribute('href'), one.target, one.rel])"
    assert citizen.find(".bot a").evaluate_all(links) == [[address, "_blank", "noopener noreferrer"] for address in GOOD_ADDRESSES]


def test_it_works_on_a_page_with_the_strictest_policy(visit, bot, pages, bot_origin) -> None:
    pages["/strict"] = host_page(bot_origin), {"Content-Security-Policy": STRICT.format(bot=bot_origin)}
    citizen = visit("/strict", script="window.violations = []; addEventListener('securitypolicyviolation', "
                                      "event => violations.push(event.violatedDirective + ' ' + event.blockedURI));"
                                      "window.print = () => {};")
    citizen.opens().says("登记过", "光谷")
    citizen.button("打印").click()
    with citizen.page.expect_download():
        citizen.button("下载").click()
    assert citizen.find(".panel").bounding_box()["width"] > 300
    assert citizen.page.evaluate("violations.filter(one => !one.endsWith('data'))") == []  # the page's own icon


def test_the_whole_widget_is_small() -> None:
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in FILES)
    assert len(FILES) > 10 and size <= MOST_BYTES, f"{size} bytes"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_or_code_from_text(path) -> None:
    found = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc|setHTML|createContextualFragment",
                       path.read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_needs_a_newer_browser_than_is_promised(path) -> None:
    """docs/tasks/embed-the-widget.md names them. A look-behind alone would keep Safari before 16.4 from reading the file."""
    newer = r"\(\?<[=!]|\?\?=|\|\|=|&&=|\.at\(|replaceAll|structuredClone|randomUUID|findLast|Object\.groupBy|toSorted|hasOwn\(|static \{|\b\d_\d"
    assert re.findall(newer, path.read_text(encoding="utf-8")) == []
