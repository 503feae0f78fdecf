"""What a conversation remembers (Rasa slots) and what one message says (Rasa's parse), as plain values."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Container, Mapping, Optional, Sequence

from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.reading import Mention
from idcard.text import normalise

# Slots beside the facts of facts.yml.
PENDING, TOPIC, DECIDED_TOPIC = "pending_topics", "last_topic", "decided_topic"
TRIES, TRAIL, PERSON, ASKED = "failed_tries", "answered_facts", "person", "requested_slot"
QUESTION = "open_question"


# A typed command, digits or marks alone, or the bare word for the card: nothing to classify.
_SAYS_NOTHING = re.compile(r"[/∕]|[^a-z\u4e00-\u9fff]*$|\W*(办理?)?(身份证|证件?|二代证)(办理)?\W*$")


@dataclass(frozen=True)
class State:
    facts: Mapping[str, Value] = field(default_factory=dict)
    pending: tuple[str, ...] = ()  # topics still to be answered, in order
    topic: str = ""  # the topic last answered or asked about
    decided: str = ""  # the topic last decided for this citizen: what corrections, why and what-if are about
    asked: str = ""  # the fact whose question is open
    tries: int = 0  # failed tries at that question
    trail: tuple[str, ...] = ()  # facts answered to a question, in order: the way back
    person: str = ""  # about whom, where it is not the citizen: 妹妹
    question: str = ""  # the words in which the pending topics were asked


@dataclass(frozen=True)
class Message:
    text: str  # normalised
    intent: str = ""
    confidence: float = 1.0
    ranking: Sequence[tuple[str, float]] = ()
    topics: Sequence[str] = ()  # business intents, in the order asked
    mentions: Sequence[Mention] = ()


def read_state(knowledge: Knowledge, slots: Mapping[str, Any]) -> State:
    """The State kept in Rasa's slots. Values of a wrong type (tampered or old) are dropped, never trusted."""
    facts: dict[str, Value] = {}
    for fact in knowledge.model.facts.values():
        value = slots.get(fact.slot)
        if isinstance(value, (str, bool)) and (not fact.values or value in fact.values):
            facts[fact.name] = value
    by_slot = {fact.slot: fact.name for fact in knowledge.model.facts.values()}
    tries, person, question = slots.get(TRIES), slots.get(PERSON), slots.get(QUESTION)
    return State(facts, _known(slots.get(PENDING), knowledge.topics), _topic(knowledge, slots.get(TOPIC)),
                 _topic(knowledge, slots.get(DECIDED_TOPIC)), by_slot.get(str(slots.get(ASKED)), ""),
                 int(tries) if isinstance(tries, (int, float)) else 0,
                 _known(slots.get(TRAIL), knowledge.model.facts), person if isinstance(person, str) else "",
                 question if isinstance(question, str) else "")


def _known(values: Any, names: Container[str]) -> tuple[str, ...]:
    """Those of a list that are known names; nothing for anything else."""
    return tuple(value for value in values if value in names) if isinstance(values, list) else ()


def _topic(knowledge: Knowledge, value: Any) -> str:
    return value if isinstance(value, str) and value in knowledge.topics else ""


def slot_values(knowledge: Knowledge, state: State) -> dict[str, Any]:
    """Every slot with its value after a turn."""
    values: dict[str, Any] = {fact.slot: state.facts.get(fact.name) for fact in knowledge.model.facts.values()}
    asked: Optional[str] = knowledge.model.facts[state.asked].slot if state.asked else None
    return {**values, PENDING: list(state.pending), TOPIC: state.topic or None,
            DECIDED_TOPIC: state.decided or None, TRIES: state.tries, TRAIL: list(state.trail),
            PERSON: state.person or None, QUESTION: state.question or None, ASKED: asked}


def read_message(knowledge: Knowledge, latest: Mapping[str, Any]) -> Message:
    """The message of Rasa's `latest_message`; without entities or topics of our components it is read afresh."""
    text = normalise(latest.get("text") or "")
    intent = latest.get("intent") or {}
    ranking = [(entry["name"], float(entry["confidence"])) for entry in latest.get("intent_ranking") or ()
               if entry.get("name")]
    entities = [entity for entity in latest.get("entities") or () if isinstance(entity.get("value"), str)]
    mentions = [Mention.from_entity(entity) for entity in entities] or knowledge.reader.find_mentions(text)
    name = intent.get("name") or ""
    if _SAYS_NOTHING.match(text):
        return Message(text, "nlu_fallback", mentions=mentions)
    topics = [topic for topic in latest.get("topics") or () if topic in knowledge.topics]
    if not topics and name in knowledge.topics:
        topics = [name]
    return Message(text, name, float(intent.get("confidence") or 0.0), ranking, topics, mentions)
