"""How a sentence is put: whether it asks, supposes, corrects, denies or gives up, and whom it is about.

The one place for these words, for whoever reads a message: facts, conversation, classification. All texts are normalised.
"""
from __future__ import annotations

import re

_ASKS = re.compile(
    r"吗|多少|哪|(?<![没不])怎|怎么(?![变老胖瘦动改像认])|(什么|啥)(?!.{0,3}[都也])(?<!没啥)(?<!没什么)|(?<![前好])几(?!年|个月|周|十|百)|多久|咋|如何|谁|为何|何时|[?？]|么$|么[样事斯]|要钱"
    r"|能不能|可不可以|要不要|行不行|会不会|算不算|是不是|有没有|用不用|需不需要|好不好"
    r"|(?P<can>[能行可要会])[^，。]{0,2}不(?P=can)|[能可要行用给收得].{0,8}[不没]么?$|(?<![没有着在是的])(?<!没登记)(?<!还没办)呢")
_NEEDS = re.compile(r"需要|呢|[能可]以?(去|办|来|不能)|行不")
_DOES_NOT_KNOW = re.compile(r"不知道|不晓得|不清楚|不记得|记不|忘了(?!带)|不确定|搞不清|说不清|分不清|弄不清|说不准|不好说")
_DOES_NOT_UNDERSTAND = re.compile(r"不懂|不明白|没听?懂|没明白|没看懂|看不懂")
_IF = re.compile(r"要是|如果|假如|假设|假使|万一|倘若|的话|若是|比如说?我|换成")
_CORRECTS = re.compile(r"(不对(?!应|上)|按错|点错|选错|说错|搞错|弄错|打错|记错|看错|不是.{0,6}[,，是]|改一下|改成|更正|应该是|纠正|写错|错了|等下|等一下|其实|说反了|口误)")
_AFTERTHOUGHT = re.compile(r"(那|的话|该)*(怎么办|咋办|咋搞|怎么弄|怎么搞|可以吗|行吗|能办吗|行不行|可不可以)?[?？]?$")
_CLAUSE_END = re.compile(r"[\s，,。;；！!、]+|(?<=[?？])")

_RELATIVE = (r"妹妹?|姐姐?|哥哥?|弟弟?|爸爸?|妈妈?|父亲|母亲|老公|老婆|爱人|媳妇|丈夫|妻子|儿子|女儿|孩子|小孩|娃|爷爷|奶奶|外公|外婆|姥爷|姥姥"
             r"|男朋友|女朋友|朋友|同事|室友|同学|亲戚|员工|工友|父母|公公|婆婆|岳父|岳母|孙子|孙女|老人|家人")
_SOMEONE = re.compile(rf"((?<![和跟在与同找])(?:我家?的?|俺的?)|[帮给替]我?|^)({_RELATIVE})(?!的名字|那|家|开|陪|带)")
_OF_A_PAPER = re.compile(r"(居住证|登记|学生证|合同|执照|户口[本簿])$")
_OF_SOMEONE = re.compile(rf"({_RELATIVE}|别人|人家|他|她|房东|老板)(们)?的$")
_ON_BEHALF = re.compile(rf"[给帮替](我|俺)?家?的?({_RELATIVE})[^，。,]{{0,4}}[办补换问弄]|({_RELATIVE})(的)?(身份证)?呢([?？，,。 ]|$)|({_RELATIVE})也[要想得]|问[下问]?(我|俺)?家?的?({_RELATIVE})|不是我.{{0,4}}({_RELATIVE})")
_WHAT_ABOUT = re.compile(r"^(那么?|要是|如果)?[^,，。?？ ]{1,10}(呢|嘞|咧)[?？]*$|^(那么?|要是|如果)[^,，。?？ ]{1,8}[呀]?[?？]*$")
_OTHER_HOUSEHOLD = re.compile(r"^(那么?|要是|如果|换)?(是|对)?(外省|外地|省外|外市|别的省|其他省|非本地|不是本地)(来)?(的|人|户口|户籍)*(呢|嘞|咧|怎么[办弄说]|行吗|可以吗|能办吗|呀)?[?？]*$")
_STUDIES = re.compile(r"[读念](书|大学|研|博|高中|初中|中学|小学)|上(大?学|高中|初中|中学|小学)|大学生|研究生|在校|学生(?!证)|大[一二三四](的|学|在|了|$)")
_NO_STUDENT = re.compile(r"(不是|没有?|不)[^,，。 ]{0,3}(学生|读|上学|在校)|毕业|退学")
_ONESELF = re.compile(r"我自己|我本人|我呢|那我的|我的呢|本人呢")
_DENIES = re.compile(r"(没有?|没得|冇得?|木有|不是|无|不想|不用|不需要|不要|不会|别|未|不)(去|在|用|办|要|有|走|是|打算)?$")


