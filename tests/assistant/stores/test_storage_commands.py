"""`python -m assistant.storage` on SQLite and PostgreSQL: what it deletes, keeps, saves and brings back, and its receipts."""
import asyncio
import contextlib
import gzip
import json
import time
from datetime import datetime

import pytest

from assistant.storage import __main__ as commands
from assistant.storage import backup, database, events, retention
from assistant.storage.rows import rows

DAY = 24 * 60 * 60
NOW = time.time()


def conversation(engine, sender: str, *sessions_days_ago: float, text: str = "我的身份证丢了") -> None:
    """One session of three events for each number of days."""
    for days in sessions_days_ago:
        happened = [{"event": "session_started"}, {"event": "user", "text": text, "parse_data": {"intent": {"name": "补领"}}},
                    {"event": "bot", "text": "好的。"}]
        timed = [{**event, "timestamp": NOW - days * DAY + second} for second, event in enumerate(happened)]
        store(engine, sender, *timed)


def store(engine, sender: str, *happened: dict) -> None:
    events.append(engine, [events.Turn(sender, None, [row.columns for row in rows(sender, happened)])])


def on_the_website(engine, sender: str, hours_ago: float) -> None:
    """A session of the website with two messages."""
    begun = datetime.fromtimestamp(NOW - hours_ago * 3600, retention.CHINA).isoformat("T", "seconds")
    with database.writing(engine) as connection:
        connection.execute(database.WEB_SESSIONS.insert().values(session=sender, city="武汉", begun=begun, newest=2))
        connection.execute(database.WEB_MESSAGES.insert(), [
            {"session": sender, "seq": seq, "turn": 1, "author": author, "at": begun, "text": "说过的话", "buttons": "[]", "custom": "{}",
             "client_msg_id": None, "answered": True} for seq, author in ((1, "user"), (2, "bot"))])


def replayed(engine) -> set:
    """Whose messages the website still holds."""
    with engine.connect() as connection:
        held = [set(connection.scalars(table.select().with_only_columns([table.c.session]))) for table in (database.WEB_SESSIONS, database.WEB_MESSAGES)]
    assert held[0] == held[1]
    return held[0]


def all_data(engine) -> list:
    return [(sender, event.data) for sender in sorted(events.senders(engine)) for event in events.whole_conversation(engine, sender)]


@pytest.fixture
def engine(database_url):
    engine = database.connect(database_url)
    database.create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine, capsys):
    """Runs a command; what it printed as JSON, or its message where it failed."""
    def call(*arguments: str):
        failed = commands.main(arguments)
        printed = capsys.readouterr()
        return printed.err if failed else json.loads(printed.out)

    return call


def test_erasing_a_sender_takes_theirs_and_nothing_else_and_leaves_a_receipt(engine, run) -> None:
    conversation(engine, "a", 200, 0)
    conversation(engine, "b", 0)
    kept = [entry for entry in all_data(engine) if entry[0] == "b"]
    receipt = run("erase", "a")
    assert all_data(engine) == kept
    assert (receipt["action"], receipt["conversations"], receipt["events"]) == ("erase", 1, 6)
    assert receipt["id"] and receipt["at"] and len(receipt["hash"]) == 64 and receipt["subject"] != "a"
    assert run("receipts") == {"receipts": [receipt], "broken_at": None}


def test_erasing_takes_what_the_website_replays_as_well_under_the_same_receipt(engine, run) -> None:
    for sender in "ab":
        conversation(engine, sender, 0)
        on_the_website(engine, sender, hours_ago=1)
    receipt = run("erase", "a")
    assert receipt["events"] == 3 and run("receipts") == {"receipts": [receipt], "broken_at": None}
    assert replayed(engine) == {"b"} and events.senders(engine) == ["b"]


def test_asked_again_it_gives_the_receipt_there_is_and_a_new_one_for_what_has_come_since(engine, run) -> None:
    conversation(engine, "a", 0)
    receipt = run("erase", "a")
    assert run("erase", "a") == receipt
    on_the_website(engine, "a", hours_ago=1)
    assert run("erase", "a")["id"] != receipt["id"]


def test_erasing_nobody_is_receipted_as_well(run) -> None:
    assert run("erase", "nobody")["events"] == 0


def test_nothing_of_an_erased_sender_is_left_in_the_files(sqlite_url, tmp_path) -> None:
    engine = database.connect(sqlite_url)
    database.create_tables(engine)
    conversation(engine, "erased-sender", 0, text="说过的话" * 200)
    retention.erase(engine, "erased-sender")
    for file in tmp_path.glob("idcard.db*"):
        assert "说过的话".encode() not in file.read_bytes() and b"erased-sender" not in file.read_bytes(), file


