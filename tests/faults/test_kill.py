"""kill -9 in the middle of turns: what was answered is there after the restart, once, with its answer and in its order."""
from __future__ import annotations

import itertools
import json
import random
import sqlite3
import threading
import time
from collections import Counter

import pytest

from tests.faults.serving import ForkedServer, Server, is_unsaved_apology

pytestmark = pytest.mark.model

SENDERS = "甲乙丙丁"
QUESTIONS = ("济宁补领多少钱", "我河南的，身份证丢了，能在武汉补吗", "都没有", "要带什么材料", "谢谢")
SEED = 6


class Citizen(threading.Thread):
    """Says one message after the other, each with its own number, whatever becomes of the server."""

    def __init__(self, server: Server, sender: str) -> None:
        super().__init__(daemon=True)
        self.server, self.sender = server, sender
        self.sent: list = []  # texts
        self.answered: dict = {}  # text -> texts of the reply
        self.stopped = threading.Event()

    def run(self) -> None:
        for number in itertools.count():
            if self.stopped.is_set():
                return
            text = f"{QUESTIONS[number % len(QUESTIONS)]}（第{number}句）"
            self.sent.append(text)
            try:
                messages = self.server.say(self.sender, text)
            except ConnectionError:
                time.sleep(0.05)  # it is down; the next message is another one
                continue
            if not is_unsaved_apology(messages):
                self.answered[text] = [message["text"] for message in messages if message.get("text")]


def turns_stored(database, sender: str) -> list:
    """(text, texts of the reply, whether the turn is whole) in the order stored."""
    turns: list = []
    with sqlite3.connect(database) as connection:
        rows = connection.execute("select data from events where sender_id = ? order by id", (sender,)).fetchall()
    for event in (json.loads(data) for data, in rows):
        if event["event"] == "user":
            turns.append([event["text"], [], False])
        elif event["event"] == "bot" and event["text"]:
            turns[-1][1].append(event["text"])
        elif event["event"] == "action" and event["name"] == "action_listen" and turns:
            turns[-1][2] = True
    return turns


@pytest.fixture
def server(model_path, tmp_path):
    server = ForkedServer(model_path, tmp_path)
    server.start()
    yield server
    server.end()


def test_every_answered_message_is_there_after_kill_9_and_none_twice(server, pytestconfig) -> None:
    kills, chance = pytestconfig.getoption("--kills"), random.Random(SEED)
    citizens = [Citizen(server, sender) for sender in SENDERS]
    for citizen in citizens:
        citizen.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.1, 0.8))
        server.kill()
        server.start()
    time.sleep(0.5)
    for citizen in citizens:
        citizen.stopped.set()
        citizen.join()
    for citizen in citizens:
        stored = turns_stored(server.database, citizen.sender)
        texts = [text for text, _, _ in stored]
        assert [text for text, number in Counter(texts).items() if number > 1] == []
        assert set(citizen.answered) <= set(texts) <= set(citizen.sent)
        assert texts == [text for text in citizen.sent if text in set(texts)]
        assert all(whole for _, _, whole in stored)
        replies = {text: reply for text, reply, _ in stored}
        assert {text: replies[text] for text in citizen.answered} == citizen.answered
        assert server.say(citizen.sender, "谢谢")[0]["text"]
    print(f"\n{kills} kills, {sum(len(citizen.answered) for citizen in citizens)} answered, "
          f"{sum(len(citizen.sent) for citizen in citizens)} sent")
