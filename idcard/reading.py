"""What one message says: places, papers, reasons (entities with canonical values) and the facts that follow.

find_mentions() reads normalised text into Mentions, with negation (没有居住证) and, for places, whether the citizen
lives there or is registered there. idcard.statements turns Mentions into facts, given what was asked and what is known.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Mapping, Sequence

from idcard.facts import Value
from idcard.places import AREA, DISTRICT, LANDMARK, Gazetteer, Place, PlaceMention
from idcard.stations import Station, names_of

STATION = "站点"
_STATION_ENDS = ("所", "中心", "窗口")
REGISTERED, LIVING = "户籍", "所在"  # roles of a place
NOT_THERE = "不是"  # role of a place that is denied: 不是武汉户口
LOST_THERE = "丢失"  # role of the place where something was lost: no place to apply in
CARD = "居民身份证"
LACKED = "没有"  # role of a paper that the citizen does not have

_NEGATION = re.compile(r"(没有?|无|冇得?|木有|未|不曾|没得|没带|忘带|缺|少了?|(?<!需)不需要|(?<!用)不用|(?<!是)不是|也没|[丢掉]的是)[^有，。,;；、！!？?但可却]{0,5}$|(?<![急要需])不$")
_ALL = r"(全都|都|全|一起|一块儿?|一并|统统|通通)"
_ALSO = rf"(也|还|现在|已经|早就|就|又|{_ALL})*"
_MISSING = r"丢|掉了|不见|找不|不在(?!哪)|在老家|没带|忘|弄丢|被偷|[锁放落留搁]在?(老|家|屋)|[拿取]不[到出]|办不|过期|到期"
# 合同没有, 合同没签; but 合同没备案 is a contract, and 没问题 no lack.
_AGO = r"(去年|前年|[上前]个?(月|星期|周)|上周|前几?天|昨天|[半几两一二三四五六七八九十]+个?[年月]前?)"
_LACKED_AFTER = re.compile(rf"^{_AGO}?{_ALSO}(没有(?!问题|关系|备案|盖)|没(?=$|[，。,;；、！!？? 了带办拿领发开签做弄下到得登咋怎能可])|冇|木有|{_MISSING})"
                           rf"|^[，,]?(但是?|不过|可是|只是){_ALSO}({_MISSING})")
_ALL_OF_THEM = re.compile(rf"(也|还|现在|已经|早就|又)*{_ALL}")
_COMMON_NOUNS = ("新城区", "城区", "郊区", "矿区")  # counties' names only behind the name of their city
_OUT_OF_DATE = re.compile(r"(过期|到期)$")
_HUKOU_BEFORE = re.compile(r"((?<!外省)(?<!外地)(?<!省外)(?<!农村)户口(?![本簿薄](?!上))([本簿薄]上)?|(?<!外省)(?<!外地)户籍|(?<!回)老家|原籍|籍贯|家是|来自|屋里|祖籍|身份证上?(?=是|写|地址))(所在地|地址|地)?(上?[写登]记?的?)?(还|仍|一直|都|就)?(是|在|系|嘞|为|属于|:|[落挂留放写上迁存][在到了]|喺|搁)?(我们|咱们?)? ?$|(我|俺|本人|他|她|爱人|老公|老婆|妈|爸|妹|弟|哥|姐|孩子|儿子|女儿|朋友|同事)(是|系|属于|们是)$")
_OF_THE_PLACE = re.compile(r"^(市|区|县)?(的|滴|嘅|嘞)(身份证|证|派出所|窗口)|^(市|区|县)?(的|滴)?(能|可|给|管|让|办|换|补|要|怎|收)")
_HUKOU_AFTER = re.compile(r"^(省|市|州|县|区|那边|这边|农村|城镇|本地|集体)?(的|滴|嘅|嘞)?(户口|户籍|人|籍|老家|老乡|乡下)|^(省|市|州|县|区)?(的|滴|嘅|哒|嘞)(?=[，。,;；、！!？? ]|$|能|可|在|人|现|来|到|想|要|怎|行|是|身|户)")
_AT_WORK = r"[^，。,;；!！?？ ]{0,4}(上班|工作|打工|务工|住|上学|读书|念书|租|生活|做生意)"
_LOST = r"(丢|掉[了的在到进]|遗失|遗落|被[偷盗抢扒摸]|不见|失窃|[弄搞][丢掉没]|没了|落下)"
# 在上海丢了, 去北京出差的时候身份证被偷了, 从广州回来路上掉的; but 在上海上班身份证丢了 says where somebody is.
_LOST_THERE_AFTER = re.compile(rf"^(?!{_AT_WORK}(?!.{{0,3}}(时|期间)))[^，。,;；!！?？ 能补办换户籍]{{0,14}}?{_LOST}")
_THERE_BEFORE = re.compile(r"(在|到|去|往|从|喺|搁|回)(了|我们)?$")
_LOST_THERE_BEFORE = re.compile(r"([丢掉]|证(被|又|给)?[落忘]|遗失|遗落|被偷)(了|的地[方点]|的)?(是|就)?(在|到)(了|去)?$|[丢失]的?地[方点]?(是|在)$")
_LIVING_BEFORE = re.compile(r"(在|喺|搁|住|到|来|去|回|人在|待在|呆在|留在|位于|离|靠|搬到|跑到)(了|我们|你们|这边的?)?$")
_LIVING_AFTER = re.compile(r"^(省|市|区|县)?(这边|这里|这儿|附近|打工|上班|上学|读书|工作|租房|居住(?!证)|务工|做生意|念书|出差|买了房|哪里|哪个|哪儿|怎么|咋|可以|能)")


@dataclass(frozen=True)
class Word:
    """One entry of knowledge/words.yml."""

    entity: str
    value: str
    words: tuple[str, ...]
    has: Mapping[str, Value]
    lacks: Mapping[str, Value]
    not_if: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mention:
    """`text[start:end]` is an `entity` with canonical `value`; `role` is 户籍 or 所在 for places, 没有 for papers."""

    start: int
    end: int
    entity: str
    value: str
    role: str = ""
    candidates: tuple[str, ...] = ()  # full names of what an ambiguous name may mean (then value is the name as said)
    city: str = ""  # prefecture of a place below it: 鼓楼区 lies in several

    def as_entity(self) -> dict:
        """Rasa's form of it, without the extractor."""
        found = {"entity": self.entity, "start": self.start, "end": self.end, "value": self.value}
        if self.role:
            found["role"] = self.role
        if self.candidates:
            found["candidates"] = list(self.candidates)
        if self.city:
            found["city"] = self.city
        return found

    @staticmethod
    def from_entity(entity: Mapping) -> "Mention":
        return Mention(entity.get("start", 0), entity.get("end", 0), entity["entity"], entity["value"],
                       entity.get("role") or "", tuple(entity.get("candidates") or ()), entity.get("city") or "")


