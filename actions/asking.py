"""Keeps an open question going: its answer read, asked again, explained, left after too many tries, one step back."""
from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Optional

from actions import answering, conversation
from actions.answering import AGAIN, Turn
from actions.state import Message, State
from idcard import phrasing, refusal
from idcard.knowledge import Knowledge
from idcard.reading import LIVING, Mention
from idcard.replies import Reply
from idcard.statements import Statement, read_statement

MOST_TRIES = 3
DO_NOT_KNOW = "不知道"  # the button beside a question that may stay unanswered
_BACK = re.compile(r"^(返回|退回|回到|回)?(到)?(上一步|上一个?问题?|前一步|上一题|前一个问题)|^(退回去|返回|退一步|回去)$")
_REPEAT = re.compile(r"(再|重新|重复)(给我)?(说|讲|问|念|发|来)?一?(遍|次|下)|^重复$|刚才?(说|问)(的|了)?(什么|啥)|没听清|没看清")
_ORDINAL = re.compile(r"^(我?选|就|是|要)?第?([1-9一二三四五六七八九])(个|项|种|样|条)?(的)?(那个)?[吧啊呢。]?$")
_AND_THIS = re.compile(r"^(?:那|换成|用|拿|凭|我|有|，|,| )*([^，。,?？]*(?:证|合同|执照|户口[本簿]|房本|护照|驾照|登记[了过])[^，。,?？]{0,2})呢[?？]*$")
_NUMBERS = "一二三四五六七八九"


def read(knowledge: Knowledge, state: State, message: Message) -> Statement:
    """What the message states: as an answer to the open question, or as a correction of an earlier answer."""
    chosen = _chosen(knowledge, state, message.text) or _supposition(state, message.text)
    text = chosen or message.text
    mentions = knowledge.reader.find_mentions(text) if chosen else message.mentions
    other = phrasing.on_behalf(text) or phrasing.about_oneself(text)  # 那我妈呢，她也丢了 answers nothing about me
    statement = read_statement(knowledge, text, mentions, "" if other else state.asked, state.facts)
    if statement.correction and not statement.facts:
        return _about_last_question(knowledge, state, message, statement)
    if state.asked in ("所在区县", "户籍省份") and state.asked not in statement.facts and statement.facts:
        return _which_one(knowledge, state, statement)
    return _with_implied(knowledge, state.asked, statement)


def _with_implied(knowledge: Knowledge, asked: str, statement: Statement) -> Statement:
    """掉了 answers 换还是补: 丢失 implies 补领."""
    facts = knowledge.model.facts
    implied = [facts[name].implies[value][asked] for name, value in statement.facts.items()
               if asked in facts[name].implies.get(value, ())]
    return replace(statement, facts={asked: implied[0], **statement.facts}) if implied and asked not in statement.facts else statement


def _chosen(knowledge: Knowledge, state: State, text: str) -> str:
    """第二个, 选3, 1: the title of the button at that place; '' where no number or no such button is given."""
    match = _ORDINAL.match(text.strip())
    if not match or not state.asked:
        return ""
    number = int(match.group(2)) if match.group(2).isdecimal() else _NUMBERS.index(match.group(2)) + 1
    titles = [button.title for button in knowledge.model.facts[state.asked].buttons] or _places_offered(knowledge, state)
    return titles[number - 1] if number <= len(titles) else ""


def _supposition(state: State, text: str) -> str:
    """租房合同呢, after a decision: 要是我有租房合同; '' for any other text."""
    match = _AND_THIS.match(text.strip()) if state.decided and not state.asked else None
    return f"要是我{'' if '登记' in match.group(1) else '有'}{match.group(1)}" if match else ""


def _places_offered(knowledge: Knowledge, state: State) -> list[str]:
    return [name for mention in knowledge.reader.find_mentions(state.question) for name in mention.candidates]


def _which_one(knowledge: Knowledge, state: State, statement: Statement) -> Statement:
    """武汉的那个, after 高新区哪里办: the place of the question, settled by the city or province now named."""
    mentions = knowledge.reader.find_mentions(state.question)
    if not any(mention.candidates for mention in mentions):
        return statement
    settled = read_statement(knowledge, state.question, mentions, state.asked, {**state.facts, **statement.facts}).facts
    return replace(statement, facts={**settled, **statement.facts})


def _about_last_question(knowledge: Knowledge, state: State, message: Message, statement: Statement) -> Statement:
    """按错了，都没有: a correction that names no fact is about the question answered last."""
    for fact in reversed(state.trail):
        found = read_statement(knowledge, message.text, message.mentions, fact, state.facts, corrected=True).facts
        if fact in found:
            return replace(statement, facts=found)
    return statement


def steered(knowledge: Knowledge, state: State, text: str, as_of: date) -> Optional[Turn]:
    """上一步 and 再说一遍; None for any other text."""
    if _BACK.search(text) and (state.trail or state.asked):
        return _back(knowledge, state, as_of)
    if _REPEAT.search(text) and state.asked:
        return keep(knowledge, state, as_of)
    if _REPEAT.search(text) and state.topic:
        topic = state.topic
        return answering.answer(knowledge, state, replace(state, outcome=""), (topic,), state.question or text, as_of)
    return None