def test_purging_takes_what_is_too_old(engine, run) -> None:
    conversation(engine, "old", 300, 200)
    conversation(engine, "both", 200, 0)
    conversation(engine, "new", 179, 1)
    would = run("purge", "--dry-run")
    assert (would["conversations"], would["events"]) == (2, 9)
    assert len(all_data(engine)) == 18
    receipt = run("purge")
    assert (receipt["action"], receipt["conversations"], receipt["events"]) == ("purge", 2, 9)
    assert {sender: len(events.whole_conversation(engine, sender)) for sender in events.senders(engine)} == {"both": 3, "new": 6}


def test_purging_spares_what_is_held_and_takes_it_when_it_is_released(engine, run) -> None:
    conversation(engine, "held", 200, 190)
    conversation(engine, "free", 200)
    first, *_, last = [event.id for event in events.whole_conversation(engine, "held")][:3]
    with database.writing(engine) as connection:
        connection.execute(database.HOLDS.insert().values(first_event=first, last_event=last, sender_id="held"))
    assert run("purge", "--dry-run") == {"action": "dry run", "conversations": 2, "events": 6}
    run("purge")
    assert [event.id for event in events.whole_conversation(engine, "held")] == [first, first + 1, last] and events.senders(engine) == ["held"]
    with database.writing(engine) as connection:
        connection.execute(database.HOLDS.delete())
    run("purge")
    assert events.senders(engine) == []


def test_purging_takes_the_websites_sessions_after_a_day_whatever_the_events_are_kept_for(engine, run, monkeypatch) -> None:
    monkeypatch.setattr(retention, "SENDERS_AT_ONCE", 2)
    for sender, hours in {"a": 23, "b": 25, "c": 500, "d": 26}.items():
        on_the_website(engine, sender, hours)
    run("purge")
    assert replayed(engine) == {"a"}


def test_purging_leaves_a_session_that_still_goes_on_whole(engine, run) -> None:
    """One that began before the cut and goes on after it: a tracker reads it whole."""
    conversation(engine, "a", 10)
    store(engine, "a", {"event": "user", "text": "还在吗", "timestamp": NOW})
    before = all_data(engine)
    assert run("purge", "--older-than", "5")["events"] == 0
    assert all_data(engine) == before


