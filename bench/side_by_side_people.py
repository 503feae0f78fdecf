"""People who talk to an assistant: over Rasa's rest channel, or over the channel of our website."""
from __future__ import annotations

import json
import threading
import time
import uuid
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Callable, NamedTuple, Sequence

import yaml

from bench.web import API

DIALOGUES: list[list[str]] = yaml.safe_load((Path(__file__).parent / "dialogues.yml").read_text(encoding="utf-8"))
_ADDRESSES = count()


class Rest:
    """One conversation over the rest channel, on one connection."""

    def __init__(self, port: int, timeout: float = 120) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.sender = uuid.uuid4().hex

    def say(self, text: str) -> list[str]:
        """The texts of the reply."""
        said = self._call("/webhooks/rest/webhook", {"sender": self.sender, "message": text}, {})
        return [message["text"] for message in said if message.get("text")]

    def _call(self, path: str, body: dict, headers: dict) -> object:
        self.connection.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
        return json.loads(self.connection.getresponse().read())


class Website(Rest):
    """The same over the channel of our website: a signed session, each message kept for replay."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        number = next(_ADDRESSES)
        self.headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        self.headers["Authorization"] = f"Bearer {self._call(f'{API}/session', {}, self.headers)['token']}"

    def say(self, text: str) -> list[str]:
        answer = self._call(f"{API}/message", {"client_msg_id": uuid.uuid4().hex, "text": text}, self.headers)
        return [message["text"] for message in answer.get("messages", ()) if message["from"] == "bot" and message.get("text")]


class Crowd(NamedTuple):
    """What people experienced together."""

    latencies_ms: list[float]
    wall_s: float
    silent: int  # turns without an answer


def crowd(new_conversation: Callable[[], Rest], people: int, dialogues: int) -> Crowd:
    """`people` at once lead `dialogues` conversations each, every message as soon as the one before is answered."""
    latencies: list[float] = []
    silent: list[str] = []

    def person(number: int) -> None:
        for turn in range(dialogues):
            conversation = new_conversation()
            for text in DIALOGUES[(number + turn) % len(DIALOGUES)]:
                start = time.perf_counter()
                reply = conversation.say(text)
                latencies.append(1000 * (time.perf_counter() - start))
                if not reply:
                    silent.append(text)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Crowd(latencies, time.perf_counter() - began, len(silent))


def replies(port: int, dialogues: Sequence[Sequence[str]] = DIALOGUES) -> list[list[str]]:
    """The reply to every message of every dialogue, in order."""
    found = []
    for dialogue in dialogues:
        conversation = Rest(port)
        found += [conversation.say(text) for text in dialogue]
    return found