@dataclass(frozen=True)
class Reader:
    """Finds mentions; built once from the knowledge."""

    gazetteer: Gazetteer
    words: Sequence[Word]
    stations: Sequence[Station]

    @cached_property
    def _by_form(self) -> dict[str, Word]:
        return {form: word for word in self.words for form in word.words}

    @cached_property
    def _pattern(self) -> re.Pattern:
        return re.compile("|".join(re.escape(form) for form in sorted(self._by_form, key=len, reverse=True)))

    def find_mentions(self, text: str) -> list[Mention]:
        """Mentions in normalised `text`, left to right."""
        words = self._words(text) + self._named_stations(text)
        taken = [(mention.start, mention.end) for mention in words]
        places = [place for place in self.gazetteer.find(text)
                  if not any(start < place.end and place.start < end for start, end in taken)]
        return sorted(words + self._with_roles(text, places), key=lambda mention: mention.start)

    @cached_property
    def _station_names(self) -> dict[str, Station]:
        """Names that are clearly a station's: those that end like one, not a bare place name."""
        return {name: station for station in self.stations for name in names_of(station) if name.endswith(_STATION_ENDS)}

    @cached_property
    def _station_pattern(self) -> re.Pattern:
        return re.compile("|".join(re.escape(name) for name in sorted(self._station_names, key=len, reverse=True)) or "(?!)")

    def _named_stations(self, text: str) -> list[Mention]:
        found = []
        for match in self._station_pattern.finditer(text):
            station = self._station_names[match.group()]
            found.append(Mention(match.start(), match.end(), STATION, station.title, city=station.city))
        return found

    def _words(self, text: str) -> list[Mention]:
        found = []
        for match in self._pattern.finditer(text):
            word = self._by_form[match.group()]
            if text.startswith(word.not_if, match.end()) if word.not_if else False:
                continue
            if word.entity == "办理原因" and _no_reason(text[:match.start()], word):
                continue
            role = LACKED if word.entity == "证件" or word.lacks else ""
            negated = bool(role) and self._lacked(text, match, word)
            found.append(Mention(match.start(), match.end(), word.entity, word.value, LACKED if negated else ""))
        return found

    @cached_property
    def _rest_of_list(self) -> re.Pattern:
        """What follows the first of several papers: 户口本和身份证都丢了."""
        papers = "|".join(re.escape(form) for form, word in self._by_form.items() if word.entity == "证件")
        return re.compile(rf"(?:(?P<joined>[和跟与及]|以及|还有)|、)?(?:居民)?(?:身份证|{papers})"
                          rf"(?:(?:[和跟与及、]|以及|还有)?(?:居民)?(?:身份证|{papers}))*")

    def _lacked(self, text: str, match: re.Match, word: Word) -> bool:
        """Whether the paper is said to be missing; in 户口本没有居住证 and 户口本没登记 the 没 belongs to what follows."""
        before = text[max(0, match.start() - 9):match.start()]
        denied = _NEGATION.search(before)
        if denied and not self._pattern.search(before, denied.start()):  # 没租约 居住证明找谁出 lacks the first only
            return True
        listed = self._rest_of_list.match(text, match.end())
        after = _LACKED_AFTER.match(text[listed.end() if listed else match.end():])
        if listed and after and not (listed.group("joined") or _ALL_OF_THEM.match(after.group())):
            after = None  # 有户口本居住证没有: only the last one is lacking
        if after and word.value == CARD and _OUT_OF_DATE.search(after.group()):
            return False  # an old card that has expired is still there to be handed in
        end = (listed.end() if listed else match.end()) + after.end() if after else 0
        return bool(after) and not self._pattern.match(text, end) and (
            word.value == "流动人口登记" or not text.startswith("登记", end))

    def _with_roles(self, text: str, places: Sequence[PlaceMention]) -> list[Mention]:
        found: list[Mention] = []
        free = 0  # what stands before belongs to an earlier place: in 江西户口 在武汉, 户口 says nothing of 武汉
        for index, place in enumerate(places):
            following = places[index + 1] if index + 1 < len(places) else None
            role, used = _role(text, place, free, self._served(place))
            if not role and following and _chained(text, place, following):  # 四川甘孜的: the chain shares its role
                role, used = _role(text, following, place.end, self._served(following))[0], place.end
            if not role and found and _chained(text, places[index - 1], place):
                role = found[-1].role
            free = used
            place = place if role == REGISTERED else self.gazetteer.at_home(place)
            chained = bool(found) and place.start - found[-1].end <= 1
            common = text[place.start:place.end] in _COMMON_NOUNS
            if chained or role == REGISTERED or not common and (role or not self._is_stray(text, place)):
                found.append(_mention(text, place, role))
        return found

    def _is_stray(self, text: str, mention: PlaceMention) -> bool:
        """Whether a county elsewhere seems named without 县 or 区 and without a word about living: 音信都没有."""
        name = text[mention.start:mention.end]
        places = mention.candidates or (mention.place,)
        return (not name.endswith(("区", "县", "市", "旗")) and name != text.strip(" 。，,.!！?？的")
                and all(place and place.level == DISTRICT and place.city not in self.gazetteer.served for place in places))

    def _served(self, mention: PlaceMention) -> bool:
        return mention.place is not None and mention.place.city in self.gazetteer.served

    def facts_of(self, mention: Mention) -> Mapping[str, Value]:
        """The facts that a word mention (not a place) states."""
        word = next((word for word in self.words
                     if word.value == mention.value and word.entity == mention.entity), None)
        if word is None:
            return {}
        return word.lacks if mention.role == LACKED else word.has


