"""The pages as a browser without JavaScript uses them, and the public files."""
from __future__ import annotations

import gzip
import html
import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import pytest

from assistant.channels.web.files import KINDS
from assistant.channels.web.pages import PAGES
from tests.assistant.channels.web.client import API, Answer, Chat, Server, form, hidden
from tests.widget.payloads import PAYLOADS

pytestmark = pytest.mark.model

XSS = ["${form}$messages$$", "</p></li></ol><h1>x</h1>", "<scr\x00ipt>alert(1)</scr\x00ipt>", "]]><x/>"]  # beside the hundred of the widget
AT_ONCE = 25


class Browser:
    """What a browser without JavaScript keeps: one cookie, the page it shows."""

    def __init__(self, server: Server) -> None:
        self.server, self.cookie, self.page = server, "", ""

    def get(self, path: str) -> Answer:
        return self._shown(self.server.call("GET", path, headers={"Cookie": self.cookie}))

    def post(self, path: str, fields: dict, **headers: str) -> Answer:
        body, kind = form(fields)
        return self._shown(self.server.call("POST", path, body, {"Cookie": self.cookie, **kind, **headers}))

    def _shown(self, answer: Answer) -> Answer:
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        if answer.status == 303:
            return self.get(answer.headers["location"].split("#")[0])
        self.page = answer.body.decode()
        return answer

    def start(self) -> "Browser":
        self.get("/chat")
        assert self.post("/chat/start", {"city": "", "text": ""}).status == 200
        return self

    def say(self, text: str) -> Answer:
        return self.post("/chat", {"form": hidden(self.page, "form"), "client_msg_id": hidden(self.page, "client_msg_id"), "text": text})

    def press(self, title: str) -> Answer:
        token = re.search(rf'<button name="button" value="([^"]+)">{re.escape(html.escape(title))}</button>', self.page).group(1)
        return self.post("/chat", {"form": hidden(self.page, "form"), "client_msg_id": hidden(self.page, "client_msg_id"), "button": token})

    @property
    def texts(self) -> list:
        return [html.unescape(text) for text in re.findall(r'<p class="text">(.*?)</p>', self.page, re.DOTALL)]


@pytest.fixture
def browser(web_server: Server) -> Browser:
    return Browser(web_server).start()


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))


# ---- the demo page and the files ------------------------------------------------------------------------

def test_the_front_page_is_the_demo_and_not_rasas_greeting(web_server: Server) -> None:
    answer = web_server.call("GET", "/")
    page = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/html") and "Rasa" not in page
    assert f'&lt;script type="module" src="http://127.0.0.1:{web_server.port}/widget/idcard-chat.js" data-city="武汉"&gt;' in page
    assert 'data-city="济宁"' in web_server.call("GET", "/?city=%E6%B5%8E%E5%AE%81").body.decode()
    assert web_server.call("GET", "/?city=x").status == 404


def test_behind_tls_the_line_to_embed_the_widget_says_https(web_server: Server) -> None:
    page = web_server.call("GET", "/", headers={"X-Forwarded-Proto": "https"}).body.decode()
    assert f'src="https://127.0.0.1:{web_server.port}/widget/idcard-chat.js"' in page and "http://127.0.0.1" not in page


@pytest.mark.parametrize("path", ["/", "/chat", "/nothing"])
def test_a_page_has_nothing_inline_and_nothing_of_another_host(web_server: Server, path: str) -> None:
    for tag, attributes in Tags(web_server.call("GET", path).body.decode()).found:
        assert tag != "style" and "style" not in attributes and not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes.get("src")
        for name in ("src", "href", "action"):
            assert re.match(r"/(?!/)|#|tel:", attributes.get(name, "/")), attributes


def test_a_hot_question_leads_to_the_chat_without_javascript(web_server: Server) -> None:
    links = [attributes["href"] for tag, attributes in Tags(web_server.call("GET", "/").body.decode()).found if "data-ask" in attributes]
    browser = Browser(web_server)
    browser.get(links[0])
    browser.post("/chat/start", {"city": hidden(browser.page, "city"), "text": hidden(browser.page, "text")})
    assert len(browser.texts) == 1, "a link sends nothing by itself"
    draft = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", browser.page).group(1))
    browser.say(draft)
    assert browser.texts[1] == draft and len(browser.texts) > 2


