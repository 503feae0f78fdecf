"""Replies to what is no question about the rules: greetings, why, what do you mean, out of scope, hand me to a person."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Mapping, Optional

from actions.state import Message, State
from idcard import replies
from idcard.consult import Consultation, consult, table_for
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, PROVINCE
from idcard.replies import Reply
from idcard.stations import Search, search

# Conversation intents with a fixed text, the phrase of their name.
FIXED = ("问候", "告别", "感谢", "身份询问", "帮助", "闲聊", "辱骂")
LONGEST_QUOTE = 110  # characters of a clause quoted in a reply
LIKELY = 0.08  # a reading below this is not offered as "did you mean"


def phrase(knowledge: Knowledge, name: str, kind: str = "smalltalk") -> Reply:
    """A fixed text of phrases.yml."""
    found = knowledge.phrases[name]
    return Reply(found.text, kind, buttons=found.buttons)


def replies_to(knowledge: Knowledge, state: State, message: Message, as_of: date) -> tuple[Reply, ...]:
    """Replies to a conversation intent; () where the message was not understood."""
    if message.intent in FIXED:
        return (phrase(knowledge, message.intent),)
    if message.intent == "超出范围":
        return (out_of_scope(knowledge, message),)
    if message.intent == "转人工":
        return handoff(knowledge, state, as_of)
    if message.intent == "为什么":
        return why(knowledge, state, as_of)
    if message.intent == "不清楚" and not state.asked:
        return (phrase(knowledge, "帮助"),)
    if message.intent == "更正" and not state.asked:
        return (phrase(knowledge, "改哪一样", "clarify"),)
    if message.intent in ("肯定", "否定", "假设", "告知凭证", "告知户籍", "告知所在地") and not state.asked:
        return (phrase(knowledge, "接着问"),)
    return ()


def urgent(knowledge: Knowledge, message: Message) -> Optional[Reply]:
    """What comes before every question: danger, despair, a crime. None for any other message."""
    entry = next((entry for entry in knowledge.out_of_scope
                  if entry.urgent and any(word in message.text for word in entry.words)), None)
    return Reply(entry.text, "clarify", topic="超出范围") if entry else None


def out_of_scope(knowledge: Knowledge, message: Message) -> Reply:
    """One useful sentence by kind of service."""
    for entry in knowledge.out_of_scope:
        if any(word in message.text for word in entry.words):
            return Reply(entry.text.replace("{city}", _place_named(knowledge, message)), "clarify", topic="超出范围")
    return Reply(knowledge.out_of_scope[-1].text, "clarify", topic="超出范围")


def other_service(knowledge: Knowledge, message: Message) -> bool:
    """Whether a word of another service stands in the message; the name of another city alone is none."""
    return any(word in message.text for entry in knowledge.out_of_scope if "{city}" not in entry.text for word in entry.words)


def _place_named(knowledge: Knowledge, message: Message) -> str:
    """The place elsewhere that the message names, as the citizen would call it."""
    return next((mention.value for mention in message.mentions if mention.entity in (PROVINCE, CITY, DISTRICT)
                 and mention.city not in knowledge.cities), "那个城市")


def other_city(knowledge: Knowledge, place: str, asked: str) -> Reply:
    """A question about a city whose rules are not known; the served ones are offered unless another question is open."""
    return Reply(f"我只有{'、'.join(knowledge.cities)}的规定，{place}的我不掌握，不敢乱说，请问当地派出所或者12345热线。您要是在{'或者'.join(knowledge.cities)}办，告诉我一声。",
                 "clarify", topic="超出范围", buttons=() if asked else knowledge.cities)


def handoff(knowledge: Knowledge, state: State, as_of: date) -> tuple[Reply, ...]:
    """The station whose phone may help; the assistant itself cannot put anybody through. No document gives hours."""
    noted = knowledge.phrases["已做记号"].text
    city, found = _nearby(knowledge, state.facts)
    if found.matches:
        listed = replies.stations(knowledge, found, city, "转人工", as_of)
        return Reply(f"我转不了人工，{noted}急的话，直接打受理点的电话：", "handoff", "转人工", city, stations=found.matches), listed
    if city and not any(station.city == city for station in knowledge.stations):
        return (Reply(f"我转不了人工，{noted}{city}的文件没有列电话，急的话直接去就近的户籍派出所，或者打12345热线问。", "handoff",
                      "转人工", city),)
    listed = "或者".join(dict.fromkeys(station.city for station in knowledge.stations))
    return (Reply(f"我转不了人工，{noted}您在{city or listed}的话，告诉我哪个区，我把受理点的电话给您；也可以打12345热线。", "handoff",
                  "转人工", city),)


def _nearby(knowledge: Knowledge, facts: Mapping[str, Value]) -> tuple[str, Search]:
    """The city that is known ('' none) and the stations of the district that is known."""
    city, district = str(facts.get("所在城市") or ""), facts.get("所在区县")
    return city, search("", city or None, knowledge.stations, knowledge.gazetteer, district if isinstance(district, str) else None)


def why(knowledge: Knowledge, state: State, as_of: date) -> tuple[Reply, ...]:
    """Why a question is asked, or why the last decision came out as it did."""
    if state.asked:
        return (Reply(knowledge.model.facts[state.asked].why, "answer", asks=state.asked),)
    topic, city = state.decided, str(state.facts.get("所在城市") or "")
    if not city or not table_for(knowledge, topic, city):
        return (phrase(knowledge, "接着问"),)
    found = consult(knowledge, topic, city, state.facts, as_of, state.left_open)
    if not isinstance(found, Consultation):
        return (phrase(knowledge, "接着问"),)
    used: Mapping[str, Value] = {name: state.facts[name] for name in found.decision.used if name in state.facts}
    quoted = [_shortened(knowledge.clauses[clause].text) for clause in found.decision.cites[:1]]
    lines = [f"因为{found.decision.reason}。", f"我看的是：{replies.facts_words(knowledge, used)}。" if used else "",
             *(f"原文：{text}" for text in quoted), replies.source_line(knowledge, found.decision.cites, as_of)]
    return (Reply("\n".join(line for line in lines if line), "answer", topic, city, outcome=found.decision.outcome,
                  cites=found.decision.cites, as_of=as_of),)


def _shortened(clause: str) -> str:
    return clause if len(clause) <= LONGEST_QUOTE else clause[:LONGEST_QUOTE] + "……"


def noted(knowledge: Knowledge, facts: Mapping[str, Value], new: Mapping[str, Value], as_of: date) -> list[Reply]:
    """The citizen has only told something: take it up, offer what fits it."""
    city, found = _nearby(knowledge, facts)
    if ("所在区县" in new or "所在城市" in new) and found.matches:
        return [replies.stations(knowledge, found, city, "哪里办", as_of), _offer(knowledge)]
    return [_offer(knowledge, "好的，记下了。")]


def _offer(knowledge: Knowledge, lead: str = "") -> Reply:
    titles = [knowledge.topics[name].title for name in ("能否异地办理", "所需材料", "工本费") if name in knowledge.topics]
    return Reply(f"{lead}您想问哪一件？", "clarify", buttons=tuple(titles))


def clarify(knowledge: Knowledge, message: Message) -> Reply:
    """Not understood: offer the likely readings in the citizen's words, else say what can be asked."""
    likely = [knowledge.topics[name].title for name, confidence in message.ranking
              if name in knowledge.topics and confidence >= LIKELY][:3]
    if likely:
        return Reply("您是想问下面哪一件？", "clarify", buttons=tuple(likely))
    return replace(phrase(knowledge, "没听明白", "clarify"), topic="不清楚")


def way_on(knowledge: Knowledge, state: State, as_of: date) -> tuple[Reply, ...]:
    """After three failed tries: no loop, but somewhere to go, with the stations of the district where it is known."""
    city, found = _nearby(knowledge, state.facts)
    said = Reply(knowledge.phrases["问不下去"].text, "handoff", city=city)
    return (said, replies.stations(knowledge, found, city, "哪里办", as_of)) if found.matches else (said,)
