"""kill -9 in the middle of turns: what was answered is there after the restart, once, with its answer and in its order."""
from __future__ import annotations

import itertools
import json
import random
import sqlite3
import threading
import time
import unicodedata
from collections import Counter
from http.client import HTTPException

import pytest

from tests.faults.serving import ForkedServer, Server, is_unsaved_apology

pytestmark = pytest.mark.model

SENDERS, WEB_SENDERS = "甲乙", "丙丁戊"
MESSAGES_OF_A_SESSION = 20
QUESTIONS = ("济宁补领多少钱", "我河南的，身份证丢了，能在武汉补吗", "都没有", "要带什么材料", "谢谢")
SEED = 6


class Citizen(threading.Thread):
    """Says one message after the other, each with its own number, whatever becomes of the server."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(daemon=True)
        self.server, self.sender = server, name
        self.sent: list = []  # texts
        self.answered: dict = {}  # text -> texts of the reply
        self.stopped = threading.Event()

    def run(self) -> None:
        for number in itertools.count():
            if self.stopped.is_set():
                return
            text = f"{QUESTIONS[number % len(QUESTIONS)]}（{self.sender}第{number}句）"
            self.sent.append(text)
            try:
                self.say(text)
            except (OSError, HTTPException):
                time.sleep(0.05)  # it is down; the next message is another one

    def say(self, text: str) -> None:
        """Over Rasa's rest channel."""
        messages = self.server.say(self.sender, text)
        if not is_unsaved_apology(messages):
            self.answered[text] = [message["text"] for message in messages if message.get("text")]


class WebCitizen(Citizen):
    """Over the web channel, as the widget does: every message with an id, under which it is sent again when the line was broken."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, name)
        self.chats: list = []

    def say(self, text: str) -> None:
        while text not in self.answered:
            try:
                time.sleep(self._send(text))
            except (OSError, HTTPException):
                time.sleep(0.05)

    def _send(self, text: str) -> float:
        """Seconds after which to send it again; 0: it was answered."""
        if len(self.sent) > MESSAGES_OF_A_SESSION * len(self.chats):  # a session may send 30 in a minute
            self.chats.append(self.server.chat())
        body = {"text": text, "client_msg_id": f"message-{self.sent.index(text)}"}
        answer = self.chats[-1].call("POST", "/message", body)
        if answer.status == 200:
            self.answered[text] = [message["text"] for message in answer.json["messages"][1:]]
            return 0
        assert answer.code == "busy", answer.body.decode()
        return answer.json["error"]["retry_after"]

    def replayed(self, author: str) -> Counter:
        """The texts of "user" or "bot" in every session, as a page shows them that was loaded anew; without the greetings."""
        return Counter(message["text"] for chat in self.chats for message in chat.history()[1:] if message["from"] == author)


def turns_stored(database, citizen: str) -> list:
    """(text, texts of the reply, whether the turn is whole) in the order stored, over all conversations of a citizen."""
    turns: list = []
    with sqlite3.connect(database) as connection:
        rows = connection.execute("select sender_id, data from events order by id").fetchall()
    latest: dict = {}
    for sender, event in ((sender, json.loads(data)) for sender, data in rows):
        if event["event"] == "user":
            latest[sender] = [event["text"], [], False]
            turns.append(latest[sender])
        elif event["event"] == "bot" and event["text"]:
            latest[sender][1].append(event["text"])
        elif event["event"] == "action" and event["name"] == "action_listen" and sender in latest:
            latest[sender][2] = True
    return [turn for turn in turns if f"{citizen}第" in turn[0]]


@pytest.fixture
def server(model_path, tmp_path):
    server = ForkedServer(model_path, tmp_path)
    server.start()
    yield server
    server.end()


def test_every_answered_message_is_there_after_kill_9_and_none_twice(server, pytestconfig) -> None:
    kills, chance = pytestconfig.getoption("--kills"), random.Random(SEED)
    citizens = [*(Citizen(server, name) for name in SENDERS), *(WebCitizen(server, name) for name in WEB_SENDERS)]
    for citizen in citizens:
        citizen.start()
    for _ in range(kills):
        let_them_talk(citizens, chance.randint(0, 4))
        time.sleep(chance.uniform(0, 0.1))
        server.kill()
        server.start()
    time.sleep(0.5)
    for citizen in citizens:
        citizen.stopped.set()
        citizen.join()
    for citizen in citizens:
        holds_for(server, citizen)
    print(f"\n{kills} kills, {sum(len(citizen.answered) for citizen in citizens)} answered, "
          f"{sum(len(citizen.sent) for citizen in citizens)} sent")


def let_them_talk(citizens: list, answers: int) -> None:
    """Until so many more messages are answered, on a slow machine as on a quick one."""
    wanted = sum(len(citizen.answered) for citizen in citizens) + answers
    while sum(len(citizen.answered) for citizen in citizens) < wanted:
        assert all(citizen.is_alive() for citizen in citizens)
        time.sleep(0.005)


def holds_for(server: Server, citizen: Citizen) -> None:
    """What was acknowledged is stored, once, whole, with its answer, in its order; on the web it is shown again as well."""
    if isinstance(citizen, WebCitizen):
        assert citizen.replayed("user") == Counter(citizen.sent) == Counter(citizen.answered.keys()), "each once"
        assert citizen.replayed("bot") == Counter(text for reply in citizen.answered.values() for text in reply)
    stored = turns_stored(server.database, citizen.sender)
    texts = [plain(text) for text, _, _ in stored]
    assert [text for text, number in Counter(texts).items() if number > 1] == []
    answered = {plain(text): reply for text, reply in citizen.answered.items()}
    assert set(answered) <= set(texts) <= set(map(plain, citizen.sent))
    assert texts == [text for text in map(plain, citizen.sent) if text in set(texts)]
    assert all(whole for _, _, whole in stored)
    replies = {plain(text): reply for text, reply, _ in stored}
    assert {text: replies[text] for text in answered} == answered


def plain(text: str) -> str:
    """As it is stored."""
    return unicodedata.normalize("NFKC", text)
