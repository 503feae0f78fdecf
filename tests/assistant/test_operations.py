"""What operators see of a running server: metrics, health, readiness, logs; and how it stops."""
import asyncio
import json
import logging
import re
import signal
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from assistant import operations, server, start
from tests.assistant.channels.web.client import API, Server
from tests.planted import card_number, mobile_number
from tests.services import free_port

pytestmark = pytest.mark.model
TRACE = "0123456789abcdef" * 2
SAID = f"我叫小明明，电话{mobile_number()}，身份证{card_number()}，济宁补领多少钱"


def asked(port: int, path: str) -> "tuple[int, str]":
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class Watched(Server):
    """A server with its operations' address, and a log in JSON lines that tells of every turn."""

    def __init__(self, model, database) -> None:
        self.operations = free_port()
        super().__init__(model, database, IDCARD_OPERATIONS=f"127.0.0.1:{self.operations}", IDCARD_LOG_FORMAT="json", LOG_LEVEL="INFO")

    def asked(self, path: str) -> "tuple[int, str]":
        return asked(self.operations, path)

    def value(self, sample: str) -> float:
        found = re.search(rf"^{re.escape(sample)} (\S+)$", self.asked("metrics")[1], re.MULTILINE)
        return float(found[1]) if found else 0.0

    def logged(self) -> list:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def turn_of(self, trace: str) -> dict:
        return next(line for line in self.logged() if line.get("trace_id") == trace and "ms" in line)


@pytest.fixture(scope="module")
def watched(model_path, tmp_path_factory):
    server = Watched(model_path, tmp_path_factory.mktemp("operations") / "web.db").start()
    yield server
    server.kill()


def test_turns_outcomes_and_refusals_are_counted(watched: Watched) -> None:
    chat = watched.chat()
    chat.say("济宁补领多少钱")
    chat.say("护照怎么办")
    chat.call("POST", "/message", b"{")
    assert watched.value('idcard_turns_total{channel="web",result="answered"}') >= 2
    assert watched.value('idcard_outcomes_total{city="济宁",outcome="40元",topic="工本费"}') == 1
    assert watched.value('idcard_readings_total{channel="web",reading="out_of_scope"}') == 1
    assert watched.value('idcard_refused_requests_total{channel="web",code="bad_request"}') == 1
    assert watched.value('idcard_queue_length{channel="web"}') == 0
    for stage in ("waiting", "understanding", "actions", "store", "whole"):
        assert watched.value(f'idcard_stage_seconds_count{{stage="{stage}"}}') >= 2, stage


def test_a_fault_can_be_seen_to_grow_from_nothing(watched: Watched) -> None:
    page = watched.asked("metrics")[1]
    for sample in ('idcard_store_errors_total{operation="save"}', 'idcard_turns_total{channel="wechat",result="unsaved"}',
                   'idcard_readings_total{channel="web",reading="fallback"}'):
        assert f"{sample} 0.0" in page


def test_the_public_address_has_no_metrics_and_theirs_has_nothing_else(watched: Watched) -> None:
    assert watched.call("GET", "/metrics").status == 404 and watched.call("GET", "/ready").status == 404
    assert watched.asked("metrics")[0] == 200
    assert watched.asked("webhooks/web/health")[0] == 404 and watched.asked("")[0] == 404


def test_a_turn_is_logged_under_the_id_of_its_request_without_a_word_of_it(watched: Watched) -> None:
    chat = watched.chat()
    answer = chat.call("POST", "/message", {"text": SAID, "client_msg_id": "privately"}, **{"X-Request-ID": TRACE})
    assert answer.headers["x-request-id"] == TRACE
    line = watched.turn_of(TRACE)
    assert (line["channel"], line["result"], line["reading"]) == ("web", "answered", "understood")
    assert "工本费:40元" in line["replies"] and set(line["ms"]) >= {"understanding", "actions", "store", "whole"}
    written = watched.log.read_text(encoding="utf-8") + watched.asked("metrics")[1]
    assert [private for private in ("小明明", mobile_number(), card_number(), chat.token, "web-") if private in written] == []


