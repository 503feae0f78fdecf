"""From what a message mentions to facts about the citizen, given what was asked and what is already known."""
from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Optional, Sequence

from idcard import phrasing
from idcard.asked import PERMIT, answer_to, pressed
from idcard.facts import Facts, Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, LANDMARK, PROVINCE
from idcard.reading import LACKED, LIVING, LOST_THERE, NOT_THERE, REGISTERED, Mention

_MOVED_TO = re.compile(r"(迁|落户|[户籍][^，,。;； ]{0,8}转)(户口?)?(到|入|来|至|往|进|在|去)?了?$")
_TO_BE_MOVED = re.compile(r"想|准备|打算|计划|要|能|怎|如何|可以|没|未|正在|即将|需|多久|材料|手续|吗")
_HOUSEHOLD = re.compile(r"(户口|户籍)[^，,。;； ]{0,5}$")
_HOUSEHOLD_AFTER = re.compile(r"(省|市|区|县)?的?(户口|户籍)(?!在|是)")
_OF_A_PAPER = re.compile(r"(居住证|学生证|驾驶?[照证]|合同|执照)(是|在)$")
_ROOTS = re.compile(r"(老家|祖籍|籍贯|原籍|出生)[^，,。;； 户]{0,4}$")
_TODAY = re.compile(r"登记[^，。,;；]{0,4}(今天|今早|今儿|刚|早上|上午|下午)|(今天|今日|今儿|刚刚|刚才|当天|刚去|早上|上午|下午)[^，。,;；]{0,6}(登记|办|弄|录)|刚登记|刚办的?登记|登记(今天|刚)")
_BEFORE = re.compile(r"登记(过|了|的|好)*[ ,，]?(昨天|前天|上周|上个?月|上个?星期|去年|前年|早就|以前|好久|几年|很久)|(昨天|前天|上周|上个?月|去年|前年|早就|以前|之前|好久|几年|几个月|一个月|半年|很久|上个?星期)[^，。,;；]{0,8}(登记|办|弄|录|的)")
# A paper named in a question is not a paper held: 居住证怎么办, 营业执照行吗. These words say that it is held.
_HELD = re.compile(r"(有|带|持|拿|办了|办过|手上|手头|只剩|凭着|揣)[^，。,;；？?]{0,6}$")
# Whether it takes the paper is asked of the rule, whatever one has: 是不是要有居住证, 只有居住证才行吗.
_IT_TAKES = re.compile(r"(要|得|必须|需|只|非|该|是不是|是否|用不用)(要|得|是|先|带|有|持|拿|办|凭|用)*[^，。,;；？?]{0,3}$")
_ONLY_WITH_IT = re.compile(r"^[^，。,;；？?]{0,3}(才|就必须|是必须|必须|非)")
_NOT_THE_PAPER = re.compile(r"电子[^|]{0,2}\||\|(的)?(复印|照片|扫描|截图|回执|电子|还?在办|正在办|(办了|申请了)?[,，]?(但是?|可是)?还?没(拿|下|发|领|到手|出)|还没(下来|办好|拿到)|没(下来|办好|拿到)|办理中)|(正在?办|在办|刚申请)[^|]{0,3}\|")
_PAPERS_OF_A_PLACE = ("居住证", "居住证明", "学生证", "劳动合同", "工商执照")
_LIVES = re.compile(r"住|人在|现在|办|上班|工作|打工|租|读|上学|大学|念书|学校")
_AT_HOME = re.compile(r"(?<![本簿证同照])((人|我|已经|现在|都|早就|目前)(已经|现在|都)*[在回到]了?老?家(?![办补换的])|[回到]老?家了|回来了|在老?家里?呢)")
SHORT = 12  # characters of an answer that is nothing but the place


MOST_MENTIONS = 40  # that are read of a message: each is weighed against the others, and a long text may hold thousands


@dataclass(frozen=True)
class Statement:
    """What one message says about facts. `ambiguous` is a place name that must be asked back."""

    facts: dict[str, Value]
    ambiguous: Optional[Mention] = None
    hypothetical: bool = False
    correction: bool = False
    someone_else: str = ""  # about whom it is, where not about the citizen: 妈
    myself: bool = False  # says that it is about the citizen after all: 那我自己呢


