"""Turns without Rasa: the line, the time limit, what happens to a turn whose caller or process goes away."""
from __future__ import annotations

import asyncio
import logging

import pytest

from assistant.channels.web import turns
from assistant.channels.web.errors import WebError
from assistant.channels.web.store import MessageStore
from assistant.channels.web.turns import APOLOGY, MOST_IN_LINE, Turns, message_id
from idcard.knowledge import load

SESSION = "web-synthetic"


class Dialogue:
    """Stands for Rasa: says what it was asked, when it may."""

    session_seconds = 1800

    def __init__(self) -> None:
        self.asked: list = []
        self.finished: dict = {}
        self.begun: list = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fails = False
        self.says: dict = {}

        self.forgotten: list = []
        self.rated: list = []

    async def ask(self, sender: str, text: str, message_id: str) -> list:
        self.asked.append(text)
        await self.may_answer.wait()
        if self.fails:
            raise RuntimeError(text)
        return [{"text": self.says.get(text, f"答：{text}")}] if text != "沉默" else []

    async def replied(self, sender: str, message_id: str) -> list:
        return self.finished.get(message_id, [])

    async def begin(self, sender: str, city: str) -> None:
        self.begun.append(city)

    async def rate(self, sender: str, feedback: dict) -> dict:
        self.rated.append(feedback["rating"])
        await self.may_answer.wait()
        return {"text": "谢谢"}

    async def forget(self, sender: str) -> str:
        self.forgotten.append(sender)
        return "receipt"


@pytest.fixture
def store(tmp_path):
    store = MessageStore(f"sqlite:///{tmp_path}/web.db")
    store.begin_session(SESSION, "武汉", {"text": "您好", "buttons": [{"title": "多少钱", "payload": "要花多少钱"}]})
    yield store
    store.engine.dispose()


def play(scene, store: MessageStore) -> None:
    """Run `scene(turns, dialogue)` on a loop of its own."""
    async def run() -> None:
        dialogue = Dialogue()
        await scene(Turns(store, dialogue), dialogue)
    asyncio.run(run())