# What stands between the parts of one place: 四川甘孜, 湖北的恩施; not 广东来武汉.
_JOINS = ("", " ", ",", "的", "省", "市", "州", "县", "区")
# What was lost or has expired is another thing than the identity card; 身份证和户口本都丢了 is not meant.
_OTHER_THING = re.compile(r"(合同|协议|租约|户口[本簿]|护照|驾驶?[照证]|居住证|学生证|手机|银行卡|社保卡|结婚证|回执单?|医保卡|准考证|毕业证)"
                          rf"(但是?|不过)?(是|在)?({_AGO}|今年|明年|下个?月|下周|马上|年底)?(已经|早就|才|快要?|[都也又就给要])?$")
_CARD_TOO = re.compile(r"身份证([和跟与、及连]|还有)[^，。,;；]{0,20}$|身份证[^，。,;； ]{0,12}([都全同也]|一起)$")
_NOT_SO = re.compile(r"((?<!有)没有?|未|没到|(?<!是)不是)$")  # 没过期, 不是丢了; but 有没有过期 asks


def _no_reason(before: str, word: Word) -> bool:
    """Whether the reason is denied, or is said of another thing than the identity card."""
    before = before[-40:]
    other = word.value in ("丢失", "损坏", "有效期满") and _OTHER_THING.search(before) and not _CARD_TOO.search(before)
    return bool(other or (not word.lacks and _NOT_SO.search(before)))


