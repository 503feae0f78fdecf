"""Plays one conversation with the loaded assistant and checks every reply."""
from __future__ import annotations

import uuid
from typing import Any, Callable, Coroutine, Iterator, Sequence

from assistant.dialogue import Dialogue
from idcard.facts import ContradictionError, Value
from idcard.knowledge import Knowledge, load
from tests.conversations.cases import Case, Turn
from tests.conversations.reply_checks import always, expected


class Conversation:
    """One citizen talking to the assistant."""

    def __init__(self, dialogue: Dialogue, run_async: Callable[[Coroutine], Any]) -> None:
        self.dialogue, self.run = dialogue, run_async
        self.sender = uuid.uuid4().hex
        self.messages: list[dict] = []

    def say(self, text: str) -> list[dict]:
        self.messages = self.run(self.dialogue.send(text, self.sender))
        return self.messages

    def press(self, title: str) -> list[dict]:
        """Raises KeyError for a button that the last reply does not offer."""
        offered = {button["title"]: button["payload"] for message in self.messages for button in message.get("buttons", ())}
        self.messages = self.run(self.dialogue.press(offered[title], self.sender))
        return self.messages

    def facts(self, knowledge: Knowledge) -> dict[str, Value]:
        """What the assistant knows about the citizen, with what follows from it."""
        slots = self.run(self.dialogue.tracker(self.sender)).current_slot_values()
        known = {fact.name: slots.get(fact.slot) for fact in knowledge.model.facts.values()}
        return knowledge.model.complete({name: value for name, value in known.items() if value is not None})


def play(case: Case, conversation: Conversation) -> tuple[list[str], list[str]]:
    """(the transcript, what is wrong in it); it stops at a button that is not there."""
    knowledge, transcript, wrong = load(), [], []
    for number, turn in enumerate(case.turns, 1):
        transcript.append(f"{number} 群众{'按' if turn.pressed else ''}：{turn.say[:200]}")
        try:
            messages = conversation.press(turn.say) if turn.pressed else conversation.say(turn.say)
        except KeyError:
            return transcript, [*wrong, f"turn {number}: no button {turn.say}"]
        transcript += [_shown(message) for message in messages]
        wrong += [f"turn {number}: {fault}" for fault in _faults(knowledge, turn, messages, conversation)]
    return transcript, wrong


def _faults(knowledge: Knowledge, turn: Turn, messages: Sequence[dict], conversation: Conversation) -> Iterator[str]:
    try:
        facts = conversation.facts(knowledge)
    except ContradictionError as error:
        yield f"facts: {error}"
        facts = {}
    yield from always(knowledge, messages, facts)
    yield from expected(turn.expect, messages, facts)


def _shown(message: dict) -> str:
    twin = {key: value for key, value in (message.get("custom") or {}).items() if key != "as_of"}
    if "stations" in twin:
        twin["stations"] = [station["name"] for station in twin["stations"]]
    buttons = "".join(f" [{button['title']}]" for button in message.get("buttons", ()))
    return f"  助手：{message.get('text', '')}{buttons}\n        {twin}"
