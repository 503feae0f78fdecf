"""Everything that reads what the public sends, and what must hold of it for any text. A new parser is entered in PARSERS.

A parser takes one text and raises where it breaks: an exception of its own, or an AssertionError for a promise.
"""
from __future__ import annotations

from datetime import date
from typing import Callable, Mapping

from actions.state import State, read_message, read_state, slot_values
from actions.turn import respond
from assistant import keys
from assistant.typed_text import safe_text
from idcard.knowledge import load
from idcard.privacy import STAR, kinds, mask, mask_json
from idcard.statements import answer_to, read_statement
from idcard.stations import search
from idcard.text import normalise

AS_OF = date(2026, 11, 21)


def _normalise(text: str) -> None:
    normal = normalise(text)
    assert len(normal) == len(text) and normalise(normal) == normal


def _safe_text(text: str) -> None:
    safe = safe_text(text)
    assert not safe.startswith("/") and safe_text(safe) == safe
    safe.encode("utf-8")  # what cannot be encoded can be neither stored nor sent


def _gazetteer(text: str) -> None:
    normal = normalise(text)
    for mention in load().gazetteer.find(normal):
        assert 0 <= mention.start < mention.end <= len(normal) and (mention.place or mention.candidates)


def _mentions(text: str) -> None:
    normal = normalise(text)
    for mention in load().reader.find_mentions(normal):
        assert 0 <= mention.start < mention.end <= len(normal) and mention.value


def _statements(text: str) -> None:
    knowledge, normal = load(), normalise(text)
    mentions = knowledge.reader.find_mentions(normal)
    for fact in ["", *knowledge.model.facts]:
        for name, value in read_statement(knowledge, normal, mentions, asked=fact).facts.items():
            values = knowledge.model.facts[name].values
            assert not values or value in values, (name, value)


def _answers(text: str) -> None:
    knowledge, normal = load(), normalise(text)
    for fact in knowledge.model.facts.values():
        value = answer_to(fact, normal, ())
        assert value is None or not fact.values or value in fact.values


def _stations(text: str) -> None:
    knowledge = load()
    for city in (None, *knowledge.cities):
        found = search(normalise(text), city, knowledge.stations, knowledge.gazetteer)
        assert all(match.station in knowledge.stations for match in found.matches)


def _turn(text: str) -> None:
    """Three turns of a conversation whose every message is this one, whatever the classifier makes of it."""
    knowledge, state = load(), State()
    intents = ["nlu_fallback", "能否异地办理", "更正", "取消", "告知凭证", *knowledge.topics]
    for number in range(3):
        latest = {"text": safe_text(text), "intent": {"name": intents[(len(text) + number) % len(intents)], "confidence": 0.9}}
        turn = respond(knowledge, state, read_message(knowledge, latest), AS_OF)
        assert turn.replies
        state = read_state(knowledge, slot_values(knowledge, turn.state))


def _mask(text: str) -> None:
    masked = mask(text, load().public)
    assert len(masked) == len(text) and all(new in (old, STAR) for old, new in zip(text, masked))
    assert bool(kinds(text)) == (mask(text) != text) or STAR in text


def _mask_json(text: str) -> None:
    masked = mask_json({"text": text, text: [text, 1, None, {"value": text}]})
    assert masked["text"] == mask(text)


def _token(text: str) -> None:
    assert keys.verify("web session", text) is None


PARSERS: Mapping[str, Callable[[str], None]] = {
    "normalise": _normalise, "safe_text": _safe_text, "gazetteer": _gazetteer, "mentions": _mentions, "statements": _statements,
    "answers": _answers, "stations": _stations, "turn": _turn, "mask": _mask, "mask_json": _mask_json, "token": _token}