def _chained(text: str, one: PlaceMention, other: PlaceMention) -> bool:
    """Whether the second place stands behind the first and lies in it: 四川甘孜, not 济宁 青岛."""
    places = other.candidates or (other.place,)
    inside = one.place is None or any(place and place.within(one.place) for place in places)
    return inside and text[one.end:other.start] in _JOINS


def _role(text: str, place: PlaceMention, free: int, at_home: bool) -> tuple[str, int]:
    """The role of a place, and how far the words that gave it reach; words before `free` belong to other places.

    `at_home`: the place lies in a served city, so that 武汉的身份证 tells where, not where registered.
    """
    before, after = text[max(free, place.start - 9):place.start], text[place.end:place.end + 8]
    if re.search(r"(不是|不属于|并非|又不是|不在)$", before):
        return NOT_THERE, place.end
    behind = _HUKOU_AFTER.match(after)
    of_the_place = at_home and _OF_THE_PLACE.match(after)
    if behind and not (of_the_place and (of_the_place.group(2) or not re.search(r"[在到来去]", text[place.end:]))):
        return REGISTERED, place.end + behind.end()
    if _HUKOU_BEFORE.search(before):
        return REGISTERED, place.end
    if _LOST_THERE_BEFORE.search(before) or (re.search("[丢掉]$", before) and re.match("[^，。,;；能补办换 ]{0,5}了", after)) or _LOST_THERE_AFTER.match(text[place.end:]) and (
            _THERE_BEFORE.search(before) or (not at_home and re.match(_LOST, after))):
        return LOST_THERE, place.end
    return (LIVING if _LIVING_BEFORE.search(before) or _LIVING_AFTER.match(after) else ""), place.end


def _mention(text: str, place: PlaceMention, role: str) -> Mention:
    if place.place is None:
        names = tuple(_full_name(one) for one in place.candidates)
        return Mention(place.start, place.end, place.candidates[0].level, text[place.start:place.end], role, names)
    level = LANDMARK if place.place.level == AREA else place.place.level
    return Mention(place.start, place.end, level, place.place.name, role, city=place.place.city)


def _full_name(place: Place) -> str:
    return "".join(dict.fromkeys((place.province, place.city, place.name)))
