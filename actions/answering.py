"""Answers questions about the rules, and redoes what new facts change."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Collection, Mapping, Optional

from actions import conversation, topics
from actions.state import State
from idcard import replies
from idcard.consult import LEADS_TO, Consultation, consult, table_for
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.replies import Reply
from idcard.statements import Statement


@dataclass(frozen=True)
class Turn:
    """The replies of a turn, and the state after it. state.asked is the fact whose question is open ('' none)."""

    replies: tuple[Reply, ...]
    state: State


def answer(knowledge: Knowledge, before: State, state: State, wanted: tuple[str, ...], text: str, as_of: date,
           stated: Collection[str] = ()) -> Turn:
    """Answer `wanted` and what was pending; the first question that is still open ends the turn.

    In a form `wanted` is a digression: it is answered, then the form's own question returns. `stated` are the facts
    that the message itself gives.
    """
    fresh = set(wanted) | (set(before.pending) if before.asked == "所在城市" else set())
    said: list[Reply] = []
    pending: list[str] = []
    question: Optional[Reply] = None
    facts: Mapping[str, Value] = state.facts
    queue = _order(wanted, before.pending)
    for topic in queue:  # a pending topic is answered in the words in which it was asked: 没有居住证怎么办, then 武汉
        words = text if topic in wanted else f"{before.question} {text}".strip()
        result = topics.answer(knowledge, topic, facts, words, as_of, topic in fresh, stated)
        facts = result.facts
        said += [reply for reply in result.replies if reply not in said]
        if result.question:
            pending.append(topic)
            question = question or result.question
    if question:
        said.append(question)
    asked = question.asks if question else ""
    topic = pending[0] if pending else queue[-1] if queue else state.topic
    decided = next((reply.topic for reply in reversed(said) if reply.kind == "decision"), state.decided)
    trail = (*state.trail, before.asked) if before.asked in stated else state.trail
    return Turn(tuple(said), replace(state, facts=dict(facts), pending=tuple(pending), topic=topic, decided=decided,
                                     asked=asked, tries=before.tries if asked and asked == before.asked else 0,
                                     trail=trail, question=(text if wanted else before.question) if pending else ""))


def compare(knowledge: Knowledge, state: State, wanted: tuple[str, ...], cities: tuple[str, ...], text: str, as_of: date,
            stated: Collection[str]) -> Turn:
    """The same questions answered for each city named: the general rules, without asking about the citizen."""
    said: list[Reply] = []
    for city in cities:
        facts = {name: value for name, value in state.facts.items() if name != "所在区县"}
        for topic in wanted:
            said += topics.answer(knowledge, topic, {**facts, "所在城市": city}, text, as_of, True, stated).replies
    return Turn(tuple(said), replace(state, topic=wanted[-1], pending=(), asked=""))


def _order(wanted: tuple[str, ...], pending: tuple[str, ...]) -> list[str]:
    """New questions first, except those that are already being worked on."""
    return list(dict.fromkeys((*(topic for topic in wanted if topic not in pending), *pending)))


def told(knowledge: Knowledge, before: State, state: State, statement: Statement, text: str, as_of: date) -> Turn:
    """Facts without a question: go on with what is open, redo what they change, or say what can be asked."""
    if state.pending:
        return answer(knowledge, before, state, (), text, as_of, statement.facts)
    if not state.topic and statement.facts.keys() & {"办理类型", "办理原因"} and len(statement.facts) > 2:
        return answer(knowledge, before, state, ("能否异地办理",), text, as_of, statement.facts)  # told their whole case
    topic = _to_redo(state, statement)
    if not topic:
        return Turn(tuple(conversation.noted(knowledge, state.facts, statement.facts, as_of)), state)
    turn = answer(knowledge, before, replace(state, pending=()), (topic,), text, as_of, statement.facts)
    return _with_difference(knowledge, before, turn, topic, as_of) if topic == before.decided else turn


def _to_redo(state: State, statement: Statement) -> str:
    """The topic that new facts are about: places after a list or a decision, else what was decided, else the fee."""
    if statement.facts.keys() <= {"所在城市", "所在区县"}:
        if "所在区县" in statement.facts and (state.decided or not state.topic):
            return "哪里办" if state.decided else ""
        return state.topic
    if state.topic == "工本费" and statement.facts.keys() <= {"所在城市", "办理类型", "办理原因"}:
        return "工本费"
    return state.decided


def _with_difference(knowledge: Knowledge, before: State, turn: Turn, topic: str, as_of: date) -> Turn:
    """Say whether the earlier answer changes."""
    city = before.facts.get("所在城市")
    if not city or not table_for(knowledge, topic, str(city)):
        return turn
    old = consult(knowledge, topic, str(city), before.facts, as_of)
    new = next((reply for reply in turn.replies if reply.kind == "decision"), None)
    if not isinstance(old, Consultation) or new is None:
        return turn
    changed = new.outcome != old.decision.outcome or new.city != old.decision.city
    lead = "好的，改过来了，结果不一样了：" if changed else "好的，改过来了，结果没有变："
    said = tuple(replace(reply, text=lead + reply.text) if reply is new else reply for reply in turn.replies)
    return replace(turn, replies=said)


def what_if(knowledge: Knowledge, state: State, supposed: State, as_of: date) -> Reply:
    """The decision under the supposed facts; what is known stays as it was."""
    city = str(supposed.facts.get("所在城市") or "")
    topic = state.pending[0] if state.pending else state.decided
    topic = LEADS_TO.get(topic, topic)
    if not city or not table_for(knowledge, topic, city):
        return Reply("您先告诉我想问的事，我再帮您算算换个情况会怎样。", "clarify")
    found = consult(knowledge, topic, city, supposed.facts, as_of)
    if isinstance(found, Consultation):
        return replies.decision(knowledge, found, as_of, lead="要是那样的话：")
    fact = knowledge.model.facts[found.fact]
    return Reply(f"要是那样，还要看别的情况：{fact.question}{fact.unsure}", "clarify", topic, city)
