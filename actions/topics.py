"""Answers one topic with what is known: the rule, a decision, stations, or the one question that is still needed."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Collection, Container, Mapping, Optional

from idcard import phrasing, refusal, replies
from idcard.answers import Answer
from idcard.consult import BY_PLACE, DECIDED, LEADS_TO, Consultation, consult, decide_if_known
from idcard.facts import Value
from idcard.knowledge import Knowledge
from idcard.policy import Ask
from idcard.replies import Reply
from idcard.stations import Search, search

LOCAL = ("市内跨区办理", "首次申领")
APPLYING = ("能否异地办理", "市内跨区办理", "补领", "换领")  # their answers say on what terms one may apply
ERRANDS = ("临时身份证", "挂失", "首次申领", "居住登记")  # not done at the listed stations
_FIRST = re.compile(r"第一|头一|首次|初次|没办过|没有?身份证|还没办|孩子|小孩|儿子|女儿|娃|宝宝|孙|新生")
# A police station called by its name, and words before 派出所 that are no name.
_NAMED_STATION = re.compile(r"([\u4e00-\u9fff]{2,4}?)派出所")
_NO_NAME = re.compile(r"哪|附近|就近|最近|当地|户籍|那个|这个|这里|那里|什么|户口|所有|任何|一个|别的|其他|居住|辖区|我们|你们|去|到|在|的|找|市|区$|县$|武汉|济宁|老家|本地|是|和|跟|吗")


@dataclass(frozen=True)
class Answered:
    """What answering one topic gave. `question` is what it still needs to know."""

    facts: Mapping[str, Value]
    replies: tuple[Reply, ...] = ()
    question: Optional[Ask] = None


def decides(topic: str) -> bool:
    """Whether the topic ends in a decision for one person."""
    return topic in DECIDED or topic in LEADS_TO


def answer(knowledge: Knowledge, topic: str, facts: Mapping[str, Value], text: str, as_of: date,
           intro: bool = True, stated: Collection[str] = (), left_open: Container[str] = ()) -> Answered:
    """Answer `topic`; `intro` gives the general rule before the questions about the citizen's own case.

    `stated` are the facts that the message itself gives: 到期换证多少钱 wants the one fee, not the list. `left_open` are
    facts that the citizen cannot tell.
    """
    city = str(facts.get("所在城市") or "")
    if topic in BY_PLACE:
        found = _stations(knowledge, topic, facts, text, city, as_of, intro, left_open)
        if found:
            return found
    home = str(facts.get("户籍城市") or "")
    if not city and topic in LOCAL and home in knowledge.cities:  # a question of people about their own city
        city, facts = home, knowledge.model.settable(facts, "所在城市", home)
    if not city:
        return Answered(facts, question=Ask("", topic, "", "所在城市", 1))
    if decides(topic):
        return _decided(knowledge, topic, facts, text, city, as_of, intro, left_open)
    variant = knowledge.answer(city, topic, text, as_of, facts)
    if topic == "工本费" and not variant.closes and ({"办理原因", "办理类型"} & set(stated) or not variant.special):
        fee = decide_if_known(knowledge, topic, city, facts, as_of)
        if fee:
            return Answered(facts, (replies.fee(knowledge, fee, facts, as_of),))
    refused = _refused(knowledge, topic, city, facts, as_of)
    if refused:
        return Answered(facts, outcome(knowledge, refused, facts, as_of))
    found = [] if variant.closes else _small_questions(knowledge, city, topic, text, as_of, facts)
    return Answered(facts, tuple(replies.answer(knowledge, city, one, as_of) for one in found or [variant]))


def _refused(knowledge: Knowledge, topic: str, city: str, facts: Mapping[str, Value], as_of: date) -> Optional[Consultation]:
    """What is known to stand against a student, before they hear what a student's card is good for."""
    found = consult(knowledge, "能否异地办理", city, facts, as_of) if topic == "学生办理" else None
    return found if isinstance(found, Consultation) and not found.accepted else None


def _small_questions(knowledge: Knowledge, city: str, topic: str, text: str, as_of: date, facts: Mapping[str, Value]) -> list[Answer]:
    """Two special answers where two clauses ask for different things: 要不要预约，周六上班吗. [] for any other text."""
    asking = [clause for clause in phrasing.clauses(text) if phrasing.asks(clause)]
    special: list[Answer] = []
    for clause in asking:
        found = knowledge.answer(city, topic, clause, as_of, facts)
        if found.special and found not in special:
            special.append(found)
    return special[:2] if len(special) > 1 else []


