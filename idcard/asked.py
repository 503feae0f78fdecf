"""What a message says in answer to the question just asked: a button in other words, yes or no, none of these."""
from __future__ import annotations

import re
from typing import Optional, Sequence

from idcard import phrasing, refusal
from idcard.facts import Fact, Facts, Value
from idcard.reading import Mention
from idcard.text import normalise

PERMIT, PROOF, URGENT, TODAY, REUSE = "是否有居住证", "居住凭证", "是否急需用证", "是否当天登记", "沿用前面说的"
MIGRANT = "是否登记流动人口"
MARKS = " 。，,.!！~～"
_GUESSING = r"(应该|好像|大概|可能|估计|我记得)?(是)?"
_NO = re.compile(rf"^(嗯+|那|哦|啊)?[,， ]*{_GUESSING}(没有?(?!错|问题|事)|没得|冇得?|木有|无|不是|不需要|不用|用不着|用不上|不要|不急|否|未|还没|从来没|都没|不|不对|没办|没登|不曾|都不|没这|(什么|啥)都没)")
_YES = re.compile(rf"^(我|俺)?{_GUESSING}(嗯+|恩+|对|是|有|要|需要|办了|办过|登记|好|可以|行|急|没错|没问题|(已经|早就?)(办|有)?|在有效期|肯定|当然)(的|呀|啊|了|过|哦|吧|滴|嘞|呢|急|需要|要|有|登记|好)*([,， ].*)?$")
# 有一张, 是这样的, 去年办过: a yes only where nothing else is named.
_YES_TO = re.compile(rf"^(我|俺)?{_GUESSING}(有|是|对)(?P<what>[^，。]{{0,6}})$|^{_GUESSING}(?P<done>[^ 不没未]{{0,4}})[录按采留存做弄办登]过(的|了|啊|呀|吧)*$")
_FILLER = re.compile(r"我|俺|有|是|对|且|也|都|还|的|了|[呀啊哦吧嘞呢滴啦哈嘛哒哇咧噻呐头]|过|着|在|这样|那样|[这那一两]?[个张本样]|这|那|[0-9一二两三四五六七八九十半几好多]+(年|个?月|天)多?|没错|没问题|当然|肯定|确实|已经"
                     r"|办|弄|做|需要|要|急|好|有?效|卡|证|手[上里印]|身[上边]|家里|以前|之前|曾经|早就?|上次|[去前今]年|上?个?月|电子[版的]|必要|但是?没带")
_NO_CHOICE = ("学生", "有效", "证件")  # studying is not yet a student card; the others stand on every button as well
_OTHER_THINGS = re.compile(r"合同|社保|公积金|房产|房本|房子|工作|单位|照片|相片|回执|指纹|手印|护照|驾|户口|学生|学籍|执照|报案|挂失|暂住证|居住证|发票|证明|押金|预约|身份证|带|上班")
_ELSEWHERE = re.compile(r"不[在来去住想上]")
_EXPIRED = re.compile(r"过期|到期|失效|过了期|超期")
_NOT_YET = re.compile(r"(快|就?要|即将|马上|将|没有?|未|不|不会|才|下个?月|下周|下半年|明年|明天|后天|[年月]底|(还有|还剩|还差|再过|剩)[^,，。 ]{0,6})[^,，。 有了]{0,3}(过期|到期|失效|超期)"
                      r"|(?<![去前])(?<!上)(?<!上个)[年月日号][^,，。 有了]{0,3}(过期|到期|失效)(?!了)")
# The temporary card, or how soon a card is needed.
_NOT_URGENT = re.compile(r"(不|别|甭|无需|免)(是|太|很|多|算|特别|怎么|那么|会|打算|想|用|需要|要|着|必)*(临时|急|赶|要|用|办)|没有?(那么|这么|啥|什么)*[急赶]|临时[^,，。 ]{0,6}(不|算了|免|用不着)|(等|来)得[起及]|(?<!不)[可能]以?(慢慢)?等|慢慢|不急|不赶|先不")
_URGENT = re.compile(r"(要|需|得|想|办|有|弄|来|整|搞)[^,，。 不]{0,4}临时|临时[^,，。 不]{0,4}[要需办弄]|急|等不[及了起]|不能等|赶(时间|着)|(马上|立刻|尽快|等着|这几天|最近|天天|每天)[^,，。 ]{0,6}[用要坐]|耽误不")


def answer_to(fact: Fact, text: str, mentions: Sequence[Mention], known: Facts) -> dict[str, Value]:
    """What `text` says as an answer to the question for `fact`: its value; of a case with two halves also one of them; or nothing."""
    if fact.name in refusal.HALVES and refusal.is_none_at_all(_told(text)):
        return {refusal.REFUSAL: refusal.NONE}
    value = _value(fact, text, mentions)
    said: dict[str, Value] = {} if value is None else {fact.name: value}
    if fact.name in (refusal.REFUSAL, *refusal.HALVES) and pressed(fact, text) is None:
        said.update(refusal.read(_told(text), fact.name))
    return refusal.concluded(said, fact.name, known)


