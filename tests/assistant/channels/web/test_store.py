"""What the web channel keeps, on a database file."""
from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from assistant.channels.web.chat import Chat
from assistant.channels.web.store import Begun, GoneError, MessageStore, now
from assistant.storage import database

GREETING = {"text": "您好", "buttons": [{"title": "多少钱", "payload": "要花多少钱"}], "custom": {"kind": "smalltalk"}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def store(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/web.db"
    else:
        url = request.getfixturevalue("postgres").new_database(tmp_path.name)
    store = MessageStore(url)
    store.begin_session("web-a", "武汉", GREETING)
    yield store
    store.engine.dispose()


def test_a_message_comes_back_as_it_was_written(store: MessageStore) -> None:
    (greeting,) = store.after("web-a", 0)
    assert (greeting.seq, greeting.author, greeting.text) == (1, "bot", "您好")
    assert (greeting.buttons, greeting.custom) == (GREETING["buttons"], GREETING["custom"])


def test_an_id_stands_once_in_a_session(store: MessageStore) -> None:
    store.begin_session("web-b", "", GREETING)
    first = store.begin_turn("web-a", "one-and-only", "一")
    assert store.begin_turn("web-b", "one-and-only", "一").is_new
    again = store.begin_turn("web-a", "one-and-only", "二")
    assert first.is_new and not again.is_new and again.turn == first.turn
    with pytest.raises(IntegrityError):
        store.add("web-a", "one-and-only", {"text": "谢谢"})
    assert [message.text for message in store.after("web-a", 0)] == ["您好", "一"]


def test_processes_that_write_at_once_give_each_message_its_own_number(store: MessageStore, monkeypatch) -> None:
    """Each thread has a store of its own, as each process has, and waits for no other thread."""
    monkeypatch.setattr(database, "_turns_to_write", lambda _url: threading.BoundedSemaphore())

    def write(name: int) -> None:
        database.connect.cache_clear()
        other = MessageStore(str(store.engine.url))
        for number in range(20):
            (own,) = other.begin_turn("web-a", f"message-{name}-{number}", "多少钱").turn
            other.end_turn("web-a", own, [{"text": "40元"}, {"text": "还有吗"}])
        other.engine.dispose()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = store.after("web-a", 0)
    assert [message.seq for message in messages] == list(range(1, 1 + 1 + 4 * 20 * 3))
    for own in (message for message in messages if message.author == "user"):
        assert own.answered and [one.text for one in store.turn("web-a", own.client_msg_id)] == ["多少钱", "40元", "还有吗"]


def test_what_is_erased_is_not_in_the_file_any_more(store: MessageStore, tmp_path: Path) -> None:
    store.begin_turn("web-a", "message-1", "一句要删掉的话")
    assert store.erase("web-a") == 2
    assert "一句要删掉的话".encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_an_erased_session_takes_no_message(store: MessageStore) -> None:
    store.erase("web-a")
    with pytest.raises(GoneError):
        store.begin_turn("web-a", "message-1", "多少钱")
    assert store.city("web-a") is None and store.erase("web-a") == 0


def test_only_old_sessions_are_forgotten(store: MessageStore, monkeypatch) -> None:
    for hours, city in ((23, "武汉"), (25, None)):
        monkeypatch.setattr("assistant.channels.web.store.now", lambda: now() + timedelta(hours=hours))
        store.tidy()
        assert store.city("web-a") == city
    assert store.after("web-a", 0) == []


def test_a_service_that_runs_forgets_old_sessions_by_itself_again_and_again(store: MessageStore, monkeypatch) -> None:
    monkeypatch.setattr("assistant.channels.web.chat.TIDY_SECONDS", 0.01)

    async def a_while() -> None:
        running = asyncio.create_task(Chat(store, None).tidy())
        await asyncio.sleep(0.1)
        assert store.city("web-a") == "武汉"
        monkeypatch.setattr("assistant.channels.web.store.now", lambda: now() + timedelta(hours=25))
        for _ in range(1000):
            if store.city("web-a") is None:
                break
            await asyncio.sleep(0.01)
        running.cancel()
    asyncio.run(a_while())
    assert store.city("web-a") is None


def test_a_turn_is_answered_once_whoever_comes_second(store: MessageStore) -> None:
    (own,) = store.begin_turn("web-a", "message-1", "多少钱").turn
    first = store.end_turn("web-a", own, [{"text": "40元", "buttons": [{"title": "好", "payload": "好"}], "custom": {"kind": "answer"}}])
    assert store.end_turn("web-a", own, [{"text": "对不起"}, {"text": "请再问一次"}]) == first
    assert store.begin_turn("web-a", "message-1", "多少钱").turn == first == store.after("web-a", 1)
    assert [message.seq for message in store.after("web-a", 0)] == [1, 2, 3]


def test_the_end_of_a_long_conversation_is_what_a_page_shows(store: MessageStore, monkeypatch) -> None:
    monkeypatch.setattr("assistant.channels.web.store.MOST_MESSAGES", 3)
    for number in range(3):
        store.add("web-a", f"message-{number}", {"text": str(number)})
    assert [message.seq for message in store.newest("web-a")] == [2, 3, 4]
    assert [message.seq for message in store.after("web-a", 0)] == [1, 2, 3]


def test_the_newest_question_is_found(store: MessageStore) -> None:
    assert store.last_question("web-a") is None
    for number, asks in enumerate(("户籍省份", "居住凭证")):
        (own,) = store.begin_turn("web-a", f"message-{number}", "多少钱").turn
        store.end_turn("web-a", own, [{"text": "?", "custom": {"asks": asks}}, {"text": "!", "custom": {"kind": "answer"}}])
    assert store.last_question("web-a").custom["asks"] == "居住凭证"


def test_the_citizens_turn_before_is_found_whatever_was_rated_since(store: MessageStore) -> None:
    def turn(number: int) -> Begun:
        begun = store.begin_turn("web-a", f"message-{number}", "多少钱")
        store.end_turn("web-a", begun.turn[0], [{"text": f"{number}元"}])
        return begun

    assert turn(0).last == []
    turn(1)
    store.add("web-a", "rating:1", {"text": "谢谢"})
    for begun in (turn(2), turn(2)):
        assert [message.text for message in begun.last] == ["多少钱", "1元"] and begun.city == "武汉"
