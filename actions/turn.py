"""One turn of a conversation: what the citizen said and what is known -> what to reply, ask and remember.

Pure: no Rasa, no clock. respond() decides what kind of message it is; actions.answering answers questions about the rules,
actions.asking keeps an open question going, actions.conversation has the rest.
"""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Optional

from actions import answering, asking, cases, conversation, numbers, ratings, scope, topics
from actions.answering import Turn
from actions.cases import PLACE
from actions.scope import SURE, by_words
from actions.state import Message, State
from idcard import phrasing, refusal
from idcard.asked import PERMIT, PROOF
from idcard.consult import DECIDED
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, PROVINCE
from idcard.reading import LIVING, LOST_THERE, REGISTERED
from idcard.replies import Reply
from idcard.statements import Statement

MOST_TOPICS = 3
TEMPORARY = "临时身份证"
NOT_UNDERSTOOD = "nlu_fallback"
ENDING = ("取消", "重新开始", "告别", "好评", "差评")
TELLING = ("告知所在地", "告知户籍", "告知凭证", "更正", "肯定", "否定", "假设")
# Whether it can be done, and nothing else: 那能办吗, 到底可不可以, 换个区行不行.
_CAN_I = re.compile(r"^(你好|您好|请问|麻烦问下|问下|那|所以|到底|我|这样|就|现在|还|这边|这里|这儿|当地|换个区|换个派出所|跨区|去?别的区|不在户口那个区|不回老家|不回去|在|去|能|给|可以|直接|帮|异地|办理?|补|换|身份证|个|一张|的话|了|的|啊|得|不|,)*"
                    r"(能不能|可不可以|行不行|能|可以|行|给)(在|这[里儿边]|去|直接|给|帮|我|异地|办理?|补|换|个|张|身份证|了|的|啊|得|成|能|行|不)*(吗|不|么|嘛|没有)?[?？]*$")
ON_BEHALF = "监护人代办"
_COMPARES = re.compile(r"和|跟|与|还是|分别|哪个|两|、|以及")


