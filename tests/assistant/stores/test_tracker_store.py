"""Conversations in the database: nothing is lost or doubled by restarts, other processes or turns that break off."""
import asyncio
import contextlib
import json
import time

import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import UserMessage

from assistant import settings
from assistant.dialogue import CollectedReply
from assistant.storage import database, events, retention
from tests.planted import card_number, mobile_number

pytestmark = pytest.mark.model

TALK = ("我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证", "有租房合同", "登记过", "上个月", "我在光谷", "要带什么材料")


def said(messages: list) -> list:
    return [message.get("text") for message in messages]


def stored(sender: str) -> list:
    """The events of a sender as they stand in the database."""
    return [json.loads(event.data) for event in events.whole_conversation(database.connect(settings.database_url()), sender)]


def user_texts(sender: str) -> list:
    return [event["text"] for event in stored(sender) if event["event"] == "user"]


@pytest.fixture(scope="module")
def replies_in_memory(dialogue, run_async) -> list:
    async def talk():
        return [await dialogue.send(text, "in memory") for text in TALK]

    return run_async(talk())


def test_a_conversation_goes_on_after_every_restart(dialogue, run_async, restart, database_url, replies_in_memory) -> None:
    replies = []
    for text in TALK:
        restart()
        replies.append(run_async(dialogue.send(text, "a")))
    assert replies == replies_in_memory
    assert len(user_texts("a")) == len(TALK)


def test_two_processes_take_turns_at_one_conversation(dialogue, run_async, restart, database_url, replies_in_memory) -> None:
    stores, replies = [restart(), restart()], []
    for number, text in enumerate(TALK):
        restart.use(stores[number % 2])
        replies.append(run_async(dialogue.send(text, "a")))
    assert replies == replies_in_memory
    assert len(user_texts("a")) == len(TALK)


def test_a_turn_appends_its_own_events_only(dialogue, run_async, restart, database_url) -> None:
    restart()
    run_async(dialogue.send("你好", "a"))
    before = stored("a")
    run_async(dialogue.send("谢谢", "a"))
    assert stored("a")[:len(before)] == before
    assert [event["event"] for event in stored("a")].count("session_started") == 1


def test_a_turn_that_follows_from_an_outdated_history_is_refused(dialogue, run_async, restart, database_url) -> None:
    first, second = restart(), restart()

    async def talk():
        await dialogue.send("你好", "a")
        mine, other = await first.retrieve("a"), await second.retrieve("a")
        for tracker in (mine, other):
            tracker.update(dialogue_event())
        await first.save(mine)
        with pytest.raises(events.StaleHistory):
            await second.save(other)

    run_async(talk())
    assert [event["name"] for event in stored("a") if event["event"] == "slot"].count("city") == 1


def dialogue_event():
    from rasa.shared.core.events import SlotSet

    return SlotSet("city", "武汉")


def test_a_new_conversation_begun_twice_at_once_is_begun_once(run_async, restart, dialogue, database_url) -> None:
    first, second = restart(), restart()

    async def begin():
        mine, other = [await store.get_or_create_tracker("new", append_action_listen=False) for store in (first, second)]
        for tracker in (mine, other):
            tracker.update(dialogue_event())
        await first.save(mine)
        with pytest.raises(events.StaleHistory):
            await second.save(other)

    run_async(begin())


def test_messages_at_once_through_processes_without_a_common_lock_are_all_answered_and_stored(
        dialogue, run_async, restart, database_url, monkeypatch) -> None:
    """As when Redis is gone: the second turn is taken again on the history that the first one left."""
    restart()
    monkeypatch.setattr(dialogue.agent.lock_store, "lock", lambda _conversation: contextlib.nullcontext())

    async def talk():
        await dialogue.send("你好", "a")
        return await asyncio.gather(dialogue.send("济宁补领多少钱", "a"), dialogue.send("谢谢", "a"))

    fee, thanks = run_async(talk())
    assert any("40元" in text for text in said(fee))
    assert thanks[0]["custom"]["kind"] == "smalltalk"
    assert sorted(user_texts("a")) == sorted(["你好", "济宁补领多少钱", "谢谢"])


