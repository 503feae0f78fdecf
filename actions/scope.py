"""What of a message is about the identity card, and what of it belongs to others: the one is answered, of the other one sentence is said."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Optional

from actions import conversation
from actions.state import Message, State
from idcard import phrasing
from idcard.knowledge import Knowledge
from idcard.reading import LOST_THERE
from idcard.replies import Reply
from idcard.statements import Statement

OUT_OF_SCOPE = "超出范围"
SURE = 0.6  # confidence from which a reading stands against the words of a message
CARD = "身份证"
_LOSS = r"(丢|掉[了的在到]|没了|不见|遗失|被[偷盗抢扒]|找不[到着])"
# A train or a bank in which the card was lost is no matter of trains or banks.
_WHERE_LOST = re.compile(rf"(在|去|坐|到|从|落|忘)[^,，。;；!！?？ 能补办换]{{1,10}}?(?={_LOSS})|{_LOSS}(在|到)?了?[^,，。;；!！?？ 能补办换]{{1,8}}[上里]了?")
_BOTH = re.compile(rf"[^,，。;；!！?？ ]{{0,15}}{CARD}[^,，。;；!！?？ ]{{0,10}}([都也全同]|一起)(一起|部|给|被|弄|搞|已经|快|要){{0,2}}({_LOSS}|过期|到期|坏)")
# A paper of another office that is lost or worn out and is to be replaced itself: 户口本丢了怎么补办.
_OTHER_PAPER = re.compile(rf"(户口[本簿页]|学生证|毕业证|驾驶?[照证]|护照|结婚证|社保卡|银行卡|医保卡)[^,，。;；!！?？ ]{{0,4}}({_LOSS}|丢|坏|破|旧|过期|到期)[^,，。;；!！?？]{{0,6}}(补|重新办|重办|换)")


def sort_out(knowledge: Knowledge, state: State, message: Message, statement: Statement) -> tuple[Message, Optional[Reply]]:
    """The message as a question about the card, where there is one in it, and the sentence about the rest, where there is one."""
    if not (state.asked or state.topic or CARD in message.text) and _OTHER_PAPER.search(message.text):
        return replace(message, intent=OUT_OF_SCOPE, topics=()), None
    foreign = _foreign(knowledge, message)
    together = _BOTH.search(message.text)
    if message.intent == OUT_OF_SCOPE:
        topics = _topics_beside(knowledge, message, statement, foreign) if foreign else _topics_after_all(knowledge, message, statement)
        if not topics:
            return message, None
        message = replace(message, intent=topics[0], topics=topics)
    elif not together or state.asked or not _foreign(knowledge, replace(message, text=together.group())):
        return message, None
    rest = replace(message, text=" ".join(foreign), mentions=())
    return message, conversation.out_of_scope(knowledge, rest) if foreign else None


def _foreign(knowledge: Knowledge, message: Message) -> list[str]:
    """The clauses in which a word of another service stands."""
    clauses = phrasing.clauses(_WHERE_LOST.sub("", message.text))
    return [clause for clause in clauses if conversation.other_service(knowledge, replace(message, text=clause))]


def _topics_after_all(knowledge: Knowledge, message: Message, statement: Statement) -> tuple[str, ...]:
    """Of a message that names no other service: 重庆户口在济宁上学能换吗, 身份证在上海丢了怎么补, or one of which the classifier is not sure."""
    if {"所在城市", "办理类型"} <= statement.facts.keys():
        return (next((name for name, _ in message.ranking if name in knowledge.topics), "能否异地办理"),)
    asked = by_words(knowledge, phrasing.clauses(message.text))
    kind = kind_of_application(knowledge, statement) if CARD in message.text else ()
    if any(mention.role == LOST_THERE for mention in message.mentions) and kind:
        return asked or kind
    return (asked or kind) if message.confidence < SURE else ()


def _topics_beside(knowledge: Knowledge, message: Message, statement: Statement, foreign: list[str]) -> tuple[str, ...]:
    """What is asked of the card beside another matter, in clauses of its own, or of both at once: 驾照身份证都丢了."""
    own = [clause for clause in phrasing.clauses(message.text) if CARD in clause and clause not in foreign and phrasing.asks(clause)]
    kind = kind_of_application(knowledge, statement)
    if own:
        return by_words(knowledge, own) or (kind if kind else tuple(message.topics)[:1])
    return kind if _BOTH.search(message.text) else ()


def kind_of_application(knowledge: Knowledge, statement: Statement) -> tuple[str, ...]:
    """补领 or 换领, as the message says or as the reason in it implies; () where it says neither."""
    kind = knowledge.model.complete(knowledge.model.told({}, statement.facts)).get("办理类型")
    return (str(kind),) if kind in knowledge.topics else ()


def by_words(knowledge: Knowledge, clauses: list[str]) -> tuple[str, ...]:
    """The topics of which a sure word stands in a clause that asks, in order."""
    return tuple(dict.fromkeys(topic.name for clause in clauses if phrasing.asks(clause)
                               for topic in knowledge.topics.values() if any(word in clause for word in topic.words)))
