"""Rows of Rasa's `events` table as the assistant writes them: literal payloads, so that tests of the console need no model."""
from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Sequence

from console.models import RasaEvent

_IDS = itertools.count(1)


@dataclass
class Written:
    """One sender's events, appended turn by turn."""

    sender: str
    at: float = field(default_factory=lambda: time.time() - 3 * 3600)
    channel: str = "web"
    model: str = "model-one"
    ids: Any = None
    write: Callable[[dict], object] = field(default=lambda row: RasaEvent.objects.create(**row))

    def add(self, kind: str, data: dict, name: Optional[str] = None) -> int:
        self.at += 0.01
        key = next(self.ids or _IDS)
        self.write({"id": key, "sender_id": self.sender, "type_name": kind, "timestamp": self.at, "action_name": name,
                    "data": json.dumps({"event": kind, "timestamp": self.at, **data}, ensure_ascii=False)})
        return key

    def start(self) -> int:
        first = self.add("action", {"name": "action_session_start"}, "action_session_start")
        self.add("session_started", {})
        self.add("action", {"name": "action_listen"}, "action_listen")
        return first

    def turn(self, text: str, intent: str, twins: Sequence[dict] = (), *, confidence: float = 0.9, second: str = "闲聊",
             second_confidence: float = 0.05, entities: Sequence[dict] = (), slots: Optional[dict] = None, buttons: Sequence[str] = (),
             words: str = "好的。", pause: float = 1.0) -> int:
        """One message and its reply; the id of the message."""
        self.at += pause
        ranking = [{"name": intent, "confidence": confidence}, {"name": second, "confidence": second_confidence}]
        message = self.add("user", {
            "text": text, "input_channel": self.channel, "metadata": {"model_id": self.model},
            "parse_data": {"intent": ranking[0], "intent_ranking": ranking, "entities": list(entities), "text": text, "topics": [intent]}})
        self.add("action", {"name": "consult_form", "policy": "RulePolicy", "confidence": 1.0}, "consult_form")
        for twin in twins or [{"kind": "answer", "topic": intent}]:
            offered = [{"title": button, "payload": button} for button in buttons]
            self.add("bot", {"text": words, "metadata": {}, "data": {"custom": twin, "buttons": offered or None}})
        for name, value in (slots or {}).items():
            self.add("slot", {"name": name, "value": value}, name)
        self.add("action", {"name": "action_listen"}, "action_listen")
        return message


def conversation(sender: str = "sender", **other: Any) -> Written:
    written = Written(sender, **other)
    written.start()
    return written


FEE = {"kind": "answer", "topic": "工本费", "city": "济宁", "outcome": "40元", "cites": ["济宁2020/七"], "as_of": "2026-11-21"}
ASKS_REFUSAL = {"kind": "question", "topic": "能否异地办理", "city": "武汉", "asks": "不予受理情形"}
ACCEPTED = {"kind": "decision", "topic": "能否异地办理", "city": "武汉", "outcome": "可以异地受理", "cites": ["武汉2016/一/1"], "as_of": "2026-11-21"}
NOT_SAID = {"kind": "answer", "topic": "办理时限", "city": "武汉", "outcome": "文件未规定", "as_of": "2026-11-21"}
CLARIFY = {"kind": "clarify"}
LOST = {"kind": "clarify", "topic": "不清楚"}
HANDED_OVER = {"kind": "handoff", "topic": "转人工", "city": "武汉"}
