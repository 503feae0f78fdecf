"""Action code that raises or hangs, a flood, clocks, and an answer in the middle of which something fails."""
import asyncio
import json
import time

import pytest

from assistant import settings
from assistant.storage import database, events
from tests.faults.serving import is_unsaved_apology
from tests.planted import mobile_number

pytestmark = pytest.mark.model


def user_texts(sender: str) -> list:
    found = events.whole_conversation(database.connect(settings.database_url()), sender)
    return [event["text"] for event in (json.loads(stored.data) for stored in found) if event["event"] == "user"]


def test_an_action_that_raises_is_apologised_for_and_forgets_nothing(dialogue, run_async, restart, sqlite_url, monkeypatch, caplog) -> None:
    restart()
    run_async(dialogue.send("我在济宁", "a"))

    def fail(*_):
        raise ValueError(f"cannot read {mobile_number()}")

    with monkeypatch.context() as patch:
        patch.setattr("actions.consult_form.respond", fail)
        messages = run_async(dialogue.send("补领多少钱", "a"))
    assert [message["custom"] for message in messages] == [{"kind": "apology"}] and messages[0]["text"]
    assert "ValueError" in caplog.text and mobile_number() not in caplog.text
    assert any("40元" in message["text"] for message in run_async(dialogue.send("补领多少钱", "a")))
    assert user_texts("a") == ["我在济宁", "补领多少钱", "补领多少钱"]


def test_an_action_that_hangs_is_stopped_and_others_do_not_wait_for_it(dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    restart()
    answered = []

    async def hang(*_):
        await asyncio.sleep(60)

    async def ask(text: str, sender: str) -> list:
        messages = await dialogue.send(text, sender)
        answered.append(sender)
        return messages

    run = dialogue.agent.action_endpoint.executor.actions["validate_consult_form"]
    monkeypatch.setitem(dialogue.agent.action_endpoint.executor.actions, "validate_consult_form",
                        lambda dispatcher, tracker, domain: (hang if tracker.sender_id == "slow" else run)(dispatcher, tracker, domain))
    monkeypatch.setattr(dialogue.agent.action_endpoint, "timeout", 0.5)

    async def both():
        slow = asyncio.create_task(ask("补领多少钱", "slow"))
        await ask("你好", "quick")
        return await slow

    messages = run_async(both())
    assert answered == ["quick", "slow"]
    assert [message["custom"] for message in messages] == [{"kind": "apology"}]
    assert user_texts("slow") == ["补领多少钱"]


def test_an_action_that_blocks_is_stopped_and_the_server_lives_on(dialogue, run_async, restart, sqlite_url, monkeypatch, caplog) -> None:
    """It does not wait, it holds up everybody: no time limit of asyncio would end it."""
    restart()
    with monkeypatch.context() as patch:
        patch.setattr("actions.consult_form.respond", lambda *_: time.sleep(3600))
        patch.setattr(dialogue.agent.action_endpoint, "blocking_timeout", 0.3)
        messages = run_async(dialogue.send("我在济宁", "slow"))
    assert [message["custom"] for message in messages] == [{"kind": "apology"}]
    assert "took too long" in caplog.text
    assert any("40元" in message["text"] for message in run_async(dialogue.send("济宁补领多少钱", "quick")))
    assert any("40元" in message["text"] for message in run_async(dialogue.send("济宁补领多少钱", "slow")))
    assert user_texts("slow") == ["我在济宁", "济宁补领多少钱"]


def test_messages_at_once_are_answered_in_order(dialogue, run_async, restart, sqlite_url) -> None:
    restart()
    texts = ["我河南的，身份证丢了，能在武汉补吗", "都没有", "没有居住证", "有租房合同"]

    async def all_at_once():
        return await asyncio.gather(*(dialogue.send(text, "a") for text in texts))

    replies = run_async(all_at_once())
    assert user_texts("a") == [text.replace("，", ",") for text in texts]
    asked = [message["custom"].get("asks") for reply in replies for message in reply[-1:]]
    assert asked[0] == "不予受理情形" and len(set(asked)) == len(texts)


def test_many_conversations_leave_no_more_in_memory_than_the_live_ones(dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    monkeypatch.setattr("assistant.tracker_store.MOST_LIVE", 10)
    store = restart()
    for number in range(40):
        run_async(dialogue.send("你好", f"citizen {number}"))
    assert len(store._live) == 10
    assert len(dialogue.agent.lock_store._conversations) == 0
    assert len(list(run_async(store.keys()))) == 40


def test_a_flood_is_told_so_and_what_was_taken_is_answered(dialogue, run_async, restart, sqlite_url) -> None:
    restart()

    async def flood():
        return await asyncio.gather(*(dialogue.send(f"你好{number}", "a") for number in range(20)))

    replies = run_async(flood())
    refused = [reply for reply in replies if is_unsaved_apology(reply)]
    assert refused and len(user_texts("a")) == len(replies) - len(refused)
    assert all(reply[0]["text"] for reply in replies)


def test_a_clock_that_jumps_in_the_middle_of_a_turn_stops_nothing(dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    """Locks and time limits do not look at it."""
    restart()
    now, jumps = time.time, iter([-1e6, 3e3, 0.0, 1e3] * 1000)

    async def talk():
        return await asyncio.gather(*(dialogue.send(text, "a") for text in ("我在济宁", "补领多少钱")))

    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now() + next(jumps))
        replies = run_async(talk())
    assert not any(is_unsaved_apology(reply) for reply in replies)
    assert len(user_texts("a")) == 2


def test_a_channel_that_breaks_loses_the_answer_but_not_the_turn(dialogue, run_async, restart, sqlite_url) -> None:
    from rasa.core.channels.channel import UserMessage

    class Broken:
        def name(self) -> str:
            return "broken"

        async def send_response(self, *_):
            raise ConnectionResetError

    restart()
    with pytest.raises(ConnectionResetError):
        run_async(dialogue.agent.handle_message(UserMessage("我在济宁", Broken(), "a")))
    assert any("40元" in message["text"] for message in run_async(dialogue.send("补领多少钱", "a")))
    assert user_texts("a") == ["我在济宁", "补领多少钱"]