def read_statement(knowledge: Knowledge, text: str, mentions: Sequence[Mention], asked: str = "",
                   known: Optional[Facts] = None, corrected: bool = False) -> Statement:
    """Read normalised `text` with its `mentions`; `asked` is the fact just asked, `known` what is known so far.

    `corrected`: the text takes back the answer to `asked`, so that words of correction in it say nothing themselves.
    """
    known, mentions = known or {}, mentions[:MOST_MENTIONS]
    fact = knowledge.model.facts[asked] if asked else None
    if fact and pressed(fact, text) is not None:  # a title such as 到期或损坏，要换 is not to be read for what else it mentions
        return Statement(answer_to(fact, text, mentions, known))
    found: dict[str, Value] = {}
    ambiguous = _places(knowledge, text, mentions, asked, known, found)
    _words(knowledge, text, mentions, asked, found)
    _registration(text, found)
    if fact and not (found and phrasing.corrects(text) and not corrected):  # 不对，我是湖南的 answers no other question
        answer = answer_to(fact, phrasing.without_correction(text) if corrected else text, mentions, known)
        found.update(answer)
        if answer.get(asked) == "无" and "身份证" not in text:  # 全丢了 is said of the papers asked about
            found = {name: value for name, value in found.items() if name not in ("办理原因", "办理类型")}
        if answer and asked in ("户籍省份", "户籍城市", "户籍区县", "所在区县", "所在城市"):
            ambiguous = None
    return Statement(found, ambiguous, phrasing.supposes(text), phrasing.corrects(text), phrasing.someone_else(text),
                     phrasing.about_oneself(text))


def _words(knowledge: Knowledge, text: str, mentions: Sequence[Mention], asked: str, found: dict[str, Value]) -> None:
    for mention in mentions:
        if mention.entity == "证件" and not (_holds(text, mention) and _counts(knowledge, text, mention, mentions)):
            continue
        for name, value in knowledge.reader.facts_of(mention).items():
            if found.get(name) == "学生证":  # of several papers the student card asks least
                continue
            if name in found and name in ("居住凭证", "有效身份证件") and value != "学生证":
                continue
            found[name] = value
    if "身份证" in text and not found.keys() & {"办理原因", "办理类型"} and any(mention.role == LOST_THERE for mention in mentions):
        found["办理原因"] = "丢失"  # 身份证在济宁丢的
    if asked == PERMIT and "身份证" not in text and found.get("办理原因") == "有效期满":  # it is the permit that expires
        found.pop("办理原因")
    if "办理原因" in found and knowledge.model.facts["办理原因"].implies.get(found["办理原因"], {}).get(
            "办理类型") != found.get("办理类型", ""):
        found.pop("办理类型", None)  # the reason says it more surely than a stray verb: 到期了怎么补办


def _holds(text: str, mention: Mention) -> bool:
    """Whether the clause says of the paper that it is held or lacked, rather than asking about it."""
    if mention.role == LACKED:
        return True
    start = max(text.rfind(mark, 0, mention.start) for mark in "，,。;；!！?？ ") + 1
    ends = [at for mark in "，,。;；!！?？ " if (at := text.find(mark, mention.end)) >= 0]
    clause = text[start:min(ends, default=len(text))] + text[min(ends, default=len(text)):][:1]
    if mention.value == "流动人口登记":
        return bool(re.search(r"有[^没]{0,6}(登记|信息)|(登记|办|做|录)(过|了|好)", clause)) and not phrasing.asks_about(clause)
    if not phrasing.asks_about(clause):
        return True
    before, after = text[start:mention.start], text[mention.end:]
    return bool(_HELD.search(before)) and not (_IT_TAKES.search(before) or _ONLY_WITH_IT.match(after))