def test_what_is_old_sqlite_finds_by_its_time_and_not_by_looking_at_everything(tmp_path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/plan.db")
    database.create_tables(engine)
    query = str(retention.old_senders(1.0).compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert any("ix_events_timestamp (timestamp<?)" in step for step in plan), plan


def test_a_purge_goes_through_all_its_batches(engine, run, monkeypatch) -> None:
    monkeypatch.setattr(retention, "SENDERS_AT_ONCE", 2)
    for number in range(5):
        conversation(engine, str(number), 200)
    assert run("purge")["conversations"] == 5
    assert all_data(engine) == []


def test_a_service_that_runs_deletes_what_is_too_old_by_itself(engine, run) -> None:
    conversation(engine, "old", 200)
    conversation(engine, "new", 0)

    async def a_while() -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(retention.keep(engine), 0.5)

    for _ in range(2):
        asyncio.run(a_while())
    assert events.senders(engine) == ["new"]
    assert [receipt["events"] for receipt in run("receipts")["receipts"]] == [3]


def test_a_receipt_that_was_changed_or_taken_away_is_noticed(engine, run) -> None:
    for sender in "abc":
        conversation(engine, sender, 0)
    first, second, third = (run("erase", sender) for sender in "abc")
    with database.writing(engine) as connection:
        connection.execute(database.RECEIPTS.update().where(database.RECEIPTS.c.id == second["id"]).values(events=1))
    assert run("receipts")["broken_at"] == second["id"]
    with database.writing(engine) as connection:
        connection.execute(database.RECEIPTS.delete().where(database.RECEIPTS.c.id == second["id"]))
    assert run("receipts")["broken_at"] == third["id"]


def test_a_backup_restored_is_the_same_and_goes_on(engine, run, tmp_path, monkeypatch) -> None:
    conversation(engine, "a", 3, 0)
    conversation(engine, "b", 1)
    on_the_website(engine, "a", hours_ago=1)
    receipt = run("erase", "b")
    saved = run("backup", str(tmp_path / "saved"))
    assert saved["rows"] == 6 + 1 + 1 + 2
    monkeypatch.setenv("IDCARD_DATABASE_URL", f"sqlite:///{tmp_path}/restored.db")
    assert run("restore", str(tmp_path / "saved")) == saved
    restored = database.connect(f"sqlite:///{tmp_path}/restored.db")
    assert all_data(restored) == all_data(engine) and replayed(restored) == {"a"}
    assert run("receipts")["receipts"] == [receipt]


def test_a_backup_can_be_restored_into_the_other_kind_of_database(engine, run, tmp_path, database_url, monkeypatch) -> None:
    other = database.connect(f"sqlite:///{tmp_path}/other.db")
    database.create_tables(other)
    conversation(other, "a", 3, 0)
    on_the_website(other, "a", hours_ago=1)
    backup.backup(other, tmp_path / "saved")
    run("restore", str(tmp_path / "saved"))
    assert all_data(engine) == all_data(other) and replayed(engine) == {"a"}
    last = events.whole_conversation(engine, "a")[-1].id
    conversation(engine, "a", 0)
    assert events.whole_conversation(engine, "a")[6].id > last


def test_a_backup_is_taken_while_turns_are_stored(engine, tmp_path, monkeypatch) -> None:
    """It holds what there was when it began; a turn stored meanwhile is in none or all of its tables."""
    monkeypatch.setattr(backup, "ROWS_AT_ONCE", 2)
    conversation(engine, "a", 0)
    lines = backup._lines(engine)
    begun = [next(lines), next(lines)]
    conversation(engine, "b", 0)
    assert {line[1]["sender_id"] for line in [*begun[1:], *lines]} == {"a"}


def test_a_restore_never_mixes_with_what_is_there(engine, run, tmp_path) -> None:
    conversation(engine, "a", 0)
    run("backup", str(tmp_path / "saved"))
    before = all_data(engine)
    assert "already holds events" in run("restore", str(tmp_path / "saved"))
    assert all_data(engine) == before


@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "no backup", "other version"])
def test_a_damaged_backup_is_refused_with_a_sentence_and_changes_nothing(damage: str, sqlite_url, capsys, tmp_path) -> None:
    engine, path = database.connect(sqlite_url), tmp_path / "saved"
    database.create_tables(engine)
    conversation(engine, "a", 0)
    backup.backup(engine, path)
    content = gzip.decompress(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif damage == "changed":
        path.write_bytes(gzip.compress(content.replace("丢".encode(), "卖".encode(), 1)))
    elif damage == "no backup":
        path.write_bytes(b"hello")
    else:
        path.write_bytes(gzip.compress(b'{"rows": 0, "hash": "' + b"0" * 64 + b'"}\n'))
    retention.erase(engine, "a")
    assert commands.main(["restore", str(path)]) == 1
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1 and str(path) in printed.err and "Traceback" not in printed.err
    assert all_data(engine) == []


def test_a_backup_is_for_its_owner_alone(sqlite_url, tmp_path) -> None:
    engine = database.connect(sqlite_url)
    database.create_tables(engine)
    backup.backup(engine, tmp_path / "saved")
    for file in (tmp_path / "saved", tmp_path / "idcard.db"):
        assert file.stat().st_mode & 0o077 == 0, file


def test_stats_count(engine, run) -> None:
    assert run("stats")["first"] is None
    conversation(engine, "a", 1, 0)
    conversation(engine, "b", 0)
    stats = run("stats")
    assert (stats["conversations"], stats["messages"], stats["events"]) == (2, 3, 9)
    assert stats["first"] < stats["last"] and stats["bytes"] > 0


@pytest.mark.parametrize("url", ["mysql://idcard:secret@127.0.0.1/x", "var/idcard.db"])
def test_a_url_that_names_no_database_of_ours_is_refused_without_its_password(url: str, monkeypatch, capsys) -> None:
    monkeypatch.setenv("IDCARD_DATABASE_URL", url)
    assert commands.main(["stats"]) == 1
    printed = capsys.readouterr().err
    assert "IDCARD_DATABASE_URL" in printed and "secret" not in printed


def test_a_database_that_does_not_answer_is_told_in_one_line(monkeypatch, capsys) -> None:
    from tests.services import free_port

    monkeypatch.setenv("IDCARD_DATABASE_URL", f"postgresql://idcard:secret@127.0.0.1:{free_port()}/x")
    assert commands.main(["stats"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "OperationalError" in line and "secret" not in line