def asks(text: str) -> bool:
    """Whether the text asks something: 要多久, 能办不; not 什么都没有, 还没有呢."""
    return bool(_ASKS.search(text))


def clauses(text: str) -> list[str]:
    """The clauses of a text, as marks and spaces part them."""
    return [clause for clause in _CLAUSE_END.split(text) if clause]


def told(text: str) -> str:
    """What the text tells rather than asks: 有居住证 of 有居住证，多少钱. A clause that gives up tells nothing."""
    return " ".join(clause for clause in clauses(text) if not asks(clause) and not gives_up(clause))


def asks_about(clause: str) -> bool:
    """Whether a paper named in this clause is asked about rather than held: 居住证怎么办, 需要居住证."""
    return asks(clause) or gives_up(clause) or bool(_NEEDS.search(clause))


def gives_up(text: str) -> bool:
    """Whether the speaker does not know or does not understand."""
    return does_not_know(text) or bool(_DOES_NOT_UNDERSTAND.search(text))


def does_not_know(text: str) -> bool:
    return bool(_DOES_NOT_KNOW.search(text))


def supposes(text: str) -> bool:
    return bool(_IF.search(text))


def corrects(text: str) -> bool:
    return bool(_CORRECTS.search(text))


def without_correction(text: str) -> str:
    """都没有 of 按错了，都没有."""
    return _CORRECTS.sub("", text).strip(" ，,。了是")


def without_afterthought(text: str) -> str:
    """没有居住证 of 没有居住证怎么办."""
    return _AFTERTHOUGHT.sub("", text, count=1)


def someone_else(text: str) -> str:
    """Whom it is about, where not the speaker: 妈. '' where nobody is named."""
    found = _SOMEONE.search(text)
    return found.group(2) if found else ""


def what_about(text: str) -> bool:
    """Whether the text asks the same as before of another case: 那到期换呢."""
    return bool(_WHAT_ABOUT.match(text))


def other_household(text: str) -> bool:
    """Whether it asks the same as before of people from elsewhere: 那外省的呢."""
    return bool(_OTHER_HOUSEHOLD.match(text))


def in_full(text: str) -> str:
    """那本地户口的呢 of 那本地的呢: the words by which the answers tell households apart."""
    return re.sub(r"^(那么?)?(本地|本市|当地)的?(?=[呢嘞咧])", r"\1\2户口的", text)


def studies(text: str) -> bool:
    """Whether somebody says that they study: 我在武大读书. It is not said that they have a student card."""
    return bool(_STUDIES.search(text)) and not _NO_STUDENT.search(text)


def on_behalf(text: str) -> bool:
    """Whether the text says that the card is somebody else's: 给我妈办, 那我老婆呢."""
    return bool(_ON_BEHALF.search(text))


def about_oneself(text: str) -> bool:
    """Whether it is about the speaker after all: 那我自己呢."""
    return bool(_ONESELF.search(text))


def means(text: str, word: str) -> bool:
    """Whether `word` occurs in the text in its own right: not denied (没有学生证), not somebody else's (老婆的居住证),
    not said of another thing (居住证没办过 is no first card)."""
    start = text.find(word)
    while start >= 0:
        before = text[max(0, start - 6):start]
        another = _OF_SOMEONE.search(before) or (word.startswith("没") and _OF_A_PAPER.search(before))
        if not _DENIES.search(before) and not another:
            return True
        start = text.find(word, start + 1)
    return False
