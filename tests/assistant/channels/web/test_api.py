"""docs/web-protocol.md, call by call, over HTTP to the real server."""
from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from contextlib import closing

import pytest

from assistant import keys
from tests.assistant.channels.web.client import API, SECRET, Chat, Server

pytestmark = pytest.mark.model

FEE = "济宁补领身份证多少钱"
RATED = "rated-139" + "0" * 8  # an id that would be masked for a telephone


def identity() -> str:
    return uuid.uuid4().hex


def custom(messages: list, key: str) -> list:
    return [message["custom"][key] for message in messages if key in message.get("custom", {})]


# ---- sessions -------------------------------------------------------------------------------------------

def test_a_session_begins_with_a_greeting_and_buttons(web_server: Server) -> None:
    answer = web_server.call("POST", f"{API}/session", {})
    assert answer.status == 201
    assert answer.json.keys() == {"token", "expires_in", "messages"}
    (greeting,) = answer.json["messages"]
    assert (greeting["seq"], greeting["from"]) == (1, "bot") and greeting["text"] and greeting["buttons"]
    assert all(button.keys() == {"title", "token"} for button in greeting["buttons"])


def test_on_the_site_of_a_city_the_city_is_known(web_server: Server) -> None:
    assert "40元" in custom(web_server.chat("济宁").say("补领身份证多少钱"), "outcome")
    assert "所在城市" in custom(web_server.chat().say("补领身份证多少钱"), "asks")


def test_the_city_of_the_site_is_still_known_after_starting_anew_and_another_one_stays(web_server: Server) -> None:
    chat = web_server.chat("济宁")
    chat.say("补领身份证多少钱")
    chat.say("重新开始")
    assert "40元" in custom(chat.say("补领身份证多少钱"), "outcome")
    chat.say("我在武汉")
    assert custom(chat.say("补领身份证多少钱"), "city") == ["武汉"]


@pytest.mark.parametrize("city", ["北京", "wuhan", "", None, 1, ["武汉"]])
def test_a_city_that_is_not_served_begins_no_session_or_none_is_meant(web_server: Server, city) -> None:
    answer = web_server.call("POST", f"{API}/session", {"city": city})
    assert answer.status == (201 if city == "" else 400)


@pytest.mark.parametrize("authorization", [
    None, "", "Bearer", "Bearer ", "Bearer x.y", "Basic abc", "Bearer 9999999999-abc.def", "Bearer " + "a" * 5000, "Bearer \u00e9",
])
def test_without_a_good_token_every_call_gets_401_and_nothing_else(web_server: Server, chat: Chat, authorization) -> None:
    chat.say(FEE)
    headers = {} if authorization is None else {"Authorization": authorization}
    for method, path, body in (("GET", "/messages?after=0", None), ("POST", "/message", {"text": FEE, "client_msg_id": identity()}),
                               ("POST", "/feedback", {"seq": 1, "rating": "好评"}), ("DELETE", "/session", None)):
        answer = web_server.call(method, API + path, body, headers)
        assert (answer.status, answer.code) == (401, "bad_session")
        assert answer.json.keys() == {"error"} and "40元" not in answer.body.decode()


