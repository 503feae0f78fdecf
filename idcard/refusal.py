"""What an answer says of the cases in which nobody is served away from home (不予受理情形).

One of them has two halves, changed looks and no fingerprints, and only both together count. Whoever names one half is asked for the
other: it is neither guessed nor taken for a refusal.
"""
from __future__ import annotations

import re
from typing import Optional

from idcard.facts import Facts, Value

REFUSAL, LOOKS, FINGERPRINTS = "不予受理情形", "相貌是否变化大", "是否录过指纹"
HALVES = (LOOKS, FINGERPRINTS)
NONE, BOTH_HALVES = "无", "相貌变化且无指纹"

# "None of these" as the answer to a list of choices.
_NONE_OF_THESE = re.compile(r"^(应该|好像|大概|估计)?(都)?(没有?|冇得?|木有|无|不是|没|否)(啊|呀|的|哦|呢)?$|(都|也|全)(没|冇|木有|不[^知清懂晓]|无|丢|掉)|没有?(这些|以上|一样|一个|任何)|一[样个](也|都)?(没|冇)|以上皆?无|^(正常|没问题)")
_DENIED = re.compile(r"^(我|咱|俺)?(们)?(可|都|也|从来|从|并)?(没有?|未|不曾|不是|不)(被|有)?(过|上|用|做|失信|伪造|黑|老赖|假|不良|信息|冒)")
_NONE_FIRST = re.compile(r"^(这些|以上|我)?(都|全)?(没有?|不是|不符合)[,， ]")
_OTHER_CASES = (
    ("信息不一致", ("不一致", "对不上", "信息错", "名字不一样", "名字错", "信息不对", "不符", "不一样")),
    ("证件违法行为", ("伪造", "假证", "冒用", "买卖证", "假身份证", "骗领", "冒领")),
    ("不良信用记录", ("失信", "老赖", "黑名单", "不良信用", "不良记录", "信用平台")),
)
_IN = "[^ ,，。;；]"  # within one clause
_FACE = r"(脸|样子|相貌|长相|外貌|容貌|模样|面貌|样貌|长得)"
_PHOTO = r"(照片|证上|以前|从前|过去|原来|小时候|年轻时?|当年)"
_UNCHANGED = re.compile(
    rf"没(有|怎么|咋|啥|什么|太)*(大)?(变|整|动过)|(变化|改变)(不大|不算大|很小|较小|小|没有|没啥|不多)|不(怎么|太|咋)?变|没{_IN}{{0,3}}[胖瘦老]"
    rf"|还是(老样子|那样|原样|那个样)|(稍微|略|有点|有些)(微)?[变胖瘦老]|[变胖瘦老]了?一?[点些]|{_PHOTO}{_IN}{{0,4}}(?<!不)(?<!不太)(一样|差不多)|[认看]得出")
_CHANGED = re.compile(
    rf"整.{{0,2}}容|毁容|烧伤|烫伤|[动做垫开割整削填打隆][过了]?{_IN}{{0,2}}(脸|鼻|眼角|双眼皮|下巴|骨|针)|变样|变化[^ ,，。不]{{0,3}}大|大变"
    rf"|{_FACE}{_IN}{{0,4}}(变|不太?一样|不同|不像)|变了{_IN}{{0,2}}[多少样]|[胖瘦老]了|长[胖变开残大]|发[福胖]|暴[瘦胖]|减了?[肥重]|认不[出得]"
    rf"|判若两人|不(太|大|怎么|咋|是很|很|是太)?像|{_PHOTO}{_IN}{{0,5}}(不太?一样|不同|不像|对不上|差[很好挺蛮太]?[大多远])")
_NO_FINGERPRINTS = re.compile(
    rf"没有?(录|采|登记|留|按|弄|打|存|收){_IN}{{0,3}}(指纹|手印)|没有?指纹|无指纹|(指纹|手印)[^ ,，。有]{{0,4}}[没未]|[没未][^ ,，。有]{{0,5}}(指纹|手印)|不[用要需必兴]*[录采留按][^ ,，。有]{{0,2}}(指纹|手印)")
