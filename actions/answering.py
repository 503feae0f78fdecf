"""Answers questions about the rules, asks the one fact that is still needed, and redoes what new facts change."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Collection, Optional

from actions import cases, conversation, topics
from actions.state import State
from idcard import phrasing, refusal, replies
from idcard.consult import BY_PLACE, LEADS_TO, Consultation, consult, table_for
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.policy import Ask
from idcard.replies import Reply
from idcard.statements import Statement, read_statement

TEMPORARY = "临时身份证"
# What the citizen tells of their own case, wanting to know what comes of it.
CASE = ("户籍省份", "户籍城市", "是否有居住证", "居住凭证", "是否登记流动人口")
AGAIN, NOTED = "接着刚才的：", "好的，记下了。"


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
    text = _of_that_card(before, wanted, text, stated)
    fresh = {topic for topic in wanted if _wants_the_rule(knowledge, before, state, topic, text, as_of)}
    fresh |= set(before.pending) if before.asked == "所在城市" else set()
    said: list[Reply] = []
    pending: list[str] = []
    ask: Optional[Ask] = None
    queue = _order(wanted, before.pending)
    for topic in queue:  # a pending topic is answered in the words in which it was asked: 没有居住证怎么办, then 武汉
        words = _own_words(knowledge, topic, wanted, text) if topic in wanted else f"{before.question} {text}".strip()
        result = topics.answer(knowledge, topic, state.facts, words, as_of, topic in fresh, stated, state.left_open)
        state = replace(state, facts=dict(result.facts))
        said += [reply for reply in result.replies if reply not in said]
        if result.question:
            pending.append(topic)
            ask = ask or result.question
    state = replace(state, pending=tuple(pending), topic=pending[0] if pending else queue[-1] if queue else state.topic,
                    trail=_trail(before, state, stated),
                    question=text if wanted else before.question)
    said, state = _compared(_told_once(said), before, state)
    return _asking(knowledge, before, state, said, ask)


def _own_words(knowledge: Knowledge, topic: str, wanted: tuple[str, ...], text: str) -> str:
    """The text without the clauses that ask for another of the topics: of 要带啥，多少钱，能邮寄不 the fee is asked in 多少钱."""
    others = [other for other in wanted if other != topic]
    kept = [clause for clause in phrasing.clauses(text) if _names(knowledge, topic, clause)
            or not any(_names(knowledge, other, clause) for other in others)]
    return " ".join(kept) if others and kept else text


def _names(knowledge: Knowledge, topic: str, clause: str) -> bool:
    return any(word in clause for word in knowledge.topics[topic].words)


def _of_that_card(before: State, wanted: tuple[str, ...], text: str, stated: Collection[str]) -> str:
    """多少钱 in talk of the temporary card asks what that one costs."""
    talk = set(before.pending or (before.topic,)) == {TEMPORARY} or before.question.startswith(f"{TEMPORARY} ")
    another = "身份证" in text or TEMPORARY in wanted or {"办理类型", "办理原因"} & set(stated)
    return f"{TEMPORARY} {text}" if talk and wanted and not another else text


def _trail(before: State, state: State, stated: Collection[str]) -> tuple[str, ...]:
    """The facts answered so far, with the one just answered; for a half of a case the case."""
    asked = refusal.REFUSAL if before.asked in refusal.HALVES else before.asked
    return (*state.trail, asked) if asked in stated and asked != cases.REUSE else state.trail


def _wants_the_rule(knowledge: Knowledge, before: State, state: State, topic: str, text: str,
                    as_of: date) -> bool:
    """Whether the general rule is to be told: not once more for a matter under way, unless something special is asked."""
    city = str(state.facts.get("所在城市") or "")
    same = before.facts.get("所在城市") == city
    known = topic in before.pending or LEADS_TO.get(topic, topic) == before.decided
    return not (same and known) or bool(
        city and phrasing.asks(text) and knowledge.answer(city, topic, text, as_of, state.facts).special)


def _asking(knowledge: Knowledge, before: State, state: State, said: list[Reply], ask: Optional[Ask]) -> Turn:
    """The replies, then the open question with its step; without one the matter is finished."""
    if ask is None:
        return Turn(tuple(said), replace(state, asked="", tries=0, step=0))
    asked = cases.REUSE if cases.may_reuse(knowledge, state, ask.fact) else ask.fact
    same = asked == before.asked
    step = state.step if same and state.step else state.step + 1
    state = replace(state, asked=asked, tries=before.tries if same else 0, step=step)
    lead = "" if not same else AGAIN if said else NOTED if state.facts != before.facts else ""
    return Turn((*said, _question(knowledge, state, ask, lead)), state)


def _question(knowledge: Knowledge, state: State, ask: Ask, lead: str = "") -> Reply:
    if state.asked == cases.REUSE:
        return cases.reuse_question(knowledge, state, ask)
    return replies.question(knowledge, ask, max(1, state.step), lead)


def open_question(knowledge: Knowledge, state: State, as_of: date, lead: str = "") -> Reply:
    """The question that is open, once more."""
    topic = state.pending[0] if state.pending else state.topic
    ask = topics.answer(knowledge, topic, state.facts, state.question, as_of, False, (), state.left_open).question if topic else None
    if ask is None or state.asked not in (ask.fact, cases.REUSE):
        ask = Ask("", topic, str(state.facts.get("所在城市") or ""), state.asked, 1)
    return _question(knowledge, state, ask, lead)


def _told_once(said: list[Reply]) -> list[Reply]:
    """Without the terms on which one may apply where another answer of the turn gives them (没有户口本，能补吗) or limits them,
    and without an answer that the decision repeats."""
    answers = [reply for reply in said if reply.kind == "answer"]
    others = [reply for reply in answers if reply.topic not in topics.APPLYING]
    doubled = [reply for reply in answers if reply.topic in topics.APPLYING and any(
        other.topic == "不予受理情形" or 2 * len({*reply.cites} & {*other.cites}) >= len(reply.cites) for other in others)]
    doubled += [reply for reply in answers for other in said if other.kind == "decision" and reply.outcome == other.outcome
                and {*reply.cites} & {*other.cites}]
    return [reply for reply in said if reply not in doubled]


def _compared(said: list[Reply], before: State, state: State) -> tuple[list[Reply], State]:
    """Notes the new decision; says how it differs from an earlier one of the same case."""
    new = next((reply for reply in reversed(said) if reply.kind == "decision"), None)
    if new is None:
        return said, state
    if state.outcome and state.outcome != new.outcome and new.topic == before.decided:
        changed = replace(new, text=f"和刚才不一样了，从“{state.outcome}”变成“{new.outcome}”：{new.text}")
        said = [changed if reply is new else reply for reply in said]
    return said, replace(state, decided=new.topic, outcome=new.outcome)


def compare(knowledge: Knowledge, before: State, wanted: tuple[str, ...], cities: tuple[str, ...], text: str, as_of: date,
            stated: dict[str, Value]) -> tuple[Reply, ...]:
    """The same questions answered for each city named: the general rules, without asking about the citizen."""
    facts = {name: value for name, value in knowledge.model.told(before.facts, stated).items() if name not in cases.PLACE}
    return tuple(reply for city in cities for topic in wanted for reply in topics.answer(
        knowledge, topic, knowledge.model.settable(facts, "所在城市", city), text, as_of, True, stated).replies)


def _order(wanted: tuple[str, ...], pending: tuple[str, ...]) -> list[str]:
    """New questions first, except those that are already being worked on."""
    return list(dict.fromkeys((*(topic for topic in wanted if topic not in pending), *pending)))


def told(knowledge: Knowledge, before: State, state: State, statement: Statement, text: str, as_of: date) -> Turn:
    """Facts without a question: go on with what is open, redo what they change, or say what can be asked."""
    if state.pending:
        return _acknowledged(knowledge, answer(knowledge, before, state, (), text, as_of, statement.facts), before, statement)
    leads = not state.topic or not state.decided and statement.facts.keys() & set(CASE)
    if leads and "所在城市" in state.facts and state.facts.keys() & {"办理类型", "办理原因"}:
        return answer(knowledge, before, state, ("能否异地办理",), text, as_of, statement.facts)  # told their case
    if state.decided and statement.facts.get("是否急需用证") is True and table_for(knowledge, TEMPORARY, str(state.facts.get("所在城市") or "")):
        return answer(knowledge, before, state, (TEMPORARY,), text, as_of, statement.facts)  # 急用: a card for the meantime
    kind = knowledge.model.complete(state.facts).get("办理类型")
    if not state.topic and kind in knowledge.topics and "身份证" in text:  # 驾照身份证都丢了: they want a new one
        return answer(knowledge, before, state, (str(kind),), text, as_of, statement.facts)
    topic = _to_redo(before, state, statement)
    if state.decided and topic == state.decided and statement.facts.keys() <= {"所在城市"} and _names_a_spot(knowledge, state, text):
        topic = "哪里办"  # 我在华科, which lies in two districts
    if not topic:
        return Turn(tuple(conversation.noted(knowledge, state.facts, statement.facts, as_of)), state)
    stated: Collection[str] = statement.facts
    if statement.facts.keys() <= set(cases.PLACE) and _asked_again(knowledge, before, topic, as_of):
        # 那济宁呢: the same question there, with what it said
        asked = read_statement(knowledge, state.question, knowledge.reader.find_mentions(state.question)).facts
        state = replace(state, facts=knowledge.model.told(asked, {**state.facts, **statement.facts}))
        text, stated = f"{state.question} {text}", {*asked, *stated}
    turn = answer(knowledge, before, replace(state, pending=()), (topic,), text, as_of, stated)
    return _acknowledged(knowledge, turn, before, statement)


def _asked_again(knowledge: Knowledge, before: State, topic: str, as_of: date) -> bool:
    """Whether 那济宁呢 asks there what was asked here, in the same words: not where one's own case or a place is looked at."""
    here = str(before.facts.get("所在城市") or "")
    whole = bool(here) and knowledge.answer(here, topic, before.question, as_of, before.facts).closes
    return topic not in BY_PLACE and (whole or not topics.decides(topic))


