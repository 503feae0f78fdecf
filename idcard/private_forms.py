"""One plain form of a text in which private things can be looked for, however they were typed, spoken or hidden.

Full-width and other digits become 0-9, traditional characters simplified, letters small, dashes "-", blanks one blank.
What cannot be seen is left out, and so are small tags and %20: a number that is cut by them is whole again. `Plain.at` leads back.
"""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Sequence

from idcard.text import normal

HIDDEN = "\0"  # stands for what has been found already or is left alone: part of no pattern

_NOISE = re.compile(r"%[0-9A-Fa-f]{2}|</?[A-Za-z]{1,10} ?/?>|&(?:nbsp|ensp|emsp|shy|amp|quot);")
_X = set("xXｘＸ×✕✖✗хХχΧⅹⅩ╳乂")

# Read aloud over the telephone: 幺 (1), 两 (2), 拐 (7), 洞 (0), 勾 (9); written on forms: 壹贰叁.
_NUMERALS = str.maketrans("零〇○◯洞一壹弌幺么二贰弍两三叁弎四肆五伍六陆七柒拐八捌九玖勾", "00000" "11111" "2222" "333" "44" "55" "66" "777" "88" "999")
_NUMERAL = "[零〇○◯洞一壹弌幺么二贰弍两三叁弎四肆五伍六陆七柒拐八捌九玖勾]"
SPOKEN = re.compile(f"(?:{_NUMERAL}[^\u4e00-\u9fff]{{0,3}}[嗯呃额啊哦]?){{3}}|{_NUMERAL}.?[0-9]{{2}}|[0-9]{{2}}.?{_NUMERAL}|[0-9]o[0-9o]")
# 一直, 一个, 两次, 什么 are words: 幺三八…零零一直没人接 ends before 一直.
_WORDS = re.compile("一(?=[直样下个次般共起定切张遍边会点些家旦半年月天])|两(?=[个次张年月天遍])|(?<=[什怎这那多要])么|(?<=[第有这那同统唯])一")
_FILLERS = str.maketrans("嗯呃额啊哦", "     ")
_LETTER_O = re.compile("(?<=[0-9])o+(?=[0-9])")


@dataclass(frozen=True)
class Plain:
    """`text[i]` stands for the character `at[i]` of the original."""

    text: str
    at: Sequence[int]


def plain(text: str) -> Plain:
    """The plain form of `text`; at most as long."""
    if "%" in text or "<" in text or "&" in text:
        text = _NOISE.sub(lambda noise: " " + "\u200b" * (len(noise.group()) - 1), text)
    forms: list[str] = []
    at: list[int] = []
    for index, character in enumerate(text):
        form = _form(character)
        if form and not (form == " " and forms and forms[-1] == " "):
            forms.append(form)
            at.append(index)
    return Plain("".join(forms), at)


@lru_cache(maxsize=8192)
def _form(character: str) -> str:
    """The plain form of one character, "" for what cannot be seen."""
    if "a" <= character <= "z" or "0" <= character <= "9":
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Cs", "Mn", "Me"):
        return ""
    if character in _X:
        return "x"
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return "-" if category == "Pd" or character in "_−~～" else normal(character)


def with_numerals_as_digits(text: str) -> str:
    """Plain `text` of equal length with 一二三, 壹贰叁, 幺两 and the letter o among digits as digits."""
    text = _WORDS.sub(lambda word: "无", text).translate(_FILLERS).translate(_NUMERALS)
    return _LETTER_O.sub(lambda letters: "0" * len(letters.group()), text)
