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
PENDING, TOPIC, DECIDED_TOPIC, OUTCOME = "pending_topics", "last_topic", "decided_topic", "decided_outcome"
TRIES, TRAIL, STEP, LEFT_OPEN, ASKED = "failed_tries", "answered_facts", "form_step", "left_open", "requested_slot"
PERSON, CASES, OFFERED = "person", "other_cases", "offered_case"
QUESTION = "open_question"
RATING, REASON, NEEDS_STAFF = "rating", "rating_reason", "needs_staff"  # for the staff console
NUMBERS_NOTED = "numbers_noted"

# A typed command, digits or marks alone, sounds over and over, or the bare word for the card: nothing to classify.
_SAYS_NOTHING = re.compile(r"[/∕]|(?![谢好对嗯有是没不行拜])(.{1,3}?)\1{2,}\W*$|[^a-z\u4e00-\u9fff]*$|\W*(办理?)?(身份证|证件?|二代证)(办理)?\W*$")


@dataclass(frozen=True)
class State:
    facts: Mapping[str, Value] = field(default_factory=dict)
    pending: tuple[str, ...] = ()  # topics still to be answered, in order
    topic: str = ""  # the topic last answered or asked about
    decided: str = ""  # the topic last decided for this citizen: what corrections, why and what-if are about
    outcome: str = ""  # what was decided then
    asked: str = ""  # the fact whose question is open
    tries: int = 0  # failed tries at that question
    trail: tuple[str, ...] = ()  # facts answered to a question, in order: the way back
    step: int = 0  # how many questions were asked in this matter, the open one included
    left_open: tuple[str, ...] = ()  # facts that the citizen cannot tell and that no decision needs
    person: str = ""  # about whom, where it is not the citizen: 妹妹
    cases: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # what was said of others (actions.cases)
    offered: str = ""  # the case whose facts may be used for the present one, if the citizen agrees
    question: str = ""  # the words in which the last topics were asked
    rating: str = ""  # 好评 or 差评
    reason: Optional[str] = None  # why; "": asked for just now
    needs_staff: bool = False  # the citizen wanted a person
    numbers_noted: bool = False  # the citizen sent a number and was told that none is needed


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
    by_slot = {fact.slot: fact.name for fact in knowledge.model.facts.values()}
    cases = slots.get(CASES) if isinstance(slots.get(CASES), dict) else {}
    return State(
        facts=_facts(knowledge, {name: slots.get(slot) for slot, name in by_slot.items()}),
        pending=_known(slots.get(PENDING), knowledge.topics), topic=_topic(knowledge, slots.get(TOPIC)),
        decided=_topic(knowledge, slots.get(DECIDED_TOPIC)), outcome=_text(slots.get(OUTCOME)),
        asked=by_slot.get(str(slots.get(ASKED)), ""), tries=_number(slots.get(TRIES)),
        trail=_known(slots.get(TRAIL), knowledge.model.facts), step=_number(slots.get(STEP)),
        left_open=_known(slots.get(LEFT_OPEN), knowledge.model.facts), person=_text(slots.get(PERSON)),
        cases={str(key): _facts(knowledge, facts) for key, facts in cases.items() if isinstance(facts, dict)},
        offered=_text(slots.get(OFFERED)), question=_text(slots.get(QUESTION)), rating=_text(slots.get(RATING)),
        reason=slots.get(REASON) if isinstance(slots.get(REASON), str) else None, needs_staff=slots.get(NEEDS_STAFF) is True,
        numbers_noted=slots.get(NUMBERS_NOTED) is True)


def _facts(knowledge: Knowledge, values: Mapping[str, Any]) -> dict[str, Value]:
    """Those that are facts with a possible value."""
    model = knowledge.model.facts
    return {name: value for name, value in values.items() if name in model and isinstance(value, (str, bool))
            and (not model[name].values or value in model[name].values)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _known(values: Any, names: Container[str]) -> tuple[str, ...]:
    """Those of a list that are known names; nothing for anything else."""
    return tuple(value for value in values if value in names) if isinstance(values, list) else ()


def _topic(knowledge: Knowledge, value: Any) -> str:
    return value if isinstance(value, str) and value in knowledge.topics else ""


def slot_values(knowledge: Knowledge, state: State) -> dict[str, Any]:
    """Every slot with its value after a turn."""
    values: dict[str, Any] = {fact.slot: state.facts.get(fact.name) for fact in knowledge.model.facts.values()}
    asked: Optional[str] = knowledge.model.facts[state.asked].slot if state.asked else None
    return {**values, PENDING: list(state.pending), TOPIC: state.topic or None, DECIDED_TOPIC: state.decided or None,
            OUTCOME: state.outcome or None, TRIES: state.tries, TRAIL: list(state.trail), STEP: state.step,
            LEFT_OPEN: list(state.left_open), PERSON: state.person or None,
            CASES: {key: dict(facts) for key, facts in state.cases.items()} or None, OFFERED: state.offered or None,
            QUESTION: state.question or None, RATING: state.rating or None, REASON: state.reason,
            NEEDS_STAFF: state.needs_staff or None, NUMBERS_NOTED: state.numbers_noted or None, ASKED: asked}


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