@pytest.mark.parametrize("given", ["", "x" * 32, card_number(), TRACE.upper(), TRACE + "0", "a\u00e9"])
def test_an_id_that_nginx_would_not_make_is_replaced(given: str, watched: Watched) -> None:
    answer = watched.call("GET", f"{API}/health", headers={"X-Request-ID": given.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_a_refusal_has_an_id_as_well(watched: Watched) -> None:
    for answer in (watched.call("GET", "/nowhere"), watched.call("POST", f"{API}/session", {}, {"Origin": "http://elsewhere.test"})):
        assert answer.status in (403, 404) and answer.headers["x-request-id"]


def test_without_its_store_it_is_alive_and_not_ready(watched: Watched) -> None:
    assert watched.asked("ready")[0] == watched.asked("health")[0] == 200
    errors = watched.value('idcard_store_errors_total{operation="retrieve"}')
    with closing(sqlite3.connect(watched.database)) as other:
        other.execute("ALTER TABLE events RENAME TO away")
        try:
            assert watched.asked("ready")[0] == 503 and watched.asked("health")[0] == 200
            assert watched.value("idcard_ready") == 0
        finally:
            other.execute("ALTER TABLE away RENAME TO events")
    assert watched.asked("ready")[0] == 200 and watched.value("idcard_ready") == 1
    assert watched.value('idcard_store_errors_total{operation="retrieve"}') > errors


def test_while_the_event_loop_is_held_up_it_says_so_and_still_counts(monkeypatch) -> None:
    monkeypatch.setattr(operations, "PATIENCE_SECONDS", 0.5)
    loop, released, port = asyncio.new_event_loop(), threading.Event(), free_port()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    operations.Operations("127.0.0.1", port).start(loop, lambda: asyncio.sleep(0, True))
    assert asked(port, "health")[0] == asked(port, "ready")[0] == 200
    loop.call_soon_threadsafe(released.wait)
    assert asked(port, "health")[0] == asked(port, "ready")[0] == 503
    assert asked(port, "metrics")[0] == 200
    released.set()
    assert asked(port, "health")[0] == 200


def test_an_address_that_is_taken_stops_the_start_with_a_sentence(monkeypatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("IDCARD_OPERATIONS", f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(start.StartRefused, match="IDCARD_OPERATIONS=127.0.0.1:"):
            server._operations()


def test_a_log_that_is_off_makes_no_line(dialogue, run_async) -> None:
    made, before = [], logging.getLogRecordFactory()
    logging.setLogRecordFactory(lambda *arguments, **named: made.append(arguments) or before(*arguments, **named))
    try:
        run_async(dialogue.send("济宁补领多少钱", "unheard"))
    finally:
        logging.setLogRecordFactory(before)
    assert made == []


def test_a_turn_that_cannot_be_stored_raises_an_alarm_that_is_counted(watched: Watched) -> None:
    chat = watched.chat()
    with closing(sqlite3.connect(watched.database)) as other:
        other.execute("ALTER TABLE events RENAME TO away")
        try:
            chat.call("POST", "/message", {"text": "你好", "client_msg_id": "cannot-be-stored"}, **{"X-Request-ID": "f" * 32})
        finally:
            other.execute("ALTER TABLE away RENAME TO events")
    assert watched.value('idcard_alarms_total{what="A turn failed and is not stored"}') == 1
    assert watched.turn_of("f" * 32)["result"] == "unsaved"
    assert [line for line in watched.logged() if line["level"] == "CRITICAL" and line["trace_id"] == "f" * 32]


def test_told_to_stop_in_the_middle_of_a_turn_it_answers_and_stores_it_first(watched: Watched) -> None:
    """Another program holds the database, so that the turn is still under way when the signal comes."""
    chat, answers = watched.chat(), []
    sent = threading.Thread(target=lambda: answers.append(chat.say("济宁补领多少钱", "the-last-one")))
    with closing(sqlite3.connect(watched.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        sent.start()
        while watched.value('idcard_queue_length{channel="web"}') < 1:
            time.sleep(0.02)
        watched.process.send_signal(signal.SIGTERM)
        while watched.asked("ready")[0] == 200:
            time.sleep(0.02)
        other.execute("ROLLBACK")
    sent.join(timeout=30)
    assert watched.process.wait(timeout=30) == 0
    assert any("40元" in message["text"] for message in answers[0])
    log = watched.log.read_text(encoding="utf-8")
    assert "destroyed" not in log and "Traceback" not in log
    with closing(sqlite3.connect(watched.database)) as stored:
        kept = stored.execute("SELECT data FROM events WHERE type_name = 'user' ORDER BY id").fetchall()
    assert json.loads(kept[-1][0])["text"] == "济宁补领多少钱"
