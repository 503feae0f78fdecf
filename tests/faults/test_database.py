"""The database locked, read-only, full, stopped or silent: the citizen gets an apology, the operator an alarm, nothing is lost."""
import json
import sqlite3
from contextlib import closing, contextmanager

import pytest

from assistant import settings, tracker_store
from assistant.storage import database, events
from tests.faults.serving import is_unsaved_apology
from tests.planted import mobile_number

pytestmark = pytest.mark.model


def user_texts(sender: str) -> list:
    found = events.whole_conversation(database.connect(settings.database_url()), sender)
    return [event["text"] for event in (json.loads(stored.data) for stored in found) if event["event"] == "user"]


@contextmanager
def locked(path, _engine):
    """Another program writes and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def pragma(engine, on: str, off: str):
    """A pragma on the one connection that a conversation alone uses."""
    with engine.connect() as connection:
        connection.exec_driver_sql(on)
    yield
    with engine.connect() as connection:
        connection.exec_driver_sql(off)


def read_only(_path, engine):
    return pragma(engine, "PRAGMA query_only=ON", "PRAGMA query_only=OFF")


def full(_path, engine):
    """SQLite reports it as it does a full disk."""
    return pragma(engine, "PRAGMA max_page_count=1", "PRAGMA max_page_count=1073741823")


@contextmanager
def unreadable(path, _engine):
    """The table is gone, as while a backup is being restored by hand."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("ALTER TABLE events RENAME TO away")
        yield
        other.execute("ALTER TABLE away RENAME TO events")


@pytest.mark.parametrize("fault", [locked, read_only, full, unreadable], ids=lambda fault: fault.__name__)
def test_sqlite_fails_for_a_while(fault, dialogue, run_async, restart, tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.1)
    monkeypatch.setenv("IDCARD_DATABASE_URL", f"sqlite:///{tmp_path}/idcard.db")
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    with fault(tmp_path / "idcard.db", database.connect(settings.database_url())):
        messages = run_async(dialogue.send(f"我的手机{mobile_number()}，补领多少钱，" + "说来话长" * 2000, "a"))
    assert is_unsaved_apology(messages) and len(messages) == 1
    alarms = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert len(alarms) == 1 and "ALARM" in alarms[0].getMessage()
    assert mobile_number() not in caplog.text and "说来话长" not in caplog.text

    messages = run_async(dialogue.send("补领多少钱", "a"))
    assert any("40元" in message["text"] for message in messages)
    assert user_texts("a") == ["我在济宁", "补领多少钱"]


@pytest.mark.services
@pytest.mark.parametrize("stop, start", [("stop", "start"), ("freeze", "thaw")])
def test_postgresql_is_gone_for_a_while(stop: str, start: str, dialogue, run_async, restart, postgres, monkeypatch, caplog) -> None:
    monkeypatch.setattr(tracker_store, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setenv("IDCARD_DATABASE_URL", postgres.new_database(f"fault_{stop}"))
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    getattr(postgres, stop)()
    try:
        messages = [run_async(dialogue.send("在武汉", sender)) for sender in "ab"]
    finally:
        getattr(postgres, start)()
    assert all(map(is_unsaved_apology, messages))
    assert "ALARM" in caplog.text and "在武汉" not in caplog.text

    messages = run_async(dialogue.send("补领多少钱", "a"))
    assert any("40元" in message["text"] for message in messages)
    assert user_texts("a") == ["我在济宁", "补领多少钱"] and user_texts("b") == []


@pytest.mark.services
def test_redis_is_gone_for_a_while_and_no_citizen_notices(dialogue, run_async, restart, sqlite_url, redis_server, monkeypatch, caplog) -> None:
    monkeypatch.setenv("IDCARD_REDIS_URL", redis_server.url)
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    redis_server.stop()
    try:
        messages = run_async(dialogue.send("补领多少钱", "a"))
    finally:
        redis_server.start()
    assert any("40元" in message["text"] for message in messages)
    assert "ALARM" in caplog.text and "Redis" in caplog.text
    assert user_texts("a") == ["我在济宁", "补领多少钱"]