_HAS_FINGERPRINTS = re.compile(rf"(指纹|手印)[^ ,，。没未不]{{0,4}}(录|采|登记|留|按|有|存)|(有|录|采|留|按|登记){_IN}{{0,4}}(指纹|手印)")
_NOT_TAKEN, _TAKEN = re.compile(r"[没未][有要]?[录采按留弄打]|不[用要需必兴]*[录采按留]"), re.compile(r"[录采按留弄打][集入]?[过了的]")
_PLAINLY_BIG = re.compile(r"^(是|有|挺|蛮|很|非常|特别|相当|比较|变化|变得)*(大|多|变了?)(的|了|吧|啊|呢)*$")
_PLAINLY_SMALL = re.compile(r"^(变化|也|倒)*(不|没)(算|是|怎么|那么|多|太|很|特别)*(大|多)(的|了|吧|啊|呢)*$|^(还|都|也|是)*(一样|差不多|还好|还行|没啥|不会)(的|吧|啊)*$")


def is_none(plain: str) -> bool:
    """Whether the answer to a list of choices is that none fits."""
    return len(plain) <= 12 and bool(_NONE_OF_THESE.search(plain))


def is_none_at_all(plain: str) -> bool:
    """Whether the whole list is denied, though one half was asked for: 都没有 is no answer to 录过指纹吗."""
    return is_none(plain) and bool(re.match("(我|这些|以上)*(都|全|一[样个]|没有?这些|以上)", plain)) and not _names_a_half(plain)


def read(plain: str, asked: str) -> dict[str, Value]:
    """What `plain`, an answer to the question for `asked` (the case or a half of it), says: a case, or halves of the one."""
    case = _case(plain) if asked == REFUSAL else None
    return {REFUSAL: case} if case else _halves(plain, asked)


def concluded(said: dict[str, Value], asked: str, known: Facts) -> dict[str, Value]:
    """`said` with the case that follows from both halves; `known` is what was said before `asked`."""
    if asked not in (REFUSAL, *HALVES) or not said or REFUSAL in said:
        return said
    looks, fingerprints = (said.get(name, known.get(name)) for name in HALVES)
    if looks is True and fingerprints is False:
        return {**said, REFUSAL: BOTH_HALVES}
    return {**said, REFUSAL: NONE} if looks is False or fingerprints is True else said


def _case(plain: str) -> Optional[str]:
    """None of the cases, or one of those that are said in a word."""
    if _DENIED.match(plain) or ((_NONE_FIRST.match(plain) or is_none(plain)) and not _names_a_half(plain)):
        return NONE
    if _CHANGED.search(plain) and not re.search("名|姓|出生|户口", plain):  # 跟照片对不上 is no wrong name
        return None
    return next((value for value, words in _OTHER_CASES if any(word in plain for word in words)), None)


def _names_a_half(plain: str) -> bool:
    return bool(_NO_FINGERPRINTS.search(plain) or _CHANGED.search(plain) and not _UNCHANGED.search(plain))


def _halves(plain: str, asked: str) -> dict[str, Value]:
    """The halves that are said, each true or false."""
    said: dict[str, Value] = {}
    if _UNCHANGED.search(plain) or (asked == LOOKS and _PLAINLY_SMALL.match(plain)):
        said[LOOKS] = False
    elif _CHANGED.search(plain) or (asked == LOOKS and _PLAINLY_BIG.match(plain)):
        said[LOOKS] = True
    if _NO_FINGERPRINTS.search(plain) or (asked == FINGERPRINTS and _NOT_TAKEN.search(plain)):
        said[FINGERPRINTS] = False
    elif _HAS_FINGERPRINTS.search(plain) or (asked == FINGERPRINTS and _TAKEN.search(plain)):
        said[FINGERPRINTS] = True
    return said


def to_ask(fact: str, known: Facts) -> str:
    """The fact to ask for where `fact` is needed: the other half of the case of which one is known."""
    if fact != REFUSAL:
        return fact
    if known.get(LOOKS) is True:
        return FINGERPRINTS
    return LOOKS if known.get(FINGERPRINTS) is False else REFUSAL


def answers(asked: str, said: Facts) -> bool:
    """Whether `said` answers the question for `asked`. One half of the case answers the question for it, as the other is then
    asked; and the case answers the question for a half."""
    related = HALVES if asked == REFUSAL else (REFUSAL,) if asked in HALVES else ()
    return bool(asked) and any(name in said for name in (asked, *related))


def settled(facts: Facts) -> dict[str, Optional[Value]]:
    """`facts` without the halves, once the case is known: they say nothing more."""
    return {name: value for name, value in facts.items() if name not in HALVES or facts.get(REFUSAL) is None}