def test_a_file_is_sent_once_and_then_only_confirmed(web_server: Server) -> None:
    plain = web_server.call("GET", "/pages/demo.js")
    assert plain.headers["content-type"] == KINDS[".js"] and plain.body == (PAGES / "demo.js").read_bytes()
    small = web_server.call("GET", "/pages/demo.js", headers={"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip" and gzip.decompress(small.body) == plain.body
    again = web_server.call("GET", "/pages/demo.js", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert web_server.call("GET", "/pages/demo.js", headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", ["/", "/chat", "/widget/idcard-chat.js", "/pages/demo.js", f"{API}/health"])
def test_whoever_only_asks_whether_it_is_there_is_told_so(web_server: Server, path: str) -> None:
    answer = web_server.call("HEAD", path)
    assert answer.status == 200 and answer.body == b""
    assert answer.headers["content-type"] == web_server.call("GET", path).headers["content-type"]


@pytest.mark.parametrize("path", ["/widget/", "/widget/none.js", "/widget/..%2fcredentials.yml", "/widget/..%2f..%2f.env", "/widget/%2e%2e/config.yml",
                                  "/pages/demo.yml", "/pages/chat.html", "/pages/..%2fweb.py", "/widget/%00.js", "/widget/" + "a" * 300 + ".js"])
def test_nothing_else_is_a_file(web_server: Server, path: str) -> None:
    assert web_server.call("GET", path).status == 404


# ---- the chat without JavaScript ------------------------------------------------------------------------

def test_a_whole_eligibility_dialogue(browser: Browser) -> None:
    browser.say("我河南的，身份证丢了，能在武汉补吗")
    browser.press("都没有")
    browser.press("没有居住证")
    browser.say("有租房合同")
    browser.press("登记过")
    browser.press("以前登记的")
    assert any("可以" in text and "异地受理点办" in text for text in browser.texts[-3:])
    browser.say("我在光谷")
    tags = Tags(browser.page).found
    assert ("a", {"href": "tel:027-85391728"}) in tags or ("a", {"href": "tel:02785391728"}) in tags


def test_who_comes_from_another_citys_site_may_change_over_and_is_not_made_to(browser: Browser) -> None:
    assert "改问" not in browser.page
    browser.get("/chat?city=%E6%B5%8E%E5%AE%81&question=%E5%A4%9A%E5%B0%91%E9%92%B1")
    assert ">改问济宁<" in browser.page and "多少钱" in browser.page
    assert len(browser.texts) == 1, "a link changes nothing by itself"
    browser.post("/chat", {"form": hidden(browser.page, "form"), "client_msg_id": hidden(browser.page, "client_msg_id"), "city": "济宁"})
    assert browser.texts[1] == "我在济宁" and "改问" not in browser.page
    browser.get("/chat?city=%E6%B5%8E%E5%AE%81")
    assert "改问" not in browser.page
    browser.say("补领身份证多少钱")
    assert "40元" in browser.texts[-1]
    assert browser.post("/chat", {"form": hidden(browser.page, "form"), "client_msg_id": "abcdefgh", "city": "北京"}).status == 400


def test_a_very_long_conversation_shows_its_end(browser: Browser) -> None:
    with closing(sqlite3.connect(browser.server.database)) as connection:
        session = sessions_of(connection)[-1]
        connection.executemany("INSERT INTO web_message VALUES (?, ?, ?, 'bot', '2026-11-21T09:30:00.000+08:00', ?, '[]', '{}', NULL, 1)",
                               [(session, seq, seq, f"第{seq}条") for seq in range(2, 602)])
        connection.execute("UPDATE web_session SET newest = 601 WHERE session = ?", (session,))
        connection.commit()
    browser.say("济宁补领身份证多少钱")
    assert browser.texts[-2] == "济宁补领身份证多少钱" and "40元" in browser.texts[-1]
    assert len(browser.texts) == 500 and "只显示最近的" in browser.page


def sessions_of(connection) -> list:
    """The sessions, that begun last at the end."""
    return [session for (session,) in connection.execute("SELECT session FROM web_session ORDER BY rowid")]


def test_before_the_conversation_stands_how_privacy_is_kept(web_server: Server) -> None:
    page = web_server.call("GET", "/chat").body.decode()
    assert "身份证号" in page and "24小时" in page and "<textarea" not in page


def test_the_cookie_is_for_this_page_only_and_no_script_reads_it(web_server: Server) -> None:
    body, kind = form({"city": "", "text": ""})
    cookie = web_server.call("POST", "/chat/start", body, kind).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/chat"} <= set(cookie.split("; "))


def test_the_form_sent_twice_is_one_message_and_filled_in_anew_another(browser: Browser) -> None:
    old = browser.page
    browser.say("济宁补领多少钱")
    shown = browser.texts
    browser.page = old
    browser.say("济宁补领多少钱")
    assert browser.texts == shown
    browser.page = old
    browser.say("济宁换领多少钱")
    assert len(browser.texts) > len(shown)


def test_another_site_cannot_send_the_form(browser: Browser) -> None:
    shown, fields = browser.texts, {"client_msg_id": "abcdefgh", "text": "你好"}
    token = hidden(browser.page, "form")
    other = hidden(Browser(browser.server).start().page, "form")
    assert browser.post("/chat", {**fields, "form": other}).status == 400
    assert browser.post("/chat", fields).status == 400
    assert browser.post("/chat", {**fields, "form": token}, Origin="http://evil.test").status == 403
    assert browser.post("/chat/erase", {"form": other}).status == 400
    assert browser.post("/chat", {**fields, "form": token, "sender": "x"}).status == 400
    browser.get("/chat")
    assert browser.texts == shown


@pytest.mark.parametrize("text, words", [("长" * 2001, "2000个字"), ("", "先写点什么")])
def test_what_cannot_be_sent_is_told_on_the_page(browser: Browser, text: str, words: str) -> None:
    assert browser.say(text).status in (400, 413)
    assert words in re.search(r'role="alert">(.*?)<', browser.page).group(1)
    assert text in browser.page and len(browser.texts) == 1


def test_a_hundred_payloads_are_shown_as_they_were_typed(web_server: Server) -> None:
    """Said while a question is open, so that they are tried for its answer; a session may send so many in a minute."""
    payloads = [*XSS, *PAYLOADS]
    for at in range(0, len(payloads), AT_ONCE):
        browser = Browser(web_server).start()
        usual = {tag for tag, _ in Tags(browser.page).found} | {"a", "ul"}
        browser.say("我河南的，身份证丢了，能在武汉补吗")
        chat = Chat(web_server, {"token": browser.cookie.split("=")[1], "messages": []})
        for typed in payloads[at:at + AT_ONCE]:
            assert chat.say(typed)[1:], typed
        browser.get("/chat")
        for typed in payloads[at:at + AT_ONCE]:
            assert typed.replace("\x00", "").replace("\t", "").strip() in browser.texts, typed
        harmless(browser.page, usual)


def test_a_hundred_payloads_in_slots_and_on_buttons_are_text(browser: Browser) -> None:
    """As if an action had said them: the words, the stations and the choices of a reply may hold what somebody typed."""
    usual = {tag for tag, _ in Tags(browser.page).found} | {"a", "ul"}
    replies = [(typed, json.dumps([{"title": typed, "payload": typed}]), json.dumps(
        {"kind": "stations", "topic": typed, "asks": typed, "stations": [{"name": typed, "phone": typed, "tel": typed}]})) for typed in PAYLOADS]
    with closing(sqlite3.connect(browser.server.database)) as connection:
        session = sessions_of(connection)[-1]
        connection.executemany("INSERT INTO web_message VALUES (?, ?, 2, 'bot', '2026-11-21T09:30:00.000+08:00', ?, ?, ?, NULL, 1)",
                               [(session, seq, *reply) for seq, reply in enumerate(replies, 2)])
        connection.execute("UPDATE web_session SET newest = 101 WHERE session = ?", (session,))
        connection.commit()
    browser.get("/chat")
    assert browser.texts[1:] == PAYLOADS
    assert [html.unescape(title) for title in re.findall(r'<button name="button"[^>]*>(.*?)</button>', browser.page, re.DOTALL)] == PAYLOADS
    harmless(browser.page, usual)


def harmless(page: str, usual: set) -> None:
    """Nothing in it but elements of ours, no code, no link but telephone numbers and our own pages."""
    for tag, attributes in Tags(page).found:
        assert tag in usual and not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert re.fullmatch(r"/(?!/)\S*|tel:[0-9+,-]*", attributes.get(name, "/")), attributes


def test_markup_is_text_also_where_the_message_is_refused(browser: Browser) -> None:
    refused = browser.say("</textarea><script>x</script>" * 200)
    assert refused.status == 413 and "<script" not in browser.page


@pytest.mark.parametrize("typed", [*XSS, *PAYLOADS[::5]])
def test_markup_in_an_address_is_text_too(web_server: Server, typed: str) -> None:
    from urllib.parse import quote

    for path in ("/chat?question=", "/chat?city=", "/?city="):
        page = web_server.call("GET", path + quote(typed)).body.decode()
        assert not {tag for tag, _ in Tags(page).found} & {"script", "img", "svg", "iframe", "style", "base", "math", "b"}


def test_thumbs_erasing_and_starting_anew(browser: Browser) -> None:
    browser.say("济宁补领多少钱")
    browser.post("/chat/rate", {"form": hidden(browser.page, "form"), "seq": hidden(browser.page, "seq"), "rating": "好评"})
    assert "谢谢" in browser.texts[-1]
    token = browser.cookie.split("=")[1]
    assert browser.post("/chat/erase", {"form": hidden(browser.page, "form")}).status == 200
    assert "删除凭条" in browser.page and browser.cookie.endswith("=")
    assert browser.server.call("GET", f"{API}/messages", headers={"Authorization": f"Bearer {token}"}).status == 401
    browser.cookie = f"idcard-chat={token}"
    assert "开始咨询" in browser.get("/chat").body.decode()
    assert "开始咨询" in browser.post("/chat", {"text": "你好"}).body.decode()
