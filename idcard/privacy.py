"""Masks what must never be written down: resident ID numbers, phones, bank cards, names after 我叫/姓名.

mask() keeps the length of the text, so that offsets of entities stay valid. Whatever writes text down calls it first.
"""
from __future__ import annotations

import re
import unicodedata

_ID = re.compile(r"(?<![0-9])[1-9][0-9](?:[ -]?[0-9]){15}[ -]?[0-9xX](?![0-9])|(?<![0-9])[1-9][0-9]{14}(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_NAME = re.compile(r"((?:我叫|我的名字叫|我名字叫|姓名(?:是|叫|:|：| )?))([\u4e00-\u9fff]{2,3}?)(?=[，。,.;；、！!？? ]|$|身份证|的|我|想|要|在|户口|今年)")
STAR = "*"


def mask(text: str) -> str:
    """`text` with every private number and stated name replaced by stars; same length."""
    plain = "".join(_half_width(character) for character in text)
    hidden = [False] * len(text)
    for pattern in (_ID, _MOBILE):
        for match in pattern.finditer(plain):
            _hide(hidden, match.start(), match.end())
    for match in _CARD.finditer(plain):
        if _luhn(match.group()):
            _hide(hidden, match.start(), match.end())
    for match in _NAME.finditer(plain):
        _hide(hidden, match.start(2), match.end(2))
    return "".join(STAR if masked else character for character, masked in zip(text, hidden))


def _hide(hidden: list[bool], start: int, end: int) -> None:
    hidden[start:end] = [True] * (end - start)


def _half_width(character: str) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


def _luhn(digits: str) -> bool:
    numbers = [int(digit) for digit in digits if digit.isdigit()]
    doubled = [number if index % 2 == 0 else sum(divmod(2 * number, 10)) for index, number in enumerate(reversed(numbers))]
    return sum(doubled) % 10 == 0
