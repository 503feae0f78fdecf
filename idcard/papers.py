"""Which papers a citizen asks about: whether this one will do, 拿驾照行吗, 校园卡可不可以."""
from __future__ import annotations

import re

from idcard import phrasing
from idcard.reading import CARD, LACKED, Reader

# What may stand between a paper and the question whether it will do: 驾照去补办身份证也可以吗.
_BETWEEN = r"(?:[\s，,]|原件|[也就都来去给我]|直接|单独|这种|代替[^，。,?？]{0,6}|办理?|补办?|换领?|身份证|在?这[里边]?)*"
_WILL_DO = re.compile(rf"{_BETWEEN}(?:可不?可?以|行不|行[吗么嘛得]|行[?？]?$|能不?能?[用办补换行当顶代]|管不?管?用|算[不数吗么]|有用|有效吗|好使|作数|够[不吗么用]"
                      r"|得行|中不?中|认[不吗么])")
# A noun for a paper at the end of which the words above stand; 身份证, 换证 and 办证 are what it is all about.
_NOUN = re.compile(r"证[明书]|(?<![份换补领办取保认签二代旧原老新假两凭验])证|通知书|卡|[工胸]牌|单[子据]?|函|介绍信|协议|回执|凭条|发票|收据|复印件|扫描件"
                   r"|截图|报告|档案")
_CLAUSE_START = re.compile(r"[^\s，,。;；!！?？]*$")


def papers_offered(text: str, reader: Reader) -> tuple[str, ...]:
    """The papers of which normalised `text` asks whether they will do: canonical where words.yml has them (身份证 itself is
    none), else the noun. A paper that is lacking is not offered."""
    if not phrasing.asks(text):
        return ()
    mentions = [mention for mention in reader.find_mentions(text) if mention.entity == "证件"]
    known = [mention.value for mention in mentions if mention.role != LACKED and mention.value != CARD
             and _WILL_DO.match(text, mention.end)]
    unknown = [noun.group() for noun in _NOUN.finditer(text) if _WILL_DO.match(text, noun.end()) and not _denied(text, noun.start())
               and not any(mention.start < noun.end() <= mention.end for mention in mentions)]
    return (*known, *unknown)


def _denied(text: str, start: int) -> bool:
    """Whether the clause before denies what follows: 没有校园卡."""
    before = _CLAUSE_START.search(text[:start])
    return bool(before and re.search(r"没|无|冇|不用|不带|忘|丢", before.group()))