def said(messages) -> list:
    return [message.text for message in messages]


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def test_one_is_answered_and_three_wait_in_their_order(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        tasks = [asyncio.create_task(turns.text(SESSION, f"message-{number}", str(number))) for number in range(MOST_IN_LINE)]
        await until(lambda: dialogue.asked)
        with pytest.raises(WebError) as refused:
            await turns.text(SESSION, "message-x", "x")
        assert refused.value.code == "busy" and refused.value.retry_after
        assert dialogue.asked == ["0"] and turns.busy(SESSION)
        dialogue.may_answer.set()
        await asyncio.gather(*tasks)
        assert dialogue.asked == ["0", "1", "2", "3"] and not turns.busy(SESSION) and not turns.running
        assert said(store.after(SESSION, 1)) == ["0", "答：0", "1", "答：1", "2", "答：2", "3", "答：3"]
    play(scene, store)


def test_another_session_does_not_wait(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        store.begin_session("web-other", "", {"text": "您好"})
        dialogue.may_answer.clear()
        for session in (SESSION, "web-other"):
            asyncio.create_task(turns.text(session, "message-1", session))
        await until(lambda: len(dialogue.asked) == 2)
        dialogue.may_answer.set()
        await turns.finish()
    play(scene, store)


def test_a_caller_who_goes_away_does_not_stop_the_turn(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        caller = asyncio.create_task(turns.text(SESSION, "message-1", "多少钱"))
        await until(lambda: dialogue.asked)
        caller.cancel()
        again = asyncio.create_task(turns.text(SESSION, "message-1", "多少钱"))
        dialogue.may_answer.set()
        assert said(await again) == ["多少钱", "答：多少钱"]
        assert dialogue.asked == ["多少钱"]
    play(scene, store)


def test_before_the_server_stops_the_turns_that_run_are_finished(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        asyncio.create_task(turns.text(SESSION, "message-1", "多少钱"))
        await until(lambda: dialogue.asked)
        finished = asyncio.create_task(turns.finish())
        dialogue.may_answer.set()
        await finished
        assert said(store.after(SESSION, 1)) == ["多少钱", "答：多少钱"]
    play(scene, store)


@pytest.mark.parametrize("trouble", ["slow", "failing", "silent"])
def test_without_a_reply_the_citizen_gets_an_apology_and_a_number(trouble: str, store: MessageStore, monkeypatch, caplog) -> None:
    if trouble == "slow":
        monkeypatch.setattr(turns, "SECONDS", 0.1)

    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.fails = trouble == "failing"
        if trouble == "slow":
            dialogue.may_answer.clear()
        text = "沉默" if trouble == "silent" else "我的秘密"
        own, apology = await turns.text(SESSION, "message-1", text)
        assert apology.text == APOLOGY["text"] and "12345" in apology.text and apology.custom == {"kind": "apology"}
        dialogue.may_answer.set()
        dialogue.fails = False
        monkeypatch.undo()
        await asyncio.sleep(0.05)
        assert said(store.after(SESSION, 1)) == [text, APOLOGY["text"]], "the late reply is not sent after it"
        assert said(await turns.text(SESSION, "message-1", text)) == [text, APOLOGY["text"]]
        assert said(await turns.text(SESSION, "message-2", "多少钱")) == ["多少钱", "答：多少钱"]
    with caplog.at_level(logging.INFO):
        play(scene, store)
    assert "秘密" not in caplog.text and ("turn" in caplog.text) == (trouble != "silent")


def died(store: MessageStore, monkeypatch) -> None:
    """A process has begun this turn and is no more."""
    store.begin_turn(SESSION, "message-1", "多少钱")
    monkeypatch.setattr(turns, "ABANDONED", 0.2)


def test_a_turn_of_another_process_is_waited_for_and_one_that_died_is_asked_again(store: MessageStore, monkeypatch) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        with pytest.raises(WebError) as refused:
            await turns.text(SESSION, "message-1", "多少钱")
        assert refused.value.code == "busy" and not dialogue.asked
        await asyncio.sleep(0.3)
        turn = await turns.text(SESSION, "message-1", "多少钱")
        assert said(turn) == ["多少钱", "答：多少钱"] and [message.seq for message in turn] == [2, 3]
    died(store, monkeypatch)
    play(scene, store)


def test_a_turn_that_died_after_rasa_had_finished_it_is_not_taken_twice(store: MessageStore, monkeypatch) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.finished[message_id(SESSION, "message-1")] = [{"text": "40元"}]
        await asyncio.sleep(0.3)
        assert said(await turns.text(SESSION, "message-1", "多少钱")) == ["多少钱", "40元"]
        assert not dialogue.asked
    died(store, monkeypatch)
    play(scene, store)


def test_a_turn_that_was_stored_while_it_was_being_stopped_is_answered_and_not_apologised_for(store: MessageStore, monkeypatch) -> None:
    monkeypatch.setattr(turns, "SECONDS", 0.1)

    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        dialogue.finished[message_id(SESSION, "message-1")] = [{"text": "40元"}]
        for _ in range(2):
            assert said(await turns.text(SESSION, "message-1", "多少钱")) == ["多少钱", "40元"]
        assert said(store.after(SESSION, 1)) == ["多少钱", "40元"]
    play(scene, store)


def test_two_processes_at_one_message_write_one_answer(store: MessageStore, monkeypatch) -> None:
    async def scene(slow: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        first = asyncio.create_task(slow.text(SESSION, "message-1", "多少钱"))
        await until(lambda: dialogue.asked)
        quick = Dialogue()
        quick.says["多少钱"] = "40元"
        assert said(await Turns(store, quick).text(SESSION, "message-1", "多少钱")) == ["多少钱", "40元"]
        dialogue.may_answer.set()
        assert said(await first) == ["多少钱", "40元"]
        assert said(store.after(SESSION, 1)) == ["多少钱", "40元"]
    monkeypatch.setattr(turns, "ABANDONED", 0.0)
    play(scene, store)


def test_two_processes_at_one_rating_thank_once(store: MessageStore) -> None:
    async def scene(slow: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        first = asyncio.create_task(slow.feedback(SESSION, 1, "好评", ""))
        await until(lambda: dialogue.rated)
        thanks = await Turns(store, Dialogue()).feedback(SESSION, 1, "好评", "")
        dialogue.may_answer.set()
        assert await first == thanks and said(store.after(SESSION, 1)) == ["谢谢"]
    play(scene, store)


def test_a_turn_whose_session_another_process_erases_leaves_nothing_behind(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.may_answer.clear()
        late = asyncio.create_task(turns.text(SESSION, "message-1", "多少钱"))
        await until(lambda: dialogue.asked)
        store.erase(SESSION)
        dialogue.may_answer.set()
        with pytest.raises(WebError) as refused:
            await late
        assert refused.value.code == "bad_session" and dialogue.forgotten == [SESSION]
        assert store.after(SESSION, 0) == []
    play(scene, store)


def test_what_is_said_is_whole_and_what_is_kept_is_masked(store: MessageStore) -> None:
    number = "139" + "0" * 8  # the shape of a mobile number, nobody's

    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        await turns.text(SESSION, "message-1", f"我的电话{number}")
        assert number in dialogue.asked[0]
        assert number not in store.after(SESSION, 1)[0].text
    play(scene, store)


def test_the_city_of_the_site_is_told_at_the_beginning_only(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        for number in range(3):
            await turns.text(SESSION, f"message-{number}", "多少钱")
        assert dialogue.begun == ["武汉"]
        dialogue.session_seconds = -1  # a long silence
        await turns.text(SESSION, "message-9", "多少钱")
        assert dialogue.begun == ["武汉", "武汉"]
    play(scene, store)


def test_the_city_of_the_site_is_told_again_after_starting_anew_and_after_a_turn_that_failed(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        dialogue.says["重新开始"] = load().phrases["重新开始"].text
        dialogue.fails = True
        await turns.text(SESSION, "message-1", "多少钱")
        assert dialogue.begun == ["武汉"]
        dialogue.fails = False
        await turns.text(SESSION, "message-2", "多少钱")
        assert dialogue.begun == ["武汉"] * 2
        await turns.text(SESSION, "message-3", "重新开始")
        assert dialogue.begun == ["武汉"] * 2
        for number in range(4, 7):
            await turns.text(SESSION, f"message-{number}", "多少钱")
        assert dialogue.begun == ["武汉"] * 3
    play(scene, store)


def test_what_waits_behind_an_erasure_finds_no_session(store: MessageStore) -> None:
    async def scene(turns: Turns, dialogue: Dialogue) -> None:
        erased, late = await asyncio.gather(turns.erase(SESSION), turns.text(SESSION, "message-1", "多少钱"), return_exceptions=True)
        assert erased == ("receipt", 1) and dialogue.forgotten == [SESSION] and late.code == "bad_session"
        assert store.after(SESSION, 0) == [] and store.city(SESSION) is None
    play(scene, store)