def test_a_changed_token_is_no_token(web_server: Server, chat: Chat, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_SECRET_KEY", SECRET)
    value, signature = chat.token.split(".")
    expires, secret = value.split("-", 1)
    other = web_server.chat().token.split(".")
    for forged in (f"{int(expires) + 1}-{secret}.{signature}", f"{value}.{other[1]}", f"{other[0]}.{signature}", value,
                   f"{value}.", f"{value}.{signature[:-1]}", keys.sign("web button", value), f"{value}.{signature}x"):
        answer = web_server.call("GET", f"{API}/messages", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status == 401, forged


def test_an_expired_token_is_refused(web_server: Server, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_SECRET_KEY", SECRET)
    expired = keys.sign("web session", "1000000000-abcdefghijklmnopqrstuv")
    assert web_server.call("GET", f"{API}/messages", headers={"Authorization": f"Bearer {expired}"}).code == "bad_session"


def test_nobody_reads_the_messages_of_another(web_server: Server, chat: Chat) -> None:
    chat.say("我在济宁，补领身份证多少钱")
    other = web_server.chat()
    assert other.history() == other.greeting
    assert other.call("POST", "/feedback", {"seq": 3, "rating": "好评"}).code == "bad_request"


# ---- messages -------------------------------------------------------------------------------------------

def test_a_message_gets_the_citizens_own_and_the_replies(chat: Chat) -> None:
    own, *replies = chat.say(FEE, "my-own-id-1")
    assert own == {"seq": 2, "from": "user", "at": own["at"], "text": FEE, "client_msg_id": "my-own-id-1"}
    assert [message["seq"] for message in replies] == list(range(3, 3 + len(replies)))
    assert all(message["from"] == "bot" for message in replies)
    assert "40元" in custom(replies, "outcome") and own["at"].endswith("+08:00")


def test_the_same_id_again_gets_the_same_messages_and_no_second_turn(chat: Chat) -> None:
    first = chat.say(FEE, "again-and-again")
    assert chat.say(FEE, "again-and-again") == first
    assert chat.say("别的话", "again-and-again") == first
    assert chat.history() == chat.greeting + first


def test_ten_calls_at_once_with_one_id_are_one_turn(chat: Chat) -> None:
    answers: list = []
    threads = [threading.Thread(target=lambda: answers.append(chat.say(FEE, "all-at-once"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 10 and all(answer == answers[0] for answer in answers)
    assert chat.history() == chat.greeting + answers[0]


def test_messages_sent_at_once_are_answered_one_after_the_other(chat: Chat) -> None:
    sent = [identity() for _ in range(4)]
    threads = [threading.Thread(target=chat.say, args=(FEE, one)) for one in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = chat.history()
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    own = [index for index, message in enumerate(history) if message["from"] == "user"]
    assert sorted(history[index]["client_msg_id"] for index in own) == sorted(sent)
    assert all(history[index + 1]["from"] == "bot" for index in own), "a message stands before the reply to the one before it"


def test_replay_begins_after_the_number_given(chat: Chat) -> None:
    turn = chat.say(FEE)
    assert chat.history(1) == turn and chat.history(2) == turn[1:] and chat.history(turn[-1]["seq"]) == []
    answer = chat.call("GET", "/messages")
    assert answer.json == {"messages": chat.greeting + turn, "busy": False}
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_kept_is_masked_and_what_is_read_is_not(chat: Chat) -> None:
    number = "4201" + "06" + "19900101" + "0" * 3 + "X"  # nobody's
    own, *replies = chat.say(f"我的身份证号{number}，济宁补领多少钱")
    assert number not in own["text"] and "*" in own["text"] and own["text"].endswith("，济宁补领多少钱")
    assert "40元" in custom(replies, "outcome")
    assert number not in json.dumps(chat.history())


@pytest.mark.parametrize("typed", ["/restart", "／restart", '/restart{"a": 1}', "/session_start", "\u200b/restart", "\x00/restart"], ids=ascii)
def test_a_typed_command_is_only_text(chat: Chat, typed: str) -> None:
    chat.say("我在济宁")
    assert chat.say(typed)[1:]
    assert "40元" in custom(chat.say("补领身份证多少钱"), "outcome"), "the city has been forgotten"


@pytest.mark.parametrize("text", ["\u202e我想补办", "补领\x00\x07多少钱", "\ud800补领", "👨‍👩‍👧", "　", "……", "a" * 2000, "身" * 2000],
                         ids=lambda text: ascii(text)[:40])
def test_strange_text_gets_a_reply(chat: Chat, text: str) -> None:
    answer = chat.call("POST", "/message", json.dumps({"client_msg_id": identity(), "text": text}).encode())
    if text == "　":
        assert answer.code == "bad_request"
    else:
        assert answer.status == 200 and len(answer.json["messages"]) > 1
        assert not set("\u202e\x00\x07\ud800") & set(answer.json["messages"][0]["text"])


# ---- what is refused ------------------------------------------------------------------------------------

@pytest.mark.parametrize("body", [
    b"", b"null", b"[]", b'"text"', b"{", b'{"text": "\xff"}', b"{'text': 1}", b"[" * 10_000, b'{"a":' * 2_000,
    {"text": "你好"}, {"client_msg_id": "abcdefgh"}, {"client_msg_id": "short", "text": "你好"}, {"client_msg_id": "a" * 65, "text": "你好"},
    {"client_msg_id": "身份证身份证身份证", "text": "你好"}, {"client_msg_id": "abcdefgh\n", "text": "你好"}, {"client_msg_id": 12345678, "text": "你好"},
    {"client_msg_id": "abcdefgh", "text": ""}, {"client_msg_id": "abcdefgh", "text": "  \n"}, {"client_msg_id": "abcdefgh", "text": None},
    {"client_msg_id": "abcdefgh", "text": ["你好"]}, {"client_msg_id": "abcdefgh", "text": {"text": "你好"}},
    {"client_msg_id": "abcdefgh", "text": "你好", "button": "1-0-x"}, {"client_msg_id": "abcdefgh", "text": "你好", "sender": "another"},
    {"client_msg_id": "abcdefgh", "text": "你好", "metadata": {}}, {"client_msg_id": "abcdefgh", "text": "你好", "input_channel": "wechat"},
    b'{"client_msg_id": "abcdefgh", "text": "a", "text": "b"}',
], ids=lambda body: repr(body)[:60])
def test_a_body_that_is_not_the_protocols_is_refused(chat: Chat, body) -> None:
    answer = chat.call("POST", "/message", body)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert chat.history() == chat.greeting


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=", "after=１", "after=1.0", "after=99999999999", "before=1", "after=0&limit=1"])
def test_a_query_that_is_not_the_protocols_is_refused(chat: Chat, query: str) -> None:
    from urllib.parse import quote

    answer = chat.call("GET", "/messages?" + quote(query, safe="=&"))
    assert answer.status == (200 if query == "after=" else 400)


@pytest.mark.parametrize("size", [17_000, 60_000, 1_000_000])
def test_a_large_body_is_refused_whatever_is_in_it(chat: Chat, size: int) -> None:
    body = json.dumps({"client_msg_id": identity(), "text": "你好"}).encode()
    assert (answer := chat.call("POST", "/message", body.ljust(size))).status == 413 and answer.code == "too_large"
    assert chat.history() == chat.greeting
    assert chat.call("POST", "/message", body.ljust(15_000)).status == 200


def test_a_large_body_that_does_not_say_how_large_it_is_is_refused_as_well(web_server: Server, chat: Chat) -> None:
    body = iter([b" " * 1_000] * 17)
    assert chat.call("POST", "/message", body).status == 413
    assert chat.history() == chat.greeting


def test_a_long_text_is_refused_with_what_to_do(chat: Chat) -> None:
    answer = chat.call("POST", "/message", {"client_msg_id": identity(), "text": "长" * 2001})
    assert (answer.status, answer.code) == (413, "too_large") and "2000" in answer.json["error"]["message"]


@pytest.mark.parametrize("method, path", [
    ("GET", "/nothing"), ("PUT", "/session"), ("GET", "/message"), ("POST", "/messages"), ("GET", "/session/1"), ("GET", "/"),
])
def test_what_the_protocol_does_not_name_is_not_found(web_server: Server, method: str, path: str) -> None:
    answer = web_server.call(method, API + path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/webhooks/rest", "/socket.io/", "/status", "/model", "/domain", "/version",
                                  "/conversations/web/tracker", "/model/parse", "/docs", "/webhooks/callback/webhook"])
def test_nothing_of_rasas_own_is_reachable(web_server: Server, path: str) -> None:
    for method in ("GET", "POST"):
        answer = web_server.call(method, path, b"{}" if method == "POST" else None)
        assert answer.status == 404 and b"asa" not in answer.body.replace(b"idcard-assistant", b"")


def test_too_many_messages_are_told_when_to_go_on(web_server: Server) -> None:
    chat = web_server.chat()
    answers = [chat.call("POST", "/message", {"client_msg_id": identity(), "text": ""}) for _ in range(61)]
    assert answers[0].code == "bad_request"
    refused = answers[-1]
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert 0 < refused.json["error"]["retry_after"] <= 60 and refused.headers["retry-after"]
    assert web_server.chat().say(FEE), "another session is not affected"


def test_one_address_cannot_open_sessions_without_end(web_server: Server) -> None:
    crowd = {"X-Forwarded-For": "203.0.113.1, 192.0.2.1"}
    codes = [web_server.call("POST", f"{API}/session", {"city": "x"}, crowd).status for _ in range(241)]
    assert codes[0] == 400 and codes[-1] == 429
    assert web_server.call("POST", f"{API}/session", {}, {"X-Forwarded-For": "198.51.100.9, 192.0.2.1"}).status == 429, "a spoofed one helps"
    for other in ("192.0.2.2", "192.0.2.1, 198.51.100.7"):
        assert web_server.call("POST", f"{API}/session", {}, {"X-Forwarded-For": other}).status == 201


# ---- origins --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("origin", ["http://evil.test", "https://city.test", "http://city.test.evil.test", "http://city.test:8080", "null",
                                    "http://CITY.test", "file://", "*"])
def test_another_sites_page_is_refused(web_server: Server, chat: Chat, origin: str) -> None:
    for method, path, body in (("POST", "/session", {}), ("GET", "/messages", None), ("GET", "/health", None), ("DELETE", "/session", None)):
        answer = chat.call(method, path, body, Origin=origin)
        assert (answer.status, answer.code) == (403, "wrong_origin")
        assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = web_server.call("OPTIONS", f"{API}/message", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert not [name for name in preflight.headers if name.startswith("access-control")]


def test_a_listed_site_and_the_own_may_call(web_server: Server, chat: Chat) -> None:
    for origin in ("http://city.test", f"http://127.0.0.1:{web_server.port}"):
        for method, path in (("OPTIONS", "/message"), ("GET", "/messages"), ("GET", "/nothing")):
            headers = chat.call(method, path, Origin=origin).headers
            assert headers["access-control-allow-origin"] == origin and "Origin" in headers["vary"]
            assert "access-control-allow-credentials" not in headers
        assert "Authorization" in web_server.call("OPTIONS", f"{API}/message", headers={"Origin": origin}).headers["access-control-allow-headers"]


def test_every_answer_tells_the_browser_to_be_careful(web_server: Server, chat: Chat) -> None:
    for answer in (chat.call("GET", "/messages"), web_server.call("GET", "/"), web_server.call("GET", "/chat"),
                   web_server.call("GET", "/nothing"), web_server.call("GET", f"{API}/nothing"), web_server.call("GET", "/pages/demo.js")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


# ---- buttons --------------------------------------------------------------------------------------------

def test_a_button_is_sent_by_its_token_and_shown_by_its_title(chat: Chat) -> None:
    own, *replies = chat.press("要花多少钱")
    assert own["text"] == "要花多少钱" and replies


def test_a_token_of_another_session_is_stale(web_server: Server, chat: Chat) -> None:
    foreign = web_server.chat().greeting[0]["buttons"][0]["token"]
    for token in (foreign, "1-0-" + "A" * 22, "1-99-" + foreign.split("-", 2)[2], "", "要花多少钱", "/restart", foreign * 50):
        answer = chat.call("POST", "/message", {"client_msg_id": identity(), "button": token})
        assert (answer.status, answer.code) == (409, "stale_button"), token
    assert chat.history() == chat.greeting


def test_the_button_of_a_question_that_has_been_answered_is_stale(web_server: Server) -> None:
    chat = web_server.chat("武汉")
    first = next(one for one in chat.say("我河南的，身份证丢了，能在武汉补吗") if one.get("custom", {}).get("asks"))
    answered = chat.press(first["buttons"][0]["title"])
    assert custom(answered, "asks") and first["custom"]["asks"] not in custom(answered, "asks")
    again = {"client_msg_id": identity(), "button": first["buttons"][1]["token"]}
    assert chat.call("POST", "/message", again).code == "stale_button"
    assert chat.history()[-1] == answered[-1]


# ---- feedback, erasure, health --------------------------------------------------------------------------

def test_feedback_is_thanked_once_and_does_not_disturb_the_open_question(web_server: Server) -> None:
    chat = web_server.chat("武汉")
    question = chat.say("我河南的，身份证丢了，能在武汉补吗")[-1]
    rating = {"seq": question["seq"], "rating": "差评", "reason": "太长了"}
    answer = chat.call("POST", "/feedback", rating)
    (thanks,) = answer.json["messages"]
    assert answer.status == 200 and thanks["from"] == "bot" and thanks["text"]
    assert chat.call("POST", "/feedback", rating).json == answer.json
    assert chat.history()[-1] == thanks
    assert question["custom"]["asks"] not in custom(chat.press(question["buttons"][0]["title"]), "asks")


@pytest.mark.parametrize("body", [
    {}, {"seq": 1}, {"rating": "好评"}, {"seq": 1, "rating": "一般"}, {"seq": "1", "rating": "好评"}, {"seq": True, "rating": "好评"},
    {"seq": 99, "rating": "好评"}, {"seq": 2, "rating": "好评"}, {"seq": 10**30, "rating": "好评"}, {"seq": -1, "rating": "好评"},
    {"seq": 1, "rating": "好评", "stars": 5},
])
def test_feedback_on_nothing_is_refused(chat: Chat, body: dict) -> None:
    chat.say(FEE)
    assert chat.call("POST", "/feedback", body).code == "bad_request"


def test_the_console_finds_a_rating_beside_the_turn_it_is_about(web_server: Server, chat: Chat) -> None:
    answer = chat.say(FEE, RATED)[1]
    chat.call("POST", "/feedback", {"seq": answer["seq"], "rating": "差评", "reason": "看不懂"})
    with closing(sqlite3.connect(web_server.database)) as connection:
        events = [json.loads(data) for (data,) in connection.execute(
            "SELECT data FROM events WHERE sender_id IN (SELECT session FROM web_message WHERE client_msg_id = ?) ORDER BY id", (RATED,))]
    (feedback,) = [event["metadata"]["feedback"] for event in events if "feedback" in (event.get("metadata") or {})]
    (rated,) = [event["message_id"] for event in events if event["event"] == "user"]
    assert feedback.pop("id")
    assert feedback == {"rating": "差评", "reason": "看不懂", "text": answer["text"], "message_id": rated}
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    assert (slots["rating"], slots["rating_reason"]) == ("差评", "看不懂")


def test_a_rating_is_recorded_once_also_where_its_process_died_before_the_thanks(web_server: Server) -> None:
    chat = web_server.chat("济宁")
    answer = chat.say("补领身份证多少钱", "rated-and-died")[1]
    rating = {"seq": answer["seq"], "rating": "差评", "reason": "看不懂"}
    with closing(sqlite3.connect(web_server.database)) as connection:
        (sender,) = connection.execute("SELECT session FROM web_message WHERE client_msg_id = 'rated-and-died'").fetchone()
        for _ in range(2):
            assert chat.call("POST", "/feedback", rating).status == 200
            connection.execute("DELETE FROM web_message WHERE session = ? AND client_msg_id LIKE 'rating:%'", (sender,))
            connection.commit()
        said = [data for (data,) in connection.execute("SELECT data FROM events WHERE sender_id = ? AND type_name = 'bot'", (sender,))]
    assert len([data for data in said if json.loads(data)["metadata"].get("feedback")]) == 1


def test_erasing_leaves_nothing_and_gives_a_receipt(web_server: Server, chat: Chat) -> None:
    kept = 1 + len(chat.say("我在济宁，补领身份证多少钱", "to-be-erased"))
    with closing(sqlite3.connect(web_server.database)) as connection:
        (sender,) = connection.execute("SELECT session FROM web_message WHERE client_msg_id = 'to-be-erased'").fetchone()
        answer = chat.call("DELETE", "/session")
        receipt = answer.json["receipt"]
        assert answer.status == 200 and receipt.keys() == {"id", "erased_at", "messages"} and receipt["messages"] == kept
        for table, column in (("web_session", "session"), ("web_message", "session"), ("events", "sender_id")):
            assert connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (sender,)).fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM receipts WHERE id = ?", (receipt["id"],)).fetchone() == (1,)
    for method, path, body in (("GET", "/messages", None), ("POST", "/message", {"text": FEE, "client_msg_id": identity()})):
        assert chat.call(method, path, body).code == "bad_session"
    assert chat.call("DELETE", "/session").json["receipt"]["id"] == receipt["id"], "the first answer may have been lost"


def test_what_was_said_can_be_erased_when_the_token_has_expired_and_nothing_else_can_be_done_with_it(web_server: Server, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_SECRET_KEY", SECRET)
    token = keys.sign("web session", "1000000000-" + identity()[:22])
    sender, other = ("web-" + keys.pseudonym("web sender", one.rpartition(".")[0]) for one in (token, token + ".x"))
    with closing(sqlite3.connect(web_server.database)) as connection:
        for name in (sender, other):
            connection.execute("INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, 'user', 1, '{\"event\": \"user\", \"text\": \"x\"}')", (name,))
        connection.commit()
        bearer = {"Authorization": f"Bearer {token}"}
        for method, path, body in (("GET", "/messages", None), ("POST", "/message", {"text": FEE, "client_msg_id": identity()}),
                                   ("POST", "/feedback", {"seq": 1, "rating": "好评"})):
            assert web_server.call(method, API + path, body, bearer).code == "bad_session"
        answer = web_server.call("DELETE", f"{API}/session", headers=bearer)
        assert answer.status == 200 and answer.json["receipt"]["id"]
        left = connection.execute("SELECT sender_id FROM events WHERE sender_id IN (?, ?)", (sender, other)).fetchall()
    assert left == [(other,)]


def test_it_is_healthy_when_it_answers(web_server: Server) -> None:
    answer = web_server.call("GET", f"{API}/health")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