def test_a_message_that_two_processes_were_given_is_one_turn_with_one_reply(dialogue, run_async, restart, database_url, monkeypatch) -> None:
    """As when one that was thought dead wakes up; also where both are at it at once."""
    stores = [restart(), restart()]
    monkeypatch.setattr(dialogue.agent.lock_store, "lock", lambda _conversation: contextlib.nullcontext())

    async def hand_in(text: str, message_id: str) -> list:
        reply = CollectedReply("web")
        await dialogue.agent.handle_message(UserMessage(text, reply, "a", input_channel="web", message_id=message_id))
        return reply.messages

    async def talk() -> tuple:
        await hand_in("我河南的，身份证丢了，能在武汉补吗", "m1")
        none = await asyncio.gather(hand_in("都没有", "m2"), hand_in("都没有", "m2"))
        restart.use(stores[0])
        return none, await hand_in("都没有", "m2"), await hand_in("没有居住证", "m3")

    (first, second), later, answer = run_async(talk())
    assert first == second == later and first[0]["custom"]["asks"] == "是否有居住证"
    assert answer[0]["custom"]["asks"] == "居住凭证"
    assert user_texts("a") == ["我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证"]


def test_what_is_private_is_not_stored_and_the_dialogue_goes_on(dialogue, run_async, restart, sqlite_url, tmp_path) -> None:
    store = restart()
    number, phone = card_number(), mobile_number()
    replies = run_async(dialogue.send(f"济宁补领多少钱，我的身份证号{number}，手机{phone}", "a"))
    assert any("40元" in text for text in said(replies))
    run_async(dialogue.send("那换领呢", "a"))
    for file in tmp_path.iterdir():
        assert number.encode() not in file.read_bytes() and phone.encode() not in file.read_bytes(), file
    tracker = run_async(store.retrieve("a"))
    assert number not in str([event.as_dict() for event in tracker.events])
    assert "身份证号" in user_texts("a")[0]


def test_the_phones_of_stations_are_stored_as_they_are(dialogue, run_async, restart, sqlite_url) -> None:
    restart()
    run_async(dialogue.send("光谷哪里能办身份证", "a"))
    texts = "".join(event["text"] for event in stored("a") if event["event"] == "bot" and event["text"])
    assert "027-85391728" in texts or "85391728" in texts


def test_columns_are_filled_and_parses_are_trimmed(dialogue, run_async, restart, database_url) -> None:
    restart()
    run_async(dialogue.send("济宁补领多少钱", "a"))
    with database.connect(database_url).connect() as connection:
        rows = connection.execute(sa.select(database.EVENTS)).all()
    user = next(row for row in rows if row.type_name == "user")
    assert user.intent_name == "工本费" and "济宁补领多少钱" in user.data
    assert {"consult_form", "action_listen"} <= {row.action_name for row in rows}
    assert all(row.timestamp for row in rows) and sorted(row.id for row in rows) == [row.id for row in rows]
    parse = json.loads(user.data)["parse_data"]
    assert len(parse["intent_ranking"]) <= 5 and parse["topics"] == ["工本费"]


