"""Reads Rasa's events as a conversation: sessions of turns, a turn being one message of the citizen and the reply to it.

Pure: takes rows of `events` in the order of their ids, returns values. The projector and the transcript both read with it.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, NamedTuple, Optional


FALLBACK, UNREAD = "nlu_fallback", "没认出"  # Rasa's name for a message that no intent fits, and ours


class Event(NamedTuple):
    """One row of `events`; `data` is JSON text."""

    id: int
    sender: str
    kind: str
    at: float  # seconds since 1970
    data: str


@dataclass(frozen=True)
class Reply:
    """One bot message. `twin` is the structured twin of design §4; `response` its name in domain.yml where it has one."""

    text: str
    twin: Mapping[str, Any]
    buttons: tuple[str, ...] = ()
    response: str = ""
    at: float = 0.0


@dataclass
class Turn:
    event: int
    at: float
    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Mapping[str, Any], ...] = ()
    pressed: bool = False  # a button of the reply before
    before: Mapping[str, Any] = field(default_factory=dict)  # slots
    after: Mapping[str, Any] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    actions: list[Mapping[str, Any]] = field(default_factory=list)  # name, policy, confidence

    @property
    def margin(self) -> float:
        """How far the first intent is ahead of the second."""
        others = [confidence for name, confidence in self.ranking if name != self.intent]
        return self.confidence - max(others, default=0.0)

    @property
    def seconds(self) -> float:
        """From the message to the last message of the reply."""
        return max((reply.at for reply in self.replies), default=self.at) - self.at


@dataclass
class Session:
    sender: str
    first_event: int
    last_event: int
    channel: str = ""
    model: str = ""
    turns: list[Turn] = field(default_factory=list)
    rating: str = ""  # 好评 | 差评, said or pressed
    rating_reason: str = ""
    wants_staff: bool = False


def sessions(events: Iterable[Event]) -> list[Session]:
    """The sessions of one sender. A session begins with `action_session_start`; what comes before the first one is one too."""
    found: list[Session] = []
    slots: dict[str, Any] = {}
    for event in events:
        data = json.loads(event.data)
        if not found or (event.kind == "action" and data.get("name") == "action_session_start" and found[-1].turns):
            found.append(Session(event.sender, event.id, event.id))
            slots = {}
        session = found[-1]
        session.last_event = event.id
        _take(session, event, data, slots)
    return [session for session in found if session.turns]


def _take(session: Session, event: Event, data: Mapping[str, Any], slots: dict[str, Any]) -> None:
    if event.kind == "user":
        session.channel = session.channel or str(data.get("input_channel") or "")
        session.model = str((data.get("metadata") or {}).get("model_id") or session.model)
        session.turns.append(_turn(session, event, data, slots))
    elif event.kind == "slot":
        slots[data["name"]] = data.get("value")
        if session.turns:
            session.turns[-1].after = dict(slots)
            _remember(session, data["name"], data.get("value"))
    elif event.kind == "bot" and (data.get("metadata") or {}).get("feedback"):
        # The widget's rating: recorded as a message of the bot, which answers nothing.
        feedback = data["metadata"]["feedback"]
        session.rating, session.rating_reason = str(feedback.get("rating") or ""), str(feedback.get("reason") or "")
    elif session.turns and event.kind == "bot":
        session.turns[-1].replies.append(_reply(event, data))
    elif session.turns and event.kind == "action" and data.get("name") not in ("action_listen", "action_session_start"):
        session.turns[-1].actions.append({name: data.get(name) for name in ("name", "policy", "confidence")})


def _remember(session: Session, slot: str, value: Any) -> None:
    """What the dialogue notes for staff in slots of its own."""
    if slot == "rating" and value:
        session.rating = str(value)
    elif slot == "rating_reason" and value:
        session.rating_reason = str(value)
    elif slot == "needs_staff":
        session.wants_staff = bool(value)


def _turn(session: Session, event: Event, data: Mapping[str, Any], slots: Mapping[str, Any]) -> Turn:
    parse = data.get("parse_data") or {}
    intent = parse.get("intent") or {}
    text = str(data.get("text") or "")
    offered = {button for turn in session.turns[-1:] for reply in turn.replies for button in reply.buttons}
    return Turn(event.id, event.at, text, intent_name(intent), float(intent.get("confidence") or 0.0),
                tuple((intent_name(one), float(one.get("confidence") or 0.0)) for one in parse.get("intent_ranking") or ()),
                tuple(parse.get("entities") or ()), text in offered, dict(slots), dict(slots))


def intent_name(reading: Mapping[str, Any]) -> str:
    name = str(reading.get("name") or "")
    return UNREAD if name == FALLBACK else name


def _reply(event: Event, data: Mapping[str, Any]) -> Reply:
    more = data.get("data") or {}
    buttons = tuple(str(button.get("title")) for button in more.get("buttons") or ())
    response: Optional[str] = (data.get("metadata") or {}).get("utter_action")
    return Reply(str(data.get("text") or ""), more.get("custom") or {}, buttons, response or "", event.at)