def _back(knowledge: Knowledge, state: State, as_of: date) -> Turn:
    """One step back: the fact answered last is forgotten and asked again."""
    if not state.trail:
        return keep(knowledge, state, as_of, conversation.phrase(knowledge, "没有上一步"))
    last = state.trail[-1]
    facts = {name: value for name, value in state.facts.items() if name != last}
    if last == refusal.REFUSAL:
        facts = {name: value for name, value in facts.items() if name not in refusal.HALVES}
    for name in list(facts):  # what implies it goes too: 丢失 implies 补领
        if last in knowledge.model.complete({name: facts[name]}):
            del facts[name]
    pending = state.pending or tuple(topic for topic in (state.decided or state.topic,) if topic)
    state = replace(state, facts=facts, pending=pending, asked=last, trail=state.trail[:-1], tries=0, step=max(1, state.step - 1))
    return Turn((answering.open_question(knowledge, state, as_of),), state)


def keep(knowledge: Knowledge, state: State, as_of: date, *said: Reply) -> Turn:
    """Reply, then return to the open question."""
    if state.asked:
        said += (answering.open_question(knowledge, state, as_of, AGAIN if said else ""),)
    return Turn(said, state)


def failed(knowledge: Knowledge, state: State, as_of: date, *said: Reply) -> Turn:
    """A reply to what does not lead on; too many of them, and the question is left with somewhere to go."""
    if state.tries + 1 >= MOST_TRIES and (state.asked or not said):
        left = replace(state, pending=(), asked="", tries=0, step=0)
        return Turn(conversation.way_on(knowledge, state, as_of), left)
    return keep(knowledge, replace(state, tries=state.tries + 1), as_of, *said)


def not_understood(knowledge: Knowledge, state: State, message: Message, as_of: date) -> Turn:
    """Neither question nor answer: the open question is explained; without one, likely readings are offered."""
    if state.asked:
        return _explained(knowledge, state, as_of, "我没听明白。")
    if state.tries + 1 >= MOST_TRIES:
        return failed(knowledge, state, as_of)
    return Turn((conversation.clarify(knowledge, message),), replace(state, tries=state.tries + 1))


def unsure(knowledge: Knowledge, state: State, text: str, as_of: date) -> Turn:
    """The citizen does not understand the question or does not know the answer: explained first, with 不知道 offered where
    the rules allow it; said again, the safe answer is supposed."""
    fact = knowledge.model.facts[state.asked]
    if state.tries and phrasing.does_not_know(text) and _may_stay_open(knowledge, state.asked):
        if fact.if_unknown is None:
            after = replace(state, left_open=(*state.left_open, fact.name))
            return answering.answer(knowledge, state, after, (), text, as_of)
        title = next(button.title for button in fact.buttons if button.value == fact.if_unknown)
        after = replace(state, facts=knowledge.model.settable(state.facts, fact.name, fact.if_unknown))
        turn = answering.answer(knowledge, state, after, (), text, as_of, (fact.name,))
        first, *rest = turn.replies
        return replace(turn, replies=(replace(first, text=f"那先按“{title}”算，到窗口再核实。{first.text}"), *rest))
    return _explained(knowledge, state, as_of, "")


def _may_stay_open(knowledge: Knowledge, name: str) -> bool:
    """Whether the matter goes on without the answer: a safe one is supposed, or only the district is missing."""
    fact = knowledge.model.facts[name]
    return fact.if_unknown is not None or fact.kind == "county"


def _explained(knowledge: Knowledge, state: State, as_of: date, lead: str) -> Turn:
    """The open question with an explanation."""
    if state.tries + 1 >= MOST_TRIES:
        return failed(knowledge, state, as_of)
    fact = knowledge.model.facts[state.asked]
    more = (DO_NOT_KNOW,) if _may_stay_open(knowledge, fact.name) else ()
    offer = f"实在不清楚，就说“{DO_NOT_KNOW}”。" if more else ""
    question = answering.open_question(knowledge, state, as_of, f"{lead}{fact.unsure}{offer}\n")
    return Turn((replace(question, buttons=(*question.buttons, *more)),), replace(state, tries=state.tries + 1))


def which_place(state: State, mention: Mention, wanted: tuple[str, ...], text: str) -> Turn:
    """A place name that fits several places is asked back, never guessed; what was asked stays open."""
    pending = tuple(dict.fromkeys((*wanted, *state.pending)))
    asked = state.asked or ("户籍省份" if mention.role != LIVING else "所在区县")
    reply = Reply(f"您说的“{mention.value}”，是下面哪一个？", "clarify", buttons=tuple(mention.candidates[:5]),
                  asks=asked if pending else "")
    return Turn((reply,), replace(state, pending=pending, asked=asked if pending else "", question=text,
                                  step=max(1, state.step)))