def _decided(knowledge: Knowledge, topic: str, facts: Mapping[str, Value], text: str, city: str, as_of: date,
             intro: bool, left_open: Container[str]) -> Answered:
    if topic == "首次申领" and not _FIRST.search(text):  # 我要办身份证 does not say that it is the first
        topic = "能否异地办理"
    if topic == "市内跨区办理" and _from_elsewhere(knowledge, city, facts):
        topic = "能否异地办理"
    facts = _implied(knowledge, topic, facts)
    variant = knowledge.answer(city, topic, text, as_of, facts)
    if variant.closes and intro:
        return Answered(facts, (replies.answer(knowledge, city, variant, as_of),))
    found = consult(knowledge, LEADS_TO.get(topic, topic), city, facts, as_of, left_open)
    if isinstance(found, Consultation):
        said = (replies.answer(knowledge, city, variant, as_of),) if intro and variant.special and found.accepted else ()
        return Answered(facts, said + outcome(knowledge, found, facts, as_of))
    said = (replies.answer(knowledge, city, variant, as_of),) if intro else ()
    return Answered(facts, said, replace(found, fact=refusal.to_ask(found.fact, facts)))


def _from_elsewhere(knowledge: Knowledge, city: str, facts: Mapping[str, Value]) -> bool:
    """Whether the household is known to be in another city or province."""
    known = knowledge.model.complete(facts)
    province = known.get("户籍省份")
    return known.get("户籍城市", city) != city or (province is not None and province != knowledge.gazetteer.province_of(city))


def _implied(knowledge: Knowledge, topic: str, facts: Mapping[str, Value]) -> dict[str, Value]:
    """补领, 换领 and 首次申领 are what the citizen wants, unless they have said otherwise."""
    if topic in LEADS_TO and knowledge.model.complete(facts).get("办理类型") is None:
        return knowledge.model.settable(facts, "办理类型", topic)
    return dict(facts)


def outcome(knowledge: Knowledge, found: Consultation, facts: Mapping[str, Value], as_of: date) -> tuple[Reply, ...]:
    """The decision, the checklist where there is something to do, and the stations of the citizen's district."""
    said = [replies.decision(knowledge, found, as_of)]
    if not found.decision.cites:
        return tuple(said)
    if replies.worth_a_checklist(found):
        said.append(replies.checklist(knowledge, found, as_of))
    if found.decision.outcome in ("可以异地受理", "次日再来办理", "应先登记流动人口"):
        said += _nearby(knowledge, found, facts, as_of)
    return tuple(said)


def _nearby(knowledge: Knowledge, found: Consultation, facts: Mapping[str, Value], as_of: date) -> list[Reply]:
    city, district = found.decision.city, facts.get("所在区县")
    if not any(station.city == city for station in knowledge.stations):
        return []
    if not isinstance(district, str):
        return [Reply("要找最近的受理点，告诉我您住哪个区，或者附近的地名。", "clarify", "哪里办", city)]
    near = search("", city, knowledge.stations, knowledge.gazetteer, district)
    return [replies.stations(knowledge, near, city, "哪里办", as_of)] if near.matches else []


def _stations(knowledge: Knowledge, topic: str, facts: Mapping[str, Value], text: str, city: str,
              as_of: date, intro: bool, left_open: Container[str]) -> Optional[Answered]:
    """Stations for the place named in the text or known; a question for the district; None: the city's answer serves."""
    variant = knowledge.answer(city, topic, text, as_of, facts) if city else None
    if variant and (variant.closes or _is_another_errand(knowledge, city, topic, text, as_of)):
        return None
    district = facts.get("所在区县")
    found: Search = search(text, city or None, knowledge.stations, knowledge.gazetteer,
                           district if isinstance(district, str) else None)
    if found.matches and knowledge.in_force(found.matches[0].station.city, as_of):
        reply = replies.stations(knowledge, found, found.matches[0].station.city, topic, as_of)
        return Answered(facts, (replace(reply, text=_unlisted(found, text) + reply.text),))
    listed = any(station.city == city for station in knowledge.stations)
    if not variant or not listed:
        return None
    if variant.special or variant.when:
        return None
    general = replies.answer(knowledge, city, variant, as_of)
    if found.place:  # the place is known, but nothing is listed for it
        return Answered(facts, (replace(general, text=f"{found.place}没有列出的受理点。{general.text}"),))
    if "所在区县" in left_open:
        return Answered(facts, (general,))
    general = replace(general, text=_unlisted(found, text) + general.text)
    return Answered(facts, (general,) if intro else (), Ask("", topic, city, "所在区县", 1))


def _is_another_errand(knowledge: Knowledge, city: str, topic: str, text: str, as_of: date) -> bool:
    """江岸区哪里办临时身份证: the city says where, and it is at none of the listed stations."""
    named = any(phrasing.means(text, word) for errand in ERRANDS for word in knowledge.topics[errand].words)
    return named and knowledge.answer(city, topic, text, as_of).special


def _unlisted(found: Search, text: str) -> str:
    """Says so when the citizen names a police station that is not in the list."""
    named = _NAMED_STATION.search(text)
    name = re.sub(r"^.*(问|查|看|说|一?下|你好|那)", "", named.group(1)) if named else ""
    if found.named or len(name) < 2 or _NO_NAME.search(name):
        return ""
    return f"{name}派出所不在公告列出的受理点里。"
