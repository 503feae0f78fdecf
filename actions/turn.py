"""One turn of a conversation: what the citizen said and what is known -> what to reply, ask and remember.

Pure: no Rasa, no clock. respond() decides what kind of message it is; actions.answering answers questions about the rules,
actions.conversation the rest.
"""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from actions import answering, conversation, topics
from actions.answering import Turn
from actions.state import Message, State
from idcard import replies
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, PROVINCE
from idcard.reading import LIVING, REGISTERED
from idcard.replies import Reply
from idcard.statements import Statement, read_statement

PLACE = {"所在城市", "所在区县"}
MOST_TOPICS = 3
MOST_TRIES = 3
SURE = 0.6  # confidence from which a word may end or wipe what is going on
NOT_UNDERSTOOD = "nlu_fallback"
TELLING = ("告知所在地", "告知户籍", "告知凭证", "更正", "肯定", "否定", "假设")
_QUESTION = re.compile(r"吗|呢|多少|哪|怎|什么|啥|几|能不能|可不可以|要不要|行不行|[?？]|么$|多久|咋|如何|么样|要钱|能.*[不没]$")
_WHAT_ABOUT = re.compile(r"(那么?|要是|如果).{1,8}(呢|呀|嘞)?[?？]?$")
_COMPARES = re.compile(r"和|跟|与|还是|分别|哪个|两|、|以及")
_BACK = re.compile(r"^(返回|退回|回到|回)?(上一步|上一个?问题?|前一步|上一题)|^(退回去|返回)$")


