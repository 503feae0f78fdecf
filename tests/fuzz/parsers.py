"""Everything that reads what the public sends, and what must hold of it for any text. A new parser is entered in PARSERS.

A parser takes one text and raises where it breaks: an exception of its own, or an AssertionError for a promise.
"""
from __future__ import annotations

import json
from base64 import b64encode
from datetime import date
from typing import Callable, Mapping
from xml.sax.saxutils import escape

from actions.state import State, read_message, read_state, slot_values
from actions.turn import respond
from assistant import keys
from assistant.channels.web import requests
from assistant.channels.web.errors import WebError
from assistant.channels.wechat import messages
from assistant.channels.wechat.codec import Cryptographer, Refused
from assistant.typed_text import safe_text
from idcard.asked import answer_to
from idcard.knowledge import load
from idcard.privacy import STAR, kinds, mask, mask_json
from idcard.statements import read_statement
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
        for name, value in answer_to(fact, normal, (), {}).items():
            assert value in (knowledge.model.facts[name].values or (value,))


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


def _web_json(text: str) -> None:
    """The body as it comes, and the text as the value of a body that is right."""
    fields = {"text": str, "seq": int}
    for body in (text.encode("utf-8", "surrogatepass"), json.dumps({"text": text, "seq": len(text)}).encode()):
        try:
            found = requests.read_body(body, fields)
            written = requests.written(found.get("text", ""))
        except WebError:
            continue
        assert all(type(value) is fields[name] for name, value in found.items())
        assert len(written) <= requests.LONGEST_TEXT
        written.encode("utf-8")
    try:
        assert requests.client_msg_id(text) == text
    except WebError:
        pass


def _wechat_xml(text: str) -> None:
    """The body as it comes, the text in every field of one that is right, and the reply that says it."""
    reply = messages.text_reply("oTEST", "gh_test", text, 0)
    fields = "".join(f"<{name}>{escape(text)}</{name}>" for name in ("Content", "Event", "EventKey", "MsgId", "Recognition", "Label", "Encrypt"))
    bodies = [text, *(f"<xml><ToUserName>gh_test</ToUserName><FromUserName>oTEST</FromUserName><MsgType>{kind}</MsgType>{fields}</xml>"
                      for kind in ("text", "voice", "location", "event", "image"))]
    for body in (reply, *(body.encode("utf-8", "surrogatepass") for body in bodies)):
        for read in (messages.message, messages.envelope):
            try:
                read(body)
            except Refused:
                continue
    assert messages.message(reply).sender == "gh_test"


def _wechat_codec(text: str) -> None:
    cryptographer = Cryptographer("A" * 43, "wxTEST")
    plain = text.encode("utf-8", "surrogatepass")
    assert cryptographer.decrypt(cryptographer.encrypt(plain)) == plain
    for sham in (text, b64encode(plain + bytes(-len(plain) % 16)).decode()):
        try:
            cryptographer.decrypt(sham)
        except Refused:
            continue
        raise AssertionError("nobody without the key can write this")


PARSERS: Mapping[str, Callable[[str], None]] = {
    "normalise": _normalise, "safe_text": _safe_text, "gazetteer": _gazetteer, "mentions": _mentions, "statements": _statements,
    "answers": _answers, "stations": _stations, "turn": _turn, "mask": _mask, "mask_json": _mask_json, "token": _token,
    "web_json": _web_json, "wechat_xml": _wechat_xml, "wechat_codec": _wechat_codec}
