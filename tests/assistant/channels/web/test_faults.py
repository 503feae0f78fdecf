"""Lines that break and servers that die: nothing acknowledged is lost, nothing is there twice."""
from __future__ import annotations

import json
import socket
import sqlite3
import struct
import time
import uuid
from contextlib import closing

import pytest

from tests.assistant.channels.web.client import API, Chat, Server

pytestmark = pytest.mark.model

CUTS = 20
QUESTIONS = ("济宁补领身份证多少钱", "要带什么材料", "光谷哪里能办", "你好", "身份证丢了怎么挂失")


def cut_at(chat: Chat, client_msg_id: str, text: str, point: int) -> None:
    """Send a message over a raw line and break it: points 0 to 9 while sending, 10 to 19 while the answer is on its way.

    Odd points end with a reset, even ones with an ordinary close.
    """
    body = json.dumps({"client_msg_id": client_msg_id, "text": text}).encode()
    head = (f"POST {API}/message HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {chat.token}\r\n"
            f"X-Forwarded-For: 192.0.2.{point}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", chat.server.port), timeout=10) as line:
        if point % 2:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if point < CUTS // 2:
            line.sendall((head + body)[:len(head + body) * (point + 1) // (CUTS // 2 + 1)])
            return
        line.sendall(head + body)
        received = (point - CUTS // 2) * 100  # bytes of the answer that still arrive
        while received > 0:
            received -= len(line.recv(received))


def test_a_line_cut_at_twenty_points_loses_and_doubles_nothing(web_server: Server) -> None:
    chat, sent = web_server.chat(), []
    for point in range(CUTS):
        client_msg_id, text = uuid.uuid4().hex, QUESTIONS[point % len(QUESTIONS)]
        cut_at(chat, client_msg_id, text, point)
        turn = chat.say(text, client_msg_id)  # the widget tries again with the same id
        assert turn[0]["client_msg_id"] == client_msg_id and turn[1:]
        sent.append(client_msg_id)
    history = chat.history()
    assert [message["client_msg_id"] for message in history if message["from"] == "user"] == sent
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))


@pytest.fixture(scope="module")
def mortal(model_path, tmp_path_factory):
    """A server of this file's own, with its database."""
    database = tmp_path_factory.mktemp("mortal") / "web.db"
    server = Server(model_path, database).start()
    yield server
    server.kill()


def test_what_was_acknowledged_outlives_the_server(mortal: Server) -> None:
    chat = mortal.chat("济宁")
    turn = chat.say(QUESTIONS[0], "before-the-end")
    cut_at(chat, "in-the-middle", QUESTIONS[1], CUTS // 2)
    mortal.kill()
    with closing(sqlite3.connect(mortal.database)) as connection:
        connection.execute("INSERT INTO web_session VALUES ('web-of-yesterday', '', '2026-01-01T00:00:00+08:00', 0)")
        connection.commit()
    mortal.start()
    history = chat.history()
    assert history[:1 + len(turn)] == chat.greeting + turn
    assert chat.say(QUESTIONS[0], "before-the-end") == turn
    answer = retried(chat, "in-the-middle", QUESTIONS[1])
    assert answer[0]["client_msg_id"] == "in-the-middle" and answer[1:]
    assert chat.press("要花多少钱")[1:]
    own = [message["client_msg_id"] for message in chat.history() if message["from"] == "user"]
    assert own[:2] == ["before-the-end", "in-the-middle"] and len(own) == 3
    with closing(sqlite3.connect(mortal.database)) as connection:  # nobody has begun a session since
        assert connection.execute("SELECT count(*) FROM web_session").fetchone() == (1,)


def retried(chat: Chat, client_msg_id: str, text: str) -> list:
    """As a client does: again after as long as it is told to wait."""
    while True:
        answer = chat.call("POST", "/message", {"client_msg_id": client_msg_id, "text": text})
        if answer.status == 200:
            return answer.json["messages"]
        assert answer.code == "busy", answer.body
        time.sleep(answer.json["error"]["retry_after"])


def test_a_broken_database_is_a_kind_error_and_no_health(mortal: Server) -> None:
    chat = mortal.chat()
    with closing(sqlite3.connect(mortal.database)) as connection:
        connection.execute("DROP TABLE web_message")
    for method, path, body in (("POST", "/message", {"client_msg_id": "into-the-void", "text": QUESTIONS[0]}), ("GET", "/messages", None),
                               ("POST", "/session", {})):
        answer = chat.call(method, path, body)
        assert (answer.status, answer.code) == (500, "failed")
        assert "12345" in answer.json["error"]["message"] and b"web_message" not in answer.body
    assert "12345" in mortal.call("GET", "/chat", headers={"Cookie": f"idcard-chat={chat.token}"}).body.decode()
    assert (answer := chat.call("GET", "/health")).status == 503 and answer.code == "not_ready"
    log = mortal.log.read_text(encoding="utf-8")
    assert "A request failed: OperationalError" in log and QUESTIONS[0] not in log


def test_what_is_no_http_gets_no_more_than_an_error(web_server: Server) -> None:
    for sent in (b"\x16\x03\x01\x02\x00\x01", b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"POST " + API.encode() + b"/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                 b"POST " + API.encode() + b"/session HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", web_server.port), timeout=10) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: line.recv(65536), b""))
        assert b"Traceback" not in received and b".py" not in received
    assert web_server.call("GET", f"{API}/health").status == 200


def test_the_log_says_nothing_of_what_citizens_wrote(web_server: Server) -> None:
    chat = web_server.chat()
    chat.say("我叫小明明，住在光谷")
    chat.call("POST", "/message", b"\xff\xfe")
    written = web_server.log.read_text(encoding="utf-8")
    assert "小明明" not in written and chat.token not in written