def _value(fact: Fact, text: str, mentions: Sequence[Mention]) -> Optional[Value]:
    plain = _told(text)
    value = pressed(fact, text)
    if value is not None or not plain or fact.name == refusal.REFUSAL:
        return value
    if fact.kind == "boolean":
        if fact.name == refusal.LOOKS and re.search("[点些]", plain):
            return None  # 有点: not yet a great change
        return _yes_or_no(fact, plain, mentions)
    if fact.kind == "choice" and "无" in fact.values and refusal.is_none(plain):
        return "无"
    return _part_of_a_button(fact, phrasing.told(text).strip(MARKS)) if fact.kind == "choice" else None


def _told(text: str) -> str:
    return phrasing.told(phrasing.without_afterthought(text.strip(MARKS))).strip(MARKS)


def _part_of_a_button(fact: Fact, plain: str) -> Optional[Value]:
    """第一次, 营业执照, 换: words that stand on just one of the buttons."""
    said = re.sub(r"^(我|俺|就|是|有|要|想|选|那个)+|(还在|在手上|在身边|带着|在|有|的|了|吧|呢|啊|这个|那个)+$", "", plain)
    if said in _NO_CHOICE or fact.name == "办理类型" and said.removeprefix("办") == "身份证" or len(said) == 1 and said not in "换补坏丢":
        return None
    fitting = [button.value for button in fact.buttons if said and said in normalise(button.title)]
    return fitting[0] if len(fitting) == 1 else None


def pressed(fact: Fact, text: str) -> Optional[Value]:
    """The value of the button of which `text` is the title or the value."""
    plain = text.strip(MARKS)
    return next((button.value for button in fact.buttons
                 if plain in (normalise(button.title), str(button.value).lower())), None)


def expired(text: str) -> bool:
    """Whether it says that a paper has expired: 过期了; not 快到期了, 下个月到期, 还没过期."""
    return bool(_EXPIRED.search(_NOT_YET.sub("", text)))


def _yes_or_no(fact: Fact, plain: str, mentions: Sequence[Mention]) -> Optional[bool]:
    by_words = _BY_WORDS.get(fact.name)
    value = by_words(plain) if by_words else None
    if value is not None:
        return value
    if len(plain) > 15 or any(mention.entity == "证件" and mention.value != "流动人口登记" for mention in mentions):
        return None
    first = re.split("[,，。 ]", plain, 1)[0]
    if any(word in first and fact.name not in facts for word, facts in _ONLY_OF.items()) or _ELSEWHERE.match(first):
        return None
    denied = _NO.match(plain)
    if denied:
        what = re.split("[,，。 ]", plain[denied.end():], 1)[0]
        return None if _OTHER_THINGS.search(_beyond(fact, what)) else False
    if _YES.match(plain):
        return True
    named = _YES_TO.match(plain)
    is_plain = named and not mentions and not _FILLER.sub("", _beyond(fact, named["what"] or named["done"] or ""))
    return True if is_plain else None


def _beyond(fact: Fact, said: str) -> str:
    """`said` without what the question, its buttons and its explanation say themselves."""
    explained = "" if fact.name == refusal.LOOKS else fact.unsure  # that one names what does not count
    asked = normalise(" ".join((fact.question, explained, *(button.title for button in fact.buttons))))
    for size in range(len(said), 1, -1):
        for start in range(len(said) - size + 1):
            if said[start:start + size] in asked:
                return _beyond(fact, said[:start]) + _beyond(fact, said[start + size:])
    return said


def _permit(plain: str) -> Optional[bool]:
    """It must be valid: one that expires soon still is."""
    if expired(plain):
        return False
    return True if _EXPIRED.search(plain) else None


def _urgent(plain: str) -> Optional[bool]:
    if _NOT_URGENT.search(plain):
        return False
    return True if _URGENT.search(plain) else None


def _today(plain: str) -> Optional[bool]:
    if re.search(r"昨|前天|上[周个月]|去年", plain):
        return False
    if re.search(r"今天|今早|早上|上午|中午|下午|刚(?!好|搬|毕业|来|到|租|打)|当天|今日", plain) and not plain.startswith("不"):
        return True
    return False if re.search(r"前|早|久|年|月", plain) else None


def _registered(plain: str) -> Optional[bool]:
    """是房东登的, 网格员来登过."""
    return True if re.search(r"登记?[过的了好]|录入|采集", plain) and not re.search("[没未不冇]", plain) and not phrasing.asks(plain) else None


def _same_again(plain: str) -> Optional[bool]:
    same = re.search(r"(不|没有?)?(一样|照用|照旧|算数|变|重新|改)", plain)
    return bool(same.group(1)) == (same.group(2) in ("变", "改")) and same.group(2) != "重新" if same else None


# A yes or no with one of these words answers these questions only.
_ONLY_OF = {"登记": (MIGRANT, refusal.FINGERPRINTS), "急": (URGENT,), "指纹": (refusal.FINGERPRINTS,), "手印": (refusal.FINGERPRINTS,),
            "身份证": (URGENT, REUSE),
            **{done: (MIGRANT, refusal.FINGERPRINTS) for done in ("录过", "按过", "采过", "留过")}}
_BY_WORDS = {PERMIT: _permit, MIGRANT: _registered, URGENT: _urgent, TODAY: _today, REUSE: _same_again}
