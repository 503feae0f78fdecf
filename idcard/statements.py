"""From what a message mentions to facts about the citizen, given what was asked and what is already known."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional, Sequence

from idcard import phrasing
from idcard.facts import Fact, Facts, Value
from idcard.knowledge import Knowledge
from idcard.places import CITY, DISTRICT, LANDMARK, PROVINCE
from idcard.reading import LACKED, LIVING, NOT_THERE, REGISTERED, Mention
from idcard.text import normalise

_NO = re.compile(r"^(嗯+|那|哦|啊)?[,， ]*(没有?|没得|冇得?|木有|无|不是|不需要|不用|用不着|用不上|不要|不急|否|未|还没|从来没|都没|不|不对|没办|没登|不曾|都不|没这|(什么|啥)都没)")
_YES = re.compile(r"^(嗯+|恩+|对|是|有|要|需要|办了|办过|登记|好|可以|行|急|已经|在有效期|肯定|当然)(的|呀|啊|了|过|哦|吧|滴|嘞|呢|急|需要|要|有|登记|好)*([,， ].*)?$|^(有|是|对)[^，。]{0,6}$")
_EXPIRED = re.compile(r"过期|到期|失效|过了期|超期")
_TODAY = re.compile(r"登记[^，。,;；]{0,4}(今天|今早|今儿|刚|早上|上午|下午)|(今天|今日|今儿|刚刚|刚才|当天|刚去|早上|上午|下午)[^，。,;；]{0,6}(登记|办|弄|录)|刚登记|刚办的?登记|登记(今天|刚)")
_BEFORE = re.compile(r"登记(过|了|的|好)*[ ,，]?(昨天|前天|上周|上个?月|上个?星期|去年|前年|早就|以前|好久|几年|很久)|(昨天|前天|上周|上个?月|去年|前年|早就|以前|之前|好久|几年|几个月|一个月|半年|很久|上个?星期)[^，。,;；]{0,8}(登记|办|弄|录|的)")


# "None of these" as the answer to a list of choices.
_NONE_OF_THESE = re.compile(r"^(没有?|冇得?|木有|无|不是|没|否)(啊|呀|的|哦|呢)?$|(都|也|全)(没|冇|木有|不[^知清懂晓]|无|丢|掉)|没有?(这些|以上|一样|一个|任何)|一[样个](也|都)?(没|冇)|以上皆?无|^(正常|没问题)")
_LOOKS = re.compile(r"相貌|样子|整.?容|变化大|变样|胖|瘦|长相|认不出")
_NO_FINGERPRINT = re.compile(r"没(有|录|采|登记|留)?过?(录|采|登记|留)?过?指纹|指纹(没|未)|未登记指纹|无指纹")
_DENIED = re.compile(r"^(我|咱|俺)?(们)?(可|都|也|从来|从|并)?(没有?|未|不曾|不是|不)(被|有)?(过|上|用|做|整|失信|伪造|变|胖|瘦|黑|老赖|假|不良|信息|冒)")
_REFUSAL_WORDS = (
    ("信息不一致", ("不一致", "对不上", "信息错", "名字不一样", "名字错", "信息不对", "不符", "不一样")),
    ("证件违法行为", ("伪造", "假证", "冒用", "买卖证", "假身份证", "骗领", "冒领")),
    ("不良信用记录", ("失信", "老赖", "黑名单", "不良信用", "不良记录", "信用平台")),
)
# A paper named in a question is not a paper held: 居住证怎么办, 营业执照行吗. These words say that it is held.
_HELD = re.compile(r"(有|带|持|拿|办了|办过|手上|手头|只剩|凭着|揣)[^，。,;；？?]{0,6}$")
_NOT_THE_PAPER = re.compile(r"电子[^|]{0,2}\||\|(的)?(复印|照片|扫描|截图|回执|电子|还?在办|正在办|还没(下来|办好|拿到)|没(下来|办好|拿到)|办理中)|(正在?办|在办|刚申请)[^|]{0,3}\|")
_PAPERS_OF_A_PLACE = ("居住证", "居住证明", "学生证", "劳动合同", "工商执照")
_LIVES = re.compile(r"住|人在|现在|办|上班|工作|打工|租|读|上学|大学|念书|学校")
SHORT = 12  # characters of an answer that is nothing but the place
_MARKS = " 。，,.!！~～"


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
    known = known or {}
    pressed = _pressed(knowledge.model.facts[asked], text) if asked else None
    if pressed is not None:  # a title such as 到期或损坏，要换 is not to be read for what else it mentions
        return Statement({asked: pressed})
    found: dict[str, Value] = {}
    ambiguous = _places(knowledge, text, mentions, asked, known, found)
    _words(knowledge, text, mentions, asked, found)
    _registration(text, found)
    if asked and not (found and phrasing.corrects(text) and not corrected):  # 不对，我是湖南的 answers no other question
        answer = answer_to(knowledge.model.facts[asked], phrasing.without_correction(text) if corrected else text, mentions)
        if answer is not None:
            found[asked] = answer
            if answer == "无" and "身份证" not in text:  # 全丢了 is said of the papers asked about
                found = {name: value for name, value in found.items() if name not in ("办理原因", "办理类型")}
            ambiguous = None if asked in ("户籍省份", "户籍城市", "户籍区县", "所在区县", "所在城市") else ambiguous
    return Statement(found, ambiguous, phrasing.supposes(text), phrasing.corrects(text), phrasing.someone_else(text),
                     phrasing.about_oneself(text))


def answer_to(fact: Fact, text: str, mentions: Sequence[Mention]) -> Optional[Value]:
    """The value that `text` gives as an answer to the question for `fact`; None if it gives none."""
    pressed = _pressed(fact, text)
    plain = phrasing.told(phrasing.without_afterthought(text.strip(_MARKS))).strip(_MARKS)
    if pressed is not None or not plain:
        return pressed
    if fact.kind == "boolean":
        return _yes_or_no(fact, plain, mentions)
    if fact.name == "不予受理情形":
        return _refusal(plain)
    if fact.kind == "choice" and "无" in fact.values and len(plain) <= 12 and _NONE_OF_THESE.search(plain):
        return "无"
    return _part_of_a_button(fact, phrasing.told(text).strip(_MARKS)) if fact.kind == "choice" else None


def _part_of_a_button(fact: Fact, plain: str) -> Optional[Value]:
    """第一次, 营业执照, 换: words that stand on just one of the buttons."""
    said = re.sub(r"^(我|俺|就|是|有|要|想|选|那个)+|(还在|在手上|在身边|带着|在|有|的|了|吧|呢|啊|这个|那个)+$", "", plain)
    fitting = [button.value for button in fact.buttons if said and said in normalise(button.title)]
    return fitting[0] if len(fitting) == 1 else None


def _pressed(fact: Fact, text: str) -> Optional[Value]:
    """The value of the button of which `text` is the title or the value."""
    plain = text.strip(_MARKS)
    return next((button.value for button in fact.buttons
                 if plain in (normalise(button.title), str(button.value).lower())), None)


def _yes_or_no(fact: Fact, plain: str, mentions: Sequence[Mention]) -> Optional[bool]:
    if fact.name == "沿用前面说的" and (same := re.search(r"(不|没)?(一样|照用|照旧|算数|变|重新|改)", plain)):
        return bool(same.group(1)) == (same.group(2) in ("变", "改")) and same.group(2) != "重新"
    if fact.name == "是否当天登记":
        if re.search(r"今天|今早|刚|当天|今日", plain) and not plain.startswith("不"):
            return True
        if re.search(r"昨|前|以前|早|上[周个月]|去年|久|年|月", plain):
            return False
    if fact.name == "是否有居住证" and _EXPIRED.search(plain):
        return False  # it must be valid
    if len(plain) > 15 or any(mention.entity == "证件" and mention.value != "流动人口登记" for mention in mentions):
        return None
    if _NO.match(plain):
        return False
    return True if _YES.match(plain) else None


def _refusal(plain: str) -> Optional[str]:
    if _DENIED.match(plain) or (len(plain) <= 12 and _NONE_OF_THESE.search(plain) and not _NO_FINGERPRINT.search(plain)):
        return "无"
    if _NO_FINGERPRINT.search(plain):
        return "相貌变化且无指纹" if _LOOKS.search(plain) else None
    if _LOOKS.search(plain):
        return "无" if "指纹" in plain else None  # changed looks count only without fingerprints
    return next((value for value, words in _REFUSAL_WORDS if any(word in plain for word in words)), None)


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
    if asked == "是否有居住证" and _EXPIRED.search(text):  # it is the permit that has expired
        found.pop("办理原因", None)
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
    return bool(_HELD.search(text[start:mention.start])) or not phrasing.asks_about(clause)


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
    elsewhere = [other for other in mentions if other.entity in (PROVINCE, CITY, DISTRICT) and other.role != REGISTERED
                 and other.city not in knowledge.cities and (other.role == LIVING or other.end == mention.start)]
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
    for mention in mentions:
        if mention.entity not in (PROVINCE, CITY, DISTRICT, LANDMARK):
            continue
        if mention.candidates:
            settled = _candidate(knowledge, mention, asked, known, found)
            if settled is None:
                ambiguous = ambiguous or mention
                continue
            mention = settled
        if mention.role == NOT_THERE:
            continue
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
        if role == REGISTERED:
            _registered(knowledge, mention, found)
        else:
            _living(knowledge, mention, found)
    if re.search(r"(本地|本市|当地)(的)?(户口|户籍|人)", text) and served and "户籍省份" not in found:
        found["户籍城市"] = served
    return ambiguous


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