def _acknowledged(knowledge: Knowledge, turn: Turn, before: State, statement: Statement) -> Turn:
    """A correction is taken up in words: what holds now, or that the result stays the same."""
    changed = refusal.settled({name: value for name, value in statement.facts.items() if before.facts.get(name) != value})
    if not statement.correction or not changed or not turn.replies:
        return turn
    decision = next((reply for reply in turn.replies if reply.kind == "decision"), None)
    target = decision or turn.replies[-1]
    lead = f"好的，改过来了：{replies.facts_words(knowledge, changed)}。"
    if decision and decision.outcome == before.outcome:
        lead += "结果没有变："
    return replace(turn, replies=tuple(replace(reply, text=lead + reply.text.removeprefix(NOTED)) if reply is target else reply
                                       for reply in turn.replies))


def _names_a_spot(knowledge: Knowledge, state: State, text: str) -> bool:
    """Whether it names a place inside of the city."""
    return any(mention.place and mention.place.districts and mention.place.city == state.facts.get("所在城市")
               for mention in knowledge.gazetteer.find(text))


def _to_redo(before: State, state: State, statement: Statement) -> str:
    """The topic that new facts are about: places after a list or a decision, else what was decided, else the fee."""
    if statement.facts.keys() <= {"所在城市", "所在区县"}:
        if "所在区县" in statement.facts and (state.decided or not state.topic):
            return "哪里办" if state.decided else ""
        moved = state.facts.get("所在城市") != before.facts.get("所在城市")
        by_place = moved or state.topic in BY_PLACE or topics.decides(state.topic)
        return state.topic if by_place or "所在区县" not in statement.facts else "哪里办"
    if state.topic == "工本费" and statement.facts.keys() <= {"所在城市", "办理类型", "办理原因"}:
        return "工本费"
    return state.decided


def what_if(knowledge: Knowledge, state: State, supposed: State, as_of: date) -> Reply:
    """The decision under the supposed facts; what is known stays as it was. What is not known is supposed to be as usual."""
    city = str(supposed.facts.get("所在城市") or "")
    topic = state.pending[0] if state.pending else state.decided
    topic = LEADS_TO.get(topic, topic)
    if not city or not table_for(knowledge, topic, city):
        return Reply("您先告诉我想问的事，我再帮您算算换个情况会怎样。", "clarify")
    facts, assumed = supposed.facts, False
    found = consult(knowledge, topic, city, facts, as_of)
    while isinstance(found, Ask) and knowledge.model.facts[found.fact].if_unknown is not None:
        facts, assumed = {**facts, found.fact: knowledge.model.facts[found.fact].if_unknown}, True
        found = consult(knowledge, topic, city, facts, as_of)
    if isinstance(found, Consultation):
        return replies.decision(knowledge, found, as_of, lead="要是那样，别的照常的话：" if assumed else "要是那样的话：")
    return Reply(f"要是那样，还得先弄清“{found.fact}”，才好说行不行。", "clarify", topic, city)
