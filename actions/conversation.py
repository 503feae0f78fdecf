"""Replies to what is no question about the rules: greetings, why, what do you mean, out of scope, hand me to a person."""
from __future__ import annotations

from datetime import date
from typing import Mapping, Optional

from actions.state import Message, State
from idcard import replies
from idcard.consult import Consultation, consult, table_for
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, PROVINCE
from idcard.replies import Reply
from idcard.stations import search

# Conversation intents with a fixed text (responses of domain.yml).
RESPONSES = {"问候": "utter_greet", "告别": "utter_goodbye", "感谢": "utter_thanks", "身份询问": "utter_identity",
             "帮助": "utter_help", "闲聊": "utter_chitchat", "辱骂": "utter_calm", "好评": "utter_praised",
             "差评": "utter_criticised", "重新开始": "utter_restarted", "取消": "utter_cancelled"}
LONGEST_QUOTE = 110  # characters of a clause quoted in a reply
LIKELY = 0.08  # a reading below this is not offered as "did you mean"


def reply(name: str, kind: str = "smalltalk") -> Reply:
    """A fixed text of domain.yml."""
    return Reply("", kind, response=name)


def replies_to(knowledge: Knowledge, state: State, message: Message, as_of: date) -> tuple[Reply, ...]:
    """Replies to a conversation intent; () where the message was not understood."""
    if message.intent in RESPONSES:
        return (reply(RESPONSES[message.intent]),)
    if message.intent == "超出范围":
        return (out_of_scope(knowledge, message),)
    if message.intent == "转人工":
        return handoff(knowledge, state, as_of)
    if message.intent == "为什么":
        return why(knowledge, state, as_of)
    if message.intent == "不清楚":
        return unsure(knowledge, state)
    if message.intent in ("肯定", "否定", "更正", "假设", "告知凭证", "告知户籍", "告知所在地") and not state.asked:
        return (reply("utter_what_next"),)
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


def _place_named(knowledge: Knowledge, message: Message) -> str:
    """The place elsewhere that the message names, as the citizen would call it."""
    return next((mention.value for mention in message.mentions if mention.entity in (PROVINCE, CITY, DISTRICT)
                 and mention.city not in knowledge.cities), "那个城市")


def other_city(knowledge: Knowledge, place: str, asked: str) -> Reply:
    """A question about a city whose rules are not known; the served ones are offered unless another question is open."""
    return Reply(f"我只有{'、'.join(knowledge.cities)}的规定，{place}的我不掌握，不敢乱说，请问当地派出所或者12345热线。您要是在{'或者'.join(knowledge.cities)}办，告诉我一声。",
                 "clarify", topic="超出范围", buttons=() if asked else knowledge.cities)


def handoff(knowledge: Knowledge, state: State, as_of: date) -> tuple[Reply, ...]:
    """The station whose phone may help; the assistant itself cannot put anybody through."""
    city, district = str(state.facts.get("所在城市") or ""), state.facts.get("所在区县")
    found = search("", city or None, knowledge.stations, knowledge.gazetteer, district if isinstance(district, str) else None)
    if found.matches:
        listed = replies.stations(knowledge, found, city, "转人工", as_of)
        return Reply("我转不了人工，您可以直接打受理点的电话：", "handoff", "转人工", city, stations=found.matches), listed
    if city and not any(station.city == city for station in knowledge.stations):
        return (Reply(f"我转不了人工。{city}的文件没有列电话，您可以直接去就近的户籍派出所，或者打12345热线问。", "handoff",
                      "转人工", city),)
    listed = "或者".join(dict.fromkeys(station.city for station in knowledge.stations))
    return (Reply(f"我转不了人工。您在{city or listed}的话，告诉我哪个区，我把受理点的电话给您；也可以打12345热线。", "handoff",
                  "转人工", city),)


def why(knowledge: Knowledge, state: State, as_of: date) -> tuple[Reply, ...]:
    """Why a question is asked, or why the last decision came out as it did."""
    if state.asked:
        return (Reply(knowledge.model.facts[state.asked].why, "answer", asks=state.asked),)
    topic, city = state.decided, str(state.facts.get("所在城市") or "")
    if not city or not table_for(knowledge, topic, city):
        return (reply("utter_what_next"),)
    found = consult(knowledge, topic, city, state.facts, as_of)
    if not isinstance(found, Consultation):
        return (reply("utter_what_next"),)
    used: Mapping[str, Value] = {name: state.facts[name] for name in found.decision.used if name in state.facts}
    quoted = [_shortened(knowledge.clauses[clause].text) for clause in found.decision.cites[:1]]
    lines = [f"因为{found.decision.reason}。", f"我看的是：{replies.facts_words(knowledge, used)}。" if used else "",
             *(f"原文：{text}" for text in quoted), replies.source_line(knowledge, found.decision.cites, as_of)]
    return (Reply("\n".join(line for line in lines if line), "answer", topic, city, outcome=found.decision.outcome,
                  cites=found.decision.cites, as_of=as_of),)


def _shortened(clause: str) -> str:
    return clause if len(clause) <= LONGEST_QUOTE else clause[:LONGEST_QUOTE] + "……"


def unsure(knowledge: Knowledge, state: State) -> tuple[Reply, ...]:
    """Explains the open question; without one, says what can be asked."""
    if not state.asked:
        return (reply("utter_help"),)
    return (Reply(knowledge.model.facts[state.asked].unsure, "answer", asks=state.asked),)


def noted(knowledge: Knowledge, facts: Mapping[str, Value], new: Mapping[str, Value], as_of: date) -> list[Reply]:
    """The citizen has only told something: take it up, offer what fits it."""
    city, district = str(facts.get("所在城市") or ""), facts.get("所在区县")
    found = search("", city or None, knowledge.stations, knowledge.gazetteer, district if isinstance(district, str) else None)
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
    return reply("utter_fallback", "clarify")


def way_on(knowledge: Knowledge, state: State) -> Reply:
    """After three failed tries: no loop, but somewhere to go."""
    return Reply("没关系，这个问题先放一放。您可以带上手头的证件，直接到派出所窗口问；也可以换个说法再问我，或者说“重新开始”。",
                 "handoff", city=str(state.facts.get("所在城市") or ""))