def respond(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    """Reply to one message; never with nothing."""
    turn = _respond(knowledge, state, message, as_of)
    if state.reason == "" and turn.state.reason == "":  # the reason of a rating is asked for once
        turn = replace(turn, state=replace(turn.state, reason=None))
    said = turn.replies or (conversation.phrase(knowledge, "接着问"),)
    turn = replace(turn, replies=tuple(_addressed(reply, turn.state.person) for reply in said))
    return numbers.noted(knowledge, state, turn, message.text)


def _addressed(reply: Reply, person: str) -> Reply:
    """您的户口 is 您妈的户口 where the card is hers."""
    if not person or reply.kind not in ("question", "decision") or reply.asks == cases.REUSE:
        return reply
    return replace(reply, text=re.sub(r"您(?!自己|" + person + ")", f"您{person}", reply.text))


def _respond(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    urgent = conversation.urgent(knowledge, message)
    if urgent:
        return asking.keep(knowledge, state, as_of, urgent)
    steered = asking.steered(knowledge, state, message.text, as_of)
    if steered:
        return steered
    if any(mention.entity == PROVINCE and mention.value not in knowledge.model.facts["户籍省份"].values
           for mention in message.mentions):  # 香港, 澳门, 台湾: other cards, other rules
        return asking.keep(knowledge, state, as_of, conversation.out_of_scope(knowledge, replace(message, text="港澳台")))
    if phrasing.other_household(message.text) and state.facts.get("户籍城市") in knowledge.cities:
        state = replace(state, facts={name: value for name, value in state.facts.items() if not name.startswith("户籍")})
    message = replace(message, text=phrasing.in_full(message.text))
    statement = asking.read(knowledge, state, message)
    if ratings.reason_given(state, message) and not statement.facts:
        return Turn((conversation.phrase(knowledge, "差评原因记下"),), replace(state, reason=message.text))
    answered = refusal.answers(state.asked, statement.facts)
    message, beside = (message, None) if answered else scope.sort_out(knowledge, state, message, statement)
    message = _reconsidered(state, message, statement)
    if message.intent == scope.OUT_OF_SCOPE and not answered:  # 护照过期了: nothing in it is about the card
        place = _elsewhere(knowledge, message, not state.facts.get("所在城市"))
        asked_there = _with_application(knowledge, message, ())
        if place and asked_there:
            return _other_city(knowledge, state, asked_there, place, message.text, as_of)
        if not (asked_there and "身份证" in message.text and statement.facts.keys() & {"办理类型", "办理原因"}):
            return asking.failed(knowledge, state, as_of, conversation.out_of_scope(knowledge, message))
    wanted = _topics(knowledge, state, message, statement, answered)
    after = _remember(knowledge, state, message, statement, wanted)
    if _supposes(state, after, statement):
        return _what_if(knowledge, state, after, message, wanted, statement, as_of)
    return _said_beside(beside, _react(knowledge, state, after, message, statement, wanted, as_of))


def _said_beside(beside: Optional[Reply], turn: Turn) -> Turn:
    """The turn with a sentence on what is not ours, before the open question."""
    if beside is None:
        return turn
    at = next((index for index, reply in enumerate(turn.replies) if reply.asks), len(turn.replies))
    return replace(turn, replies=(*turn.replies[:at], beside, *turn.replies[at:]))


def _reconsidered(state: State, message: Message, statement: Statement) -> Message:
    """Where what the message says speaks against how the classifier reads it."""
    if state.asked and message.confidence < SURE and not statement.facts and not phrasing.asks(message.text):
        return replace(message, intent=NOT_UNDERSTOOD, topics=())  # 阿巴阿巴 is no question about 爸爸
    return message


def _react(knowledge: Knowledge, before: State, state: State, message: Message, statement: Statement,
           wanted: tuple[str, ...], as_of: date) -> Turn:
    answered = refusal.answers(before.asked, statement.facts)
    if message.intent == "转人工" and not answered:
        return _converse(knowledge, before, state, message, as_of)
    elsewhere = _elsewhere(knowledge, message, bool(wanted and not state.facts.get("所在城市")))
    if elsewhere and not answered and "所在城市" not in statement.facts:
        return _other_city(knowledge, before, wanted, elsewhere, message.text, as_of)
    if statement.ambiguous and not answered:
        return asking.which_place(before, statement.ambiguous, wanted, message.text)
    cities = _compared_cities(knowledge, before, message, wanted, statement)
    if cities:
        said = answering.compare(knowledge, before, wanted, cities, message.text, as_of, statement.facts)
        return asking.keep(knowledge, before if before.asked else replace(before, topic=wanted[-1]), as_of, *said)
    if (before.person, bool(wanted)) == (state.person, False) and not answered and not statement.facts:
        return _converse(knowledge, before, state, message, as_of)
    if state.person != before.person and not wanted:  # 那我自己呢: the same question for another person
        wanted = state.pending or tuple(topic for topic in (state.decided or state.topic,) if topic)
    if wanted or answered:
        return answering.answer(knowledge, before, state, wanted, message.text, as_of, statement.facts)
    follow_up = bool(before.topic) and statement.facts.keys() <= set(PLACE)  # 那济宁呢
    telling = message.intent in TELLING or not phrasing.asks(message.text)
    if telling or before.asked or statement.correction or follow_up:
        if not (before.asked or state.decided or statement.correction or follow_up) and phrasing.asks(message.text):
            return Turn((conversation.clarify(knowledge, message),), state)
        return answering.told(knowledge, before, state, statement, message.text, as_of)
    return _converse(knowledge, before, state, message, as_of)


def _remember(knowledge: Knowledge, state: State, message: Message, statement: Statement, wanted: tuple[str, ...]) -> State:
    """The facts after the statement; those of another person or city are set aside."""
    person = cases.person_of(state, message.text, statement, any(map(topics.decides, wanted)))
    state = cases.switched(state, person, str(statement.facts.get("所在城市") or ""))
    state = replace(state, facts=knowledge.model.told(state.facts, statement.facts))
    if cases.REUSE in statement.facts:
        state = cases.settled(knowledge, state, bool(statement.facts[cases.REUSE]))
    return state


def _supposes(before: State, after: State, statement: Statement) -> bool:
    """要是我有学生证呢: nothing of it is to be remembered. To ask about another city or person is a question of its own."""
    same = (before.person, before.facts.get("所在城市")) == (after.person, after.facts.get("所在城市"))
    return bool(statement.hypothetical and statement.facts and same and (before.decided or before.pending))


def _what_if(knowledge: Knowledge, state: State, supposed: State, message: Message, wanted: tuple[str, ...],
             statement: Statement, as_of: date) -> Turn:
    """The decision under the supposed facts, or the answer to what is asked under them; what is known stays as it was."""
    others = [topic for topic in wanted if topic in ("工本费", TEMPORARY) and topic != state.decided]
    if not others:
        return asking.keep(knowledge, state, as_of, answering.what_if(knowledge, state, supposed, as_of))
    said = [reply for topic in others for reply in topics.answer(knowledge, topic, supposed.facts, message.text, as_of, True,
                                                                 statement.facts).replies]
    return asking.keep(knowledge, state, as_of, *said)


def _topics(knowledge: Knowledge, state: State, message: Message, statement: Statement, answered: bool) -> tuple[str, ...]:
    """The questions to answer. An answer or a correction is not one, whatever the classifier makes of it."""
    asks = phrasing.asks(message.text)
    if answered and (not asks or message.text.strip() in {button.title.lower() for button in
                                                          knowledge.model.facts[state.asked].buttons}):
        return ()
    if statement.correction and statement.facts and (state.decided or state.asked) and not asks:
        return ()
    if _same_of_another(state, message, statement):
        return (state.topic,)
    if state.asked in (PERMIT, PROOF) and not answered and phrasing.studies(message.text):
        return ("学生办理",)  # a hint at the one paper that would do
    wanted = tuple(message.topics)[:MOST_TOPICS] or by_words(knowledge, phrasing.clauses(message.text))[:1]
    if asks and message.intent == NOT_UNDERSTOOD and not (wanted or state.asked) and scope.CARD in message.text:
        wanted = scope.kind_of_application(knowledge, statement)  # 安徽人在武汉 身份证过期了怎么换
    if not asks and not state.asked and {"办理类型", "户籍省份"} <= statement.facts.keys() and set(wanted) <= set(topics.BY_PLACE):
        wanted = (str(statement.facts["办理类型"]),)  # 我住江汉路附近，浙江人，补身份证
    if state.asked and not asks:  # 江苏, while another question is open
        wanted = tuple(topic for topic in wanted if topic != "开通省份")
    if {"办理类型", "户籍省份"} <= statement.facts.keys():  # their whole case, not only the list of provinces
        wanted = tuple(dict.fromkeys("能否异地办理" if topic == "开通省份" else topic for topic in wanted))
    if state.decided and set(wanted) <= {ON_BEHALF} and phrasing.on_behalf(message.text):
        return (state.decided,)  # 我爱人也要办
    if _CAN_I.match(message.text) and (state.pending or state.decided) and ON_BEHALF not in wanted:  # not 能我去吗
        return state.pending or (state.decided,)
    reason = knowledge.model.facts["办理原因"].implies.get(statement.facts.get("办理原因", ""), {})
    if wanted and reason and not asks and not statement.correction and set(wanted) <= {"有效期", "挂失"} and "挂失" not in message.text:
        return (str(reason["办理类型"]),)  # 身份证到期了: they want a new one
    if any(map(topics.decides, wanted)):
        return _temporary_card(knowledge, message, wanted)
    return _with_application(knowledge, message, wanted)


def _same_of_another(state: State, message: Message, statement: Statement) -> bool:
    """Whether it asks what was asked before, of another case: 那外省的呢; 那到期换呢, after 丢了多少钱."""
    if not state.topic or not phrasing.what_about(message.text):
        return False
    if phrasing.other_household(message.text):
        return True
    if state.topic == "工本费":
        return bool(statement.facts.keys() & {"办理类型", "办理原因"})
    return bool(statement.facts.keys() - set(PLACE)) and not (state.asked or state.decided or topics.decides(state.topic))


def _temporary_card(knowledge: Knowledge, message: Message, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """居住证我办过的，临时身份证给办吗 asks for nothing but the temporary card, whatever the rest sounds like."""
    asking = [clause for clause in phrasing.clauses(message.text) if phrasing.asks(clause)]
    named = len(asking) == 1 and any(word in asking[0] for word in knowledge.topics[TEMPORARY].words)
    return wanted if TEMPORARY in wanted or not named else (TEMPORARY,)


def _with_application(knowledge: Knowledge, message: Message, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The questions, with the one whether it can be done here where a clause of its own asks that: 没有居住证，在武汉能办吗."""
    asking = [clause for clause in phrasing.clauses(_without_places(message)) if phrasing.asks(clause)]
    named = [topic for topic in DECIDED if any(word in clause for word in knowledge.topics[topic].words for clause in asking)]
    if not named and (ON_BEHALF in wanted or not any(_CAN_I.match(clause) for clause in asking)):
        return wanted
    application = named[0] if named else "能否异地办理"
    if len(asking) > 1 and _CAN_I.match(asking[0]):  # 能补吗，要多少钱: in the order asked
        return (application, *wanted[:MOST_TOPICS - 1])
    return (*wanted[:MOST_TOPICS - 1], application)


def _without_places(message: Message) -> str:
    text = list(message.text)
    for mention in message.mentions:
        if mention.entity in (PROVINCE, CITY, DISTRICT):
            text[mention.start:mention.end] = "_" * (mention.end - mention.start)
    return "".join(text).replace("_", "")


def _compared_cities(knowledge: Knowledge, before: State, message: Message, wanted: tuple[str, ...],
                     statement: Statement) -> tuple[str, ...]:
    """The served cities for which the message wants the general rule: both, or in a form the other one in passing."""
    named = [mention for mention in message.mentions if mention.entity == CITY and mention.value in knowledge.cities
             and mention.role not in (REGISTERED, LOST_THERE)]
    cities = tuple(dict.fromkeys(mention.value for mention in named))
    if not wanted or before.asked in PLACE:
        return ()
    if len(cities) > 1 and _COMPARES.search(message.text):
        return cities
    here = before.facts.get("所在城市")
    passing = bool(before.asked and here and cities and here not in cities and not statement.correction)
    return cities if passing and not any(map(topics.decides, wanted)) and named[0].role != LIVING else ()


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


def _other_city(knowledge: Knowledge, state: State, wanted: tuple[str, ...], place: str, text: str, as_of: date) -> Turn:
    """Say so, and keep the question in case the citizen means a served city after all."""
    said = conversation.other_city(knowledge, place, state.asked)
    if state.asked or not wanted:
        return asking.keep(knowledge, state, as_of, said)
    return Turn((said,), replace(state, pending=wanted, asked="所在城市", question=text, step=1))


def _converse(knowledge: Knowledge, before: State, state: State, message: Message, as_of: date) -> Turn:
    """Everything that is neither a question about the rules nor a fact."""
    if message.intent in ENDING and before.asked and message.confidence < SURE:
        message = replace(message, intent=NOT_UNDERSTOOD)  # 啦啦啦啦 ends nothing
    if message.intent == "取消":
        return Turn((conversation.phrase(knowledge, "取消"),), replace(state, pending=(), asked="", tries=0, step=0))
    if message.intent == "重新开始":
        fresh = State(rating=state.rating, reason=state.reason, needs_staff=state.needs_staff)
        return Turn((conversation.phrase(knowledge, "重新开始"),), fresh)
    if message.intent in ratings.RATINGS:
        state, said = ratings.rated(knowledge, state, message)
        return asking.keep(knowledge, state, as_of, *said)
    if message.intent == "转人工":
        state = replace(state, needs_staff=True)
    if state.asked and (message.intent == "不清楚" or phrasing.gives_up(message.text)):
        return asking.unsure(knowledge, state, message.text, as_of)
    said = conversation.replies_to(knowledge, state, message, as_of)
    if said and message.intent in ("闲聊", "辱骂"):
        return asking.failed(knowledge, state, as_of, *said)
    if said:
        return asking.keep(knowledge, state, as_of, *said)
    return asking.not_understood(knowledge, state, message, as_of)
