"""One turn of a conversation: what the citizen said, what is known -> what to reply, what to ask, what to remember.

Pure: no Rasa, no clock. respond() is what both the form and the plain action call.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Optional

from actions import conversation, topics
from actions.state import Message, State
from actions.topics import Answered
from idcard import replies
from idcard.consult import LEADS_TO, Consultation, consult, table_for
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, PROVINCE
from idcard.reading import LIVING
from idcard.replies import Reply
from idcard.statements import Statement, read_statement

MOST_TOPICS = 3
MOST_TRIES = 3
TELLING = ("告知所在地", "告知户籍", "告知凭证", "更正", "肯定", "否定")
_QUESTION = re.compile(r"吗|呢|多少|哪|怎|什么|啥|几|能不能|可不可以|要不要|行不行|[?？]|么$|多久|咋|如何|么样|要钱")


@dataclass(frozen=True)
class Turn:
    """The replies of a turn, and the state after it. state.asked is the fact whose question is open ('' none)."""

    replies: tuple[Reply, ...]
    state: State


def respond(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    """Reply to one message."""
    statement = read_statement(knowledge, message.text, message.mentions, state.asked, state.facts)
    if statement.hypothetical and statement.facts and (state.decided or state.pending) and message.intent in ("假设", *TELLING):
        return _what_if(knowledge, state, statement, as_of)
    answered = bool(state.asked) and state.asked in statement.facts
    if message.intent == "超出范围" and not answered:  # 护照过期了: nothing in it is about the card
        return _keep_asking(knowledge, state, conversation.out_of_scope(knowledge, message))
    before, state = state, _remember(knowledge, state, statement)
    wanted = _topics(knowledge, before, message, answered)
    elsewhere = _other_city(knowledge, message, bool(wanted and not state.facts.get("所在城市")))
    if elsewhere and not answered and "所在城市" not in statement.facts:
        return _keep_asking(knowledge, before, conversation.other_city(knowledge, elsewhere, before.asked))
    if statement.ambiguous and not answered:
        return _ask_back(knowledge, state, statement, wanted)
    if wanted:
        return _answer(knowledge, before, state, wanted, message, as_of)
    if answered:
        return _answer(knowledge, before, state, (), message, as_of)
    if statement.facts and (message.intent in (*TELLING, "假设") or (before.asked and message.intent == "nlu_fallback")):
        return _told(knowledge, before, state, statement, message, as_of)
    return _converse(knowledge, before, state, message, as_of)


def _remember(knowledge: Knowledge, state: State, statement: Statement) -> State:
    facts: dict[str, Value] = dict(state.facts)
    for name, value in statement.facts.items():
        facts = knowledge.model.settable(facts, name, value)
    return replace(state, facts=facts)


def _topics(knowledge: Knowledge, state: State, message: Message, answered: bool) -> tuple[str, ...]:
    """The questions to answer. A plain answer to an open question is not one, whatever the classifier makes of it."""
    wanted = tuple(message.topics)[:MOST_TOPICS]
    if answered and not _QUESTION.search(message.text):
        return ()
    if answered and message.text.strip() in {button.title.lower() for button in
                                             knowledge.model.facts[state.asked].buttons}:
        return ()
    return wanted


def _other_city(knowledge: Knowledge, message: Message, asks_here: bool) -> str:
    """The place elsewhere about which the citizen asks (not where they are registered), '' if none.

    `asks_here`: the message asks something and no served city is known; then a bare city elsewhere is the one meant.
    """
    for mention in message.mentions:
        if mention.entity not in (PROVINCE, CITY, DISTRICT) or mention.candidates:
            continue
        place = knowledge.gazetteer.lookup(mention.entity, mention.value, mention.city)
        if place is None or place.city in knowledge.cities:
            continue
        if mention.entity == PROVINCE and any(knowledge.gazetteer.province_of(city) == place.name
                                              for city in knowledge.cities):
            continue
        if mention.role == LIVING or (asks_here and not mention.role and mention.entity != PROVINCE):
            return mention.value
    return ""


def _answer(knowledge: Knowledge, before: State, state: State, wanted: tuple[str, ...], message: Message,
            as_of: date) -> Turn:
    """Answer `wanted` and what was pending, in order; the first question that is still open ends the turn."""
    fresh = set(wanted) | (set(before.pending) if before.asked == "所在城市" else set())
    queue = list(dict.fromkeys((*wanted, *before.pending)))
    if wanted and before.asked and before.pending:  # a digression: answer it, then come back
        queue = list(dict.fromkeys((*(topic for topic in wanted if topic not in before.pending), *before.pending)))
    said: list[Reply] = []
    pending: list[str] = []
    question: Optional[Reply] = None
    facts = dict(state.facts)
    for topic in queue:
        result: Answered = topics.answer(knowledge, topic, facts, message.text, as_of, intro=topic in fresh)
        facts = dict(result.facts)
        said += [reply for reply in result.replies if reply not in said]
        if result.question:
            pending.append(topic)
            question = question or result.question
    said += [question] if question else []
    asked = question.asks if question else ""
    tries = before.tries if asked and asked == before.asked else 0
    topic = pending[0] if pending else queue[-1] if queue else state.topic
    decided = next((reply.topic for reply in reversed(said) if reply.kind == "decision"), state.decided)
    return Turn(tuple(said), State(facts, tuple(pending), topic, decided, asked, tries))


def _told(knowledge: Knowledge, before: State, state: State, statement: Statement, message: Message, as_of: date) -> Turn:
    """Facts without a question: go on with what is open, redo what they change, or say what can be asked."""
    if state.pending:
        return _answer(knowledge, before, state, (), message, as_of)
    if not state.topic and statement.facts.keys() & {"办理类型", "办理原因"} and len(statement.facts) > 2:
        return _answer(knowledge, before, state, ("能否异地办理",), message, as_of)  # told their whole case: decide it
    topic = _to_redo(state, statement)
    if not topic:
        return Turn(tuple(conversation.noted(knowledge, state.facts, statement.facts, as_of)), state)
    turn = _answer(knowledge, before, replace(state, pending=()), (topic,), message, as_of)
    return _with_difference(knowledge, before, turn, topic, as_of) if topic == state.decided else turn


def _to_redo(state: State, statement: Statement) -> str:
    """The topic that new facts are about: places after a list or a decision, else what was decided, else the last one."""
    if statement.facts.keys() <= {"所在城市", "所在区县"} and "所在区县" in statement.facts:
        return "哪里办" if state.decided or state.topic in topics.BY_PLACE else ""
    if state.topic == "工本费" and statement.facts.keys() <= {"所在城市", "办理类型", "办理原因"}:
        return "工本费"
    return state.decided


def _with_difference(knowledge: Knowledge, before: State, turn: Turn, topic: str, as_of: date) -> Turn:
    """Say that the earlier answer changes, where it does."""
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


def _what_if(knowledge: Knowledge, state: State, statement: Statement, as_of: date) -> Turn:
    """Answers with the supposed facts; what is known stays as it was."""
    supposed = dict(_remember(knowledge, state, statement).facts)
    city = str(supposed.get("所在城市") or "")
    topic = state.pending[0] if state.pending else state.decided
    topic = LEADS_TO.get(topic, topic)
    if not city or not table_for(knowledge, topic, city):
        return _keep_asking(knowledge, state, Reply("您先告诉我想问的事，我再帮您算算换个情况会怎样。", "clarify"))
    found = consult(knowledge, topic, city, supposed, as_of)
    if isinstance(found, Consultation):
        reply = replies.decision(knowledge, found, as_of, lead="要是那样的话：")
    else:
        fact = knowledge.model.facts[found.fact]
        reply = Reply(f"要是那样，还要看别的情况：{fact.question}{fact.unsure}", "clarify", topic, city)
    return _keep_asking(knowledge, state, reply)


def _ask_back(knowledge: Knowledge, state: State, statement: Statement, wanted: tuple[str, ...]) -> Turn:
    """A place name that fits several places is asked back, never guessed; what was asked stays open."""
    mention = statement.ambiguous
    assert mention is not None
    reply = Reply(f"您说的“{mention.value}”，是下面哪一个？", "clarify", buttons=tuple(mention.candidates[:5]),
                  asks=state.asked)
    pending = tuple(dict.fromkeys((*wanted, *state.pending)))
    asked = state.asked or ("户籍省份" if mention.role != LIVING else "所在区县")
    return Turn((reply,), replace(state, pending=pending, asked=asked if pending else ""))


def _keep_asking(knowledge: Knowledge, state: State, *said: Reply) -> Turn:
    """Reply, then return to the open question."""
    if state.asked:
        topic = state.pending[0] if state.pending else state.topic
        said += (replies.question(knowledge.model.facts[state.asked], topic, str(state.facts.get("所在城市") or "")),)
    return Turn(said, state)


def _converse(knowledge: Knowledge, before: State, state: State, message: Message, as_of: date) -> Turn:
    """Everything that is neither a question about the rules nor a fact."""
    if message.intent == "取消":
        return Turn((conversation.reply("utter_cancelled"),), replace(state, pending=(), asked="", tries=0))
    if message.intent == "重新开始":
        return Turn((conversation.reply("utter_restarted"),), State())
    said = conversation.replies_to(knowledge, before, message, as_of)
    if said:
        return _keep_asking(knowledge, state, *said)
    if not state.asked:
        return Turn((conversation.clarify(knowledge, message),), state)
    return _failed_try(knowledge, state)


def _failed_try(knowledge: Knowledge, state: State) -> Turn:
    """The answer was not understood: explain, ask again; after three tries leave with a way on."""
    fact = knowledge.model.facts[state.asked]
    city = str(state.facts.get("所在城市") or "")
    if state.tries + 1 >= MOST_TRIES:
        return Turn((conversation.way_on(knowledge, state),), replace(state, pending=(), asked="", tries=0))
    reply = replies.question(fact, state.pending[0] if state.pending else state.topic, city)
    explained = replace(reply, text=f"我没听明白。{fact.unsure}\n{fact.question}")
    return Turn((explained,), replace(state, tries=state.tries + 1))