def test_a_turn_that_broke_off_leaves_nothing_in_memory(dialogue, run_async, restart, database_url, monkeypatch) -> None:
    restart()
    run_async(dialogue.send("济宁补领多少钱", "a"))

    def fail(*_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(dialogue.agent.processor, "_predict_next_with_tracker", fail)
        (apology,) = run_async(dialogue.send("在武汉", "a"))
    assert apology["custom"] == {"kind": "apology", "saved": False}
    tracker = run_async(dialogue.tracker("a"))
    assert tracker.get_slot("city") == "济宁" and tracker.latest_message.text == "济宁补领多少钱"


def test_only_the_latest_conversations_are_kept_in_memory(dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    monkeypatch.setattr("assistant.tracker_store.MOST_LIVE", 2)
    store = restart()
    for sender in "abc":
        run_async(dialogue.send("我在济宁", sender))
    assert len(store._live) == 2
    assert [run_async(dialogue.tracker(sender)).get_slot("city") for sender in "abc"] == ["济宁"] * 3


def test_after_half_an_hour_of_silence_facts_are_forgotten_and_the_log_stays(
        dialogue, run_async, restart, database_url, monkeypatch) -> None:
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    begun, now = stored("a"), time.time

    monkeypatch.setattr(time, "time", lambda: now() + 29 * 60)
    restart()
    run_async(dialogue.send("你好", "a"))
    assert run_async(dialogue.tracker("a")).get_slot("city") == "济宁"

    monkeypatch.setattr(time, "time", lambda: now() + 60 * 60)
    restart()
    run_async(dialogue.send("你好", "a"))
    assert run_async(dialogue.tracker("a")).get_slot("city") is None
    assert stored("a")[:len(begun)] == begun
    whole = run_async(dialogue.agent.tracker_store.retrieve_full_tracker("a"))
    assert [event.as_dict()["text"] for event in whole.events if event.type_name == "user"] == ["我在济宁", "你好", "你好"]


def test_a_clock_that_was_set_back_loses_nothing(dialogue, run_async, restart, database_url, monkeypatch) -> None:
    now = time.time
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    monkeypatch.setattr(time, "time", lambda: now() - 24 * 60 * 60)
    run_async(dialogue.send("我的身份证丢了", "a"))
    restart()
    tracker = run_async(dialogue.tracker("a"))
    assert (tracker.get_slot("city"), tracker.get_slot("application_reason")) == ("济宁", "丢失")


@pytest.mark.parametrize("text", ["补领\x00多少钱", "\u202e补领多少钱\u202c", "补领多少钱\ud83d", "补领多少钱" * 2000],
                         ids=["NUL", "bidi", "half a character", "10,000 characters"])
def test_strange_characters_are_stored_and_answered(text: str, dialogue, run_async, restart, database_url) -> None:
    restart()
    assert "saved" not in run_async(dialogue.send(text, "a"))[0].get("custom", {})
    restart()
    run_async(dialogue.send("谢谢", "a"))
    assert len(user_texts("a")) == 2


def test_whoever_is_erased_begins_anew(dialogue, run_async, restart, database_url) -> None:
    store = restart()
    run_async(dialogue.send("我在济宁", "a"))
    assert run_async(store.delete("a")).conversations == 1
    run_async(dialogue.send("你好", "a"))
    assert user_texts("a") == ["你好"]
    assert run_async(dialogue.tracker("a")).get_slot("city") is None


def test_erasing_while_a_turn_is_taken_leaves_nothing_of_what_was_said_before(
        dialogue, run_async, restart, database_url, monkeypatch) -> None:
    restart()
    run_async(dialogue.send("我在济宁", "a"))
    predict, erased = dialogue.agent.processor._predict_next_with_tracker, []

    def erase_first(tracker):
        if not erased:
            erased.append(retention.erase(database.connect(database_url), "a"))
        return predict(tracker)

    monkeypatch.setattr(dialogue.agent.processor, "_predict_next_with_tracker", erase_first)
    assert run_async(dialogue.send("你好", "a"))[0]["custom"]["kind"] == "smalltalk"
    assert user_texts("a") == ["你好"]
    assert run_async(dialogue.tracker("a")).get_slot("city") is None


def test_senders_are_listed(dialogue, run_async, restart, database_url) -> None:
    store = restart()
    for sender in "ab":
        run_async(dialogue.send("你好", sender))
    assert sorted(run_async(store.keys())) == ["a", "b"]
    assert run_async(store.exists("a")) and not run_async(store.exists("c"))


def test_rasas_own_agent_works_with_the_store(dialogue, run_async, restart, database_url) -> None:
    """As in `rasa run`: there Rasa puts a wrapper around the store and begins conversations itself."""
    from rasa.core.agent import Agent

    agent = Agent(tracker_store=restart(), action_endpoint=dialogue.agent.action_endpoint)
    agent.processor, agent.domain = dialogue.agent.processor, dialogue.agent.domain
    agent.tracker_store.domain = agent.domain
    restart.use(agent.tracker_store)
    for text in ("我在济宁", "补领多少钱"):
        replies = run_async(agent.handle_text(text, sender_id="a"))
    assert any("40元" in text for text in said(replies))
    assert user_texts("a") == ["我在济宁", "补领多少钱"]


def test_a_broker_gets_what_is_stored(dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    class Broker:
        published: list = []

        def publish(self, event: dict) -> None:
            self.published.append(event)

    store = restart()
    store.event_broker = Broker()
    run_async(dialogue.send(f"我的手机{mobile_number()}", "a"))
    assert Broker.published == [{"sender_id": "a", **event} for event in stored("a")]