def respond(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    """Reply to one message; never with nothing."""
    turn = _respond(knowledge, state, message, as_of)
    return turn if turn.replies else replace(turn, replies=(conversation.reply("utter_what_next"),))


def _respond(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    urgent = conversation.urgent(knowledge, message)
    if urgent:
        return _keep_asking(knowledge, state, urgent)
    if _BACK.search(message.text) and state.trail:
        return _back(knowledge, state)
    if any(mention.entity == PROVINCE and mention.value not in knowledge.model.facts["户籍省份"].values
           for mention in message.mentions):  # 香港, 澳门, 台湾: other cards, other rules
        return _keep_asking(knowledge, state, conversation.out_of_scope(knowledge, replace(message, text="港澳台")))
    statement = read_statement(knowledge, message.text, message.mentions, state.asked, state.facts)
    statement = _about_last_question(knowledge, state, message, statement)
    if statement.hypothetical and statement.facts and (state.decided or state.pending) and message.intent in TELLING:
        return _keep_asking(knowledge, state, answering.what_if(knowledge, state, _remember(knowledge, state, statement),
                                                                as_of))
    answered = bool(state.asked) and state.asked in statement.facts
    if message.intent == "超出范围" and not answered:  # 护照过期了: nothing in it is about the card
        return _not_an_answer(knowledge, state, conversation.out_of_scope(knowledge, message))
    before, state = state, _remember(knowledge, state, statement)
    return _react(knowledge, before, state, message, statement, answered, as_of)


def _react(knowledge: Knowledge, before: State, state: State, message: Message, statement: Statement, answered: bool,
           as_of: date) -> Turn:
    wanted = _topics(knowledge, before, message, statement, answered)
    elsewhere = _elsewhere(knowledge, message, bool(wanted and not state.facts.get("所在城市")))
    if elsewhere and not answered and "所在城市" not in statement.facts:
        return _other_city(knowledge, before, wanted, elsewhere, message.text)
    if statement.ambiguous and not answered:
        return _ask_back(state, statement, wanted)
    both = _served_cities(knowledge, message) if _COMPARES.search(message.text) else ()
    if wanted and len(both) > 1 and not before.asked:
        return answering.compare(knowledge, state, wanted, both, message.text, as_of, statement.facts)
    if wanted or answered:
        return answering.answer(knowledge, before, state, wanted, message.text, as_of, statement.facts)
    follow_up = bool(before.topic) and statement.facts.keys() <= PLACE  # 那济宁呢
    if statement.facts and (message.intent in TELLING or before.asked or statement.correction or follow_up):
        if not (before.asked or state.decided or statement.correction or follow_up) and _QUESTION.search(message.text):
            return Turn((conversation.clarify(knowledge, message),), state)
        return answering.told(knowledge, before, state, statement, message.text, as_of)
    return _converse(knowledge, before, state, message, as_of)


def _remember(knowledge: Knowledge, state: State, statement: Statement) -> State:
    """The facts after the statement. Facts about one person are not used for another: only the place stays."""
    facts: dict[str, Value] = dict(state.facts)
    person = "" if statement.myself else statement.someone_else or state.person
    if person != state.person and state.topic:
        facts = {name: value for name, value in facts.items() if name in PLACE}
    if statement.facts.get("办理原因") == "丢失" and facts.get("办理类型") != "补领":  # what is lost cannot be shown
        facts = {name: value for name, value in facts.items() if value not in ("居民身份证", "户口簿或原身份证")}
    for name, value in statement.facts.items():
        facts = knowledge.model.settable(facts, name, value)
    return replace(state, facts=facts, person=person)


def _about_last_question(knowledge: Knowledge, state: State, message: Message, statement: Statement) -> Statement:
    """按错了，都没有: a correction that names no fact is about the question answered last."""
    if not statement.correction or statement.facts or not state.trail:
        return statement
    for fact in reversed(state.trail):
        found = read_statement(knowledge, message.text, message.mentions, fact, state.facts, corrected=True).facts
        if fact in found:
            return replace(statement, facts=found)
    return statement


def _topics(knowledge: Knowledge, state: State, message: Message, statement: Statement, answered: bool) -> tuple[str, ...]:
    """The questions to answer. An answer or a correction is not one, whatever the classifier makes of it."""
    asks = _QUESTION.search(message.text)
    if answered and (not asks or message.text.strip() in {button.title.lower() for button in
                                                          knowledge.model.facts[state.asked].buttons}):
        return ()
    if statement.correction and statement.facts and state.decided and not asks:
        return ()
    if state.topic == "工本费" and _WHAT_ABOUT.match(message.text) and statement.facts.keys() & {"办理类型", "办理原因"}:
        return ("工本费",)  # 那到期换呢, after 丢了多少钱
    return tuple(message.topics)[:MOST_TOPICS]


def _served_cities(knowledge: Knowledge, message: Message) -> tuple[str, ...]:
    """The served cities that the message asks about, in order."""
    return tuple(dict.fromkeys(mention.value for mention in message.mentions if mention.entity == CITY
                               and mention.value in knowledge.cities and mention.role != REGISTERED))


def _elsewhere(knowledge: Knowledge, message: Message, asks_here: bool) -> str:
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


def _other_city(knowledge: Knowledge, state: State, wanted: tuple[str, ...], place: str, text: str) -> Turn:
    """Say so, and keep the question in case the citizen means a served city after all."""
    said = conversation.other_city(knowledge, place, state.asked)
    if state.asked or not wanted:
        return _keep_asking(knowledge, state, said)
    return Turn((said,), replace(state, pending=wanted, asked="所在城市", question=text))


def _ask_back(state: State, statement: Statement, wanted: tuple[str, ...]) -> Turn:
    """A place name that fits several places is asked back, never guessed; what was asked stays open."""
    mention = statement.ambiguous
    assert mention is not None
    pending = tuple(dict.fromkeys((*wanted, *state.pending)))
    asked = state.asked or ("户籍省份" if mention.role != LIVING else "所在区县")
    reply = Reply(f"您说的“{mention.value}”，是下面哪一个？", "clarify", buttons=tuple(mention.candidates[:5]),
                  asks=asked if pending else "")
    return Turn((reply,), replace(state, pending=pending, asked=asked if pending else ""))


def _back(knowledge: Knowledge, state: State) -> Turn:
    """One step back: the fact answered last is forgotten and asked again."""
    last = state.trail[-1]
    facts = {name: value for name, value in state.facts.items() if name != last}
    for name in list(facts):  # what implies it goes too: 丢失 implies 补领
        if last in knowledge.model.complete({name: facts[name]}):
            del facts[name]
    pending = state.pending or tuple(topic for topic in (state.decided or state.topic,) if topic)
    question = replies.question(knowledge.model.facts[last], pending[0] if pending else "", str(facts.get("所在城市") or ""))
    return Turn((question,), replace(state, facts=facts, pending=pending, asked=last, trail=state.trail[:-1], tries=0))


def _keep_asking(knowledge: Knowledge, state: State, *said: Reply) -> Turn:
    """Reply, then return to the open question."""
    if state.asked:
        topic = state.pending[0] if state.pending else state.topic
        said += (replies.question(knowledge.model.facts[state.asked], topic, str(state.facts.get("所在城市") or "")),)
    return Turn(said, state)


def _not_an_answer(knowledge: Knowledge, state: State, *said: Reply) -> Turn:
    """A reply to what does not lead on; too many of them, and the question is left with somewhere to go."""
    if state.asked and state.tries + 1 >= MOST_TRIES:
        return Turn((conversation.way_on(knowledge, state),), replace(state, pending=(), asked="", tries=0))
    return _keep_asking(knowledge, replace(state, tries=state.tries + 1) if state.asked else state, *said)


def _converse(knowledge: Knowledge, before: State, state: State, message: Message, as_of: date) -> Turn:
    """Everything that is neither a question about the rules nor a fact."""
    if message.intent in ("取消", "重新开始") and before.asked and message.confidence < SURE:
        message = replace(message, intent=NOT_UNDERSTOOD)  # 啦啦啦啦 ends nothing
    if message.intent == "取消":
        return Turn((conversation.reply("utter_cancelled"),), replace(state, pending=(), asked="", tries=0))
    if message.intent == "重新开始":
        return Turn((conversation.reply("utter_restarted"),), State())
    said = conversation.replies_to(knowledge, before, message, as_of)
    if said and message.intent in ("闲聊", "辱骂", "身份询问"):
        return _not_an_answer(knowledge, state, *said)
    if said:
        return _keep_asking(knowledge, state, *said)
    if not state.asked:
        return Turn((conversation.clarify(knowledge, message),), state)
    fact = knowledge.model.facts[state.asked]
    city = str(state.facts.get("所在城市") or "")
    question = replies.question(fact, state.pending[0] if state.pending else state.topic, city)
    if state.tries + 1 >= MOST_TRIES:
        return _not_an_answer(knowledge, state)
    explained = replace(question, text=f"我没听明白。{fact.unsure}\n{fact.question}")
    return Turn((explained,), replace(state, tries=state.tries + 1))