def _counts(knowledge: Knowledge, text: str, mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Whether the paper, as described, may be the one that the rule means: not a copy, not one still being made, not
    one that another mention says is lacking, and for papers of a place not one of another place."""
    if mention.role == LACKED:
        return True
    around = text[max(0, mention.start - 4):mention.start] + "|" + text[mention.end:mention.end + 8]
    if _NOT_THE_PAPER.search(around) or any(other.role == LACKED and other.value == mention.value for other in mentions):
        return False
    if mention.value not in _PAPERS_OF_A_PLACE:
        return True
    elsewhere = [other for other in mentions if other.entity in (PROVINCE, CITY, DISTRICT) and other.city not in knowledge.cities
                 and (text[mention.end:other.start] == "是" or other.role != REGISTERED and (other.role == LIVING or other.end == mention.start))]
    return not elsewhere and "老家" not in text[max(0, mention.start - 4):mention.start]


def _registration(text: str, found: dict[str, Value]) -> None:
    """Registered or not, today or before, from the clauses that state it; a clause that asks states nothing."""
    if phrasing.supposes(text) and re.search(r"去登记|登记一下|登记[了好上]", text):
        found["是否登记流动人口"] = True
    stated = " ".join(clause for clause in phrasing.clauses(text) if not phrasing.asks_about(clause))
    if "登" not in stated:
        return
    if re.search(r"登记(过|了|好)", stated) and not re.search(r"(没有?|未|冇)[^，。,;；]{0,6}登记", stated):
        found.setdefault("是否登记流动人口", True)
    if re.search(r"(没有?|未|冇|木有|不)[^，。,;；有]{0,4}登记|登记(我|都|还|也|从来|一直|根本)*(没有?|未|冇)(?!问题)", stated):
        found["是否登记流动人口"] = False
    elif _TODAY.search(stated) and "登记" in stated:
        found.update({"是否登记流动人口": True, "是否当天登记": True})
    elif _BEFORE.search(stated) and "登记" in stated:
        found.update({"是否登记流动人口": True, "是否当天登记": False})


def _places(knowledge: Knowledge, text: str, mentions: Sequence[Mention], asked: str, known: Facts,
            found: dict[str, Value]) -> Optional[Mention]:
    ambiguous = None
    served = known.get("所在城市")
    for mention in _of_today(text, mentions):
        if mention.entity not in (PROVINCE, CITY, DISTRICT, LANDMARK) or mention.role in (NOT_THERE, LOST_THERE):
            continue
        if mention.candidates:
            settled = _candidate(knowledge, mention, asked, known, found)
            if settled is None:
                ambiguous = ambiguous or mention
                continue
            mention = settled
        role = mention.role or _default_role(knowledge, mention, asked)
        if not mention.role and not asked and _chain(knowledge, mentions):  # 湖北武汉: one place, not two
            role = REGISTERED if served and not known.get("户籍省份") else LIVING
        if role == REGISTERED and not mention.role and not asked.startswith("户籍") and (
                known.get("户籍省份") and not re.search("户|籍|老家|人|不对|错|改", text) and not _only_places(text, mentions)):
            continue  # 劳动合同是上海公司的 says nothing of a household already known
        if asked.startswith("户籍") and role == LIVING and not _LIVES.search(text) and len(text) <= SHORT:
            role = REGISTERED  # 在青岛, as an answer to where the household is
        if asked.startswith("所在") and not re.search("户|籍|老家", text) and _is_served(knowledge, mention):
            role = LIVING  # 济宁的: as an answer to where
        if role == REGISTERED and _is_the_city(knowledge, text, mention, mentions, asked, known):
            role = LIVING
        if role == REGISTERED:
            _registered(knowledge, mention, found)
        else:
            _living(knowledge, mention, found)
    if re.search(r"(本地|本市|当地)(的)?(户口|户籍|人)", text) and served and "户籍省份" not in found:
        found["户籍城市"] = served
    _back_from_there(knowledge, text, mentions, known, found)
    return ambiguous


def _of_today(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Without the places from which a household was moved (从黄冈迁到武汉), without roots where the household is told as well
    (户口在广东，老家四川), and without those of a paper (居住证是广东的)."""
    mentions = [mention for mention in mentions if not _OF_A_PAPER.search(text[:mention.start])]
    moved = [] if _TO_BE_MOVED.search(text) else [mention for mention in mentions if _MOVED_TO.search(text[:mention.start])]
    if moved:
        return [replace(mention, role=REGISTERED) if mention in moved else mention for mention in mentions
                if mention in moved or mention.role == LIVING or mention.entity not in (PROVINCE, CITY, DISTRICT)]
    if any(_HOUSEHOLD.search(text[:mention.start]) or _HOUSEHOLD_AFTER.match(text[mention.end:]) for mention in mentions):
        return [mention for mention in mentions if not _ROOTS.search(text[:mention.start])]
    return list(mentions)


def _is_the_city(knowledge: Knowledge, text: str, mention: Mention, mentions: Sequence[Mention], asked: str, known: Facts) -> bool:
    """Whether a bare 济宁的 beside a question, or after one, says which city's rules are asked for, not the household."""
    clause = text[max(text.rfind(mark, 0, mention.start) for mark in "，,。;；!！?？ ") + 1:mention.end]
    bare = clause == text[mention.start:mention.end] and re.match("市?[的滴](?=[，,。;；!！?？ ]|$)", text[mention.end:])
    if not bare or mention.value not in knowledge.cities or asked.startswith("户籍") or re.search("户|籍|老家", text):
        return False
    alone = len(text.strip(" 。")) <= len(clause) + 2
    return not any(other.role == LIVING for other in mentions) and (not alone or bool(known.get("所在城市")))


def _back_from_there(knowledge: Knowledge, text: str, mentions: Sequence[Mention], known: Facts, found: dict[str, Value]) -> None:
    """Where to apply, if nothing else says so: at home for somebody who is back there (济宁户口，在上海丢了，回来了), else in
    the served city in which the card was lost."""
    here = found.get("所在城市") or known.get("所在城市")
    home = found.get("户籍城市") or known.get("户籍城市")
    if not here and home in knowledge.cities and _AT_HOME.search(text):
        found["所在城市"] = home
    elif not here and not any(mention.role == LIVING for mention in mentions):
        lost = [mention.city for mention in mentions if mention.role == LOST_THERE and mention.city in knowledge.cities]
        found.update({"所在城市": city for city in lost})


def _only_places(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether the text is nothing but the place: 湖北恩施."""
    named = "".join(text[mention.start:mention.end] for mention in mentions)
    return len(re.sub(r"[\W的省市州县区]", "", text)) <= len(re.sub(r"[\W的省市州县区]", "", named))


def _candidate(knowledge: Knowledge, mention: Mention, asked: str, known: Facts,
               found: dict[str, Value]) -> Optional[Mention]:
    """The one candidate that fits what is known (province or city said before), None if several still fit."""
    home = asked.startswith("户籍") or mention.role == REGISTERED
    scope = [str(value) for value in ((found.get("户籍城市") or known.get("户籍城市"),
                                       found.get("户籍省份") or known.get("户籍省份")) if home else
                                      (found.get("所在城市") or known.get("所在城市"),)) if value]
    places = [place for place in knowledge.gazetteer.names.get(mention.value, ())]
    for name in scope:
        fitting = [place for place in places if name in (place.city, place.province)]
        if len(fitting) == 1:
            return Mention(mention.start, mention.end, fitting[0].level, fitting[0].name, mention.role,
                           city=fitting[0].city)
    return None


def _chain(knowledge: Knowledge, mentions: Sequence[Mention]) -> bool:
    """Whether the places named are a province with a served city of it."""
    places = [mention for mention in mentions if mention.entity in (PROVINCE, CITY)]
    return ([mention.entity for mention in places] == [PROVINCE, CITY] and places[1].value in knowledge.cities
            and knowledge.gazetteer.province_of(places[1].value) == places[0].value)


def _is_served(knowledge: Knowledge, mention: Mention) -> bool:
    place = knowledge.gazetteer.lookup(mention.entity, mention.value, mention.city)
    return place is not None and place.city in knowledge.cities


def _default_role(knowledge: Knowledge, mention: Mention, asked: str) -> str:
    if asked.startswith("户籍"):
        return REGISTERED
    if asked.startswith("所在"):
        return LIVING
    return LIVING if _is_served(knowledge, mention) else REGISTERED


def _registered(knowledge: Knowledge, mention: Mention, found: dict[str, Value]) -> None:
    place = knowledge.gazetteer.lookup(mention.entity, mention.value, mention.city)
    if place is None:
        return
    if place.level == PROVINCE:
        if place.name in knowledge.gazetteer.provinces():  # 香港, 澳门 and 台湾 are out of scope
            if place.name != knowledge.gazetteer.province_of(str(found.get("户籍城市"))):  # 武汉户口 was another person's
                found.pop("户籍城市", None)
                found.pop("户籍区县", None)
            found["户籍省份"] = place.name
    elif place.city:
        found.update({"户籍城市": place.city, "户籍省份": place.province})
        if place.level == DISTRICT and place.city in knowledge.cities:
            found["户籍区县"] = place.name


def _living(knowledge: Knowledge, mention: Mention, found: dict[str, Value]) -> None:
    place = knowledge.gazetteer.lookup(mention.entity, mention.value, mention.city)
    if place is None or place.city not in knowledge.cities:
        return
    found["所在城市"] = place.city
    if len(place.districts) == 1 and place.level in (DISTRICT, LANDMARK):
        found["所在区县"] = place.districts[0]
