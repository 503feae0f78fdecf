"""What a server of ours makes of hostile requests, a full disk, and knowledge that is broken while it runs."""
import json
import resource
import shutil
import socket
import sqlite3
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.serving import ROOT, Server, is_unsaved_apology

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def server(model_path, tmp_path_factory):
    """Runs on a copy of the knowledge, which a test breaks."""
    folder = tmp_path_factory.mktemp("server")
    program = folder / "program"
    program.mkdir()
    for name in ("assistant", "actions", "endpoints.yml"):
        (program / name).symlink_to(ROOT / name)
    for name in ("idcard", "knowledge"):  # the one looks for the other beside itself
        shutil.copytree(ROOT / name, program / name)
    server = Server(model_path, folder, program)
    server.start()
    yield server
    server.kill()


def fee(server, sender: str) -> bool:
    """Whether a question that any citizen asks is answered."""
    return any("40元" in message.get("text", "") for message in server.say(sender, "济宁补领多少钱"))


@pytest.mark.parametrize("text", ["济宁补领多少钱" * 1428, "济宁\x00补领多少钱", "\u202e济宁补领多少钱\u202c", "\ud83d", "😀" * 500, " ", ""],
                         ids=["10,000 characters", "NUL", "bidi", "half a character", "emoji", "blank", "nothing"])
def test_any_text_is_answered(text: str, server) -> None:
    messages = server.say("text", text)
    assert messages and all(message.get("text") or message.get("custom") for message in messages)
    assert fee(server, "text")


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 60000, b'{"sender": 7, "message": {"a": 1}}'],
                         ids=["empty", "cut", "null", "list", "string", "no UTF-8", "deep", "wrong types"])
def test_a_body_that_is_no_message_does_no_harm(body: bytes, server) -> None:
    try:
        server.post(body)
    except urllib.error.HTTPError as refused:
        assert 400 <= refused.code < 600 and b"Traceback" not in refused.read()
    assert fee(server, "body")


def test_a_body_of_one_megabyte_is_refused_at_once(server) -> None:
    body = json.dumps({"sender": "large", "message": "多" * 1_000_000}).encode()
    with pytest.raises((urllib.error.HTTPError, ConnectionError)) as refused:
        server.post(body)
    assert getattr(refused.value, "code", 413) == 413
    assert fee(server, "large")


def test_slow_clients_keep_nobody_waiting(server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert fee(server, "quick")
    for connection in slow:
        connection.close()


def test_people_at_once_get_their_own_answers(server) -> None:
    def talk(number: int) -> bool:
        city = "济宁" if number % 2 else "武汉"
        server.say(f"person {number}", f"我在{city}")
        twins = [message["custom"] for message in server.say(f"person {number}", "补领多少钱") if message.get("custom")]
        return {twin["city"] for twin in twins if "city" in twin} == {city}

    with ThreadPoolExecutor(8) as people:
        assert all(people.map(talk, range(16)))


def test_knowledge_broken_while_it_runs_is_not_noticed_until_the_next_start(server) -> None:
    file = server.program / "knowledge" / "facts.yml"
    whole = file.read_text()
    file.write_text("facts: [")
    try:
        assert fee(server, "knowledge")
        server.kill()
        with pytest.raises(AssertionError, match="facts.yml"):
            server.start()
    finally:
        file.write_text(whole)
    server.start()
    assert fee(server, "knowledge")


def test_a_full_disk_is_apologised_for_and_nothing_answered_is_lost(server) -> None:
    """The largest file that the process may write stands for the disk."""
    assert fee(server, "disk")
    before, unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE), (resource.RLIM_INFINITY,) * 2
    room_for_the_log = server.log.stat().st_size + 10_000
    assert Path(f"{server.database}-wal").stat().st_size > room_for_the_log
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (room_for_the_log, before[1]))
    try:
        messages = server.say("disk", "我在武汉")
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
    assert is_unsaved_apology(messages)
    assert fee(server, "disk")
    server.kill()
    server.start()
    with sqlite3.connect(server.database) as connection:
        rows = connection.execute("select data from events where sender_id = 'disk' and type_name = 'user'").fetchall()
    assert [json.loads(data)["text"] for data, in rows] == ["济宁补领多少钱"] * 2
    assert "ALARM" in server.log.read_text() and "我在武汉" not in server.log.read_text()
