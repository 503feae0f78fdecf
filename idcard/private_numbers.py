"""Finds private numbers in plain text (idcard.private_forms): resident IDs, phones, bank cards, passports, plates.

A number may be cut into groups, as people write and dictate it. What a number is called beside it decides where its form alone
does not: an order number is no card, 11 digits that begin with 13 to 19 are a phone whatever stands before.
"""
from __future__ import annotations

import re
from typing import Iterator

from idcard.private_forms import HIDDEN

ID, PHONE, CARD, PASSPORT, PLATE = "身份证号", "电话号码", "银行卡号", "护照号", "车牌号"
Span = tuple[str, int, int]  # kind, start, end

_PROVINCES = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|7[1]|8[1-3]|91"  # GB/T 2260; 83 Taiwan, 91 permanent residents from abroad
_GAP = r"[^\w*:%¥$\0]{0,3}"  # blanks and marks between digits; "*" means that somebody has masked already, ":" a time
_DIGIT = f"{_GAP}[0-9]"
_X = "(?:[0-9](?![0-9])|[大小]?写?x|叉|艾克斯|爱克斯|埃克斯)"

_ID_18 = re.compile(f"(?<![0-9])(?=([0-9]{_DIGIT}(?:{_DIGIT}){{15}}{_GAP}{_X}))")
_ID_15 = re.compile(f"(?<![0-9])(?=([1-8](?:{_DIGIT}){{14}})(?![0-9]))")
_ID_INSIDE = re.compile(f"(?=((?:{_PROVINCES})[0-9]{{15}}[0-9x]))")
_CALLED_ID = re.compile(f"(?:身份证|身份|证件|居住证)(?:的)?(?:件|证)?(?:号码|编号|号)?(?:是|为|叫|填|:|,|，|\\(| ){{0,3}}([0-9](?:{_DIGIT}){{13,19}}(?:{_GAP}x)?)(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_COUNTRY = rf"(?:\(?(?:\+|00)?86{_GAP}|0)?"
_MOBILE = re.compile(rf"(?<![0-9])({_COUNTRY}1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}})(?![0-9])")
_MOBILE_IN_GROUPS = re.compile(f"(?<![0-9])(?=({_COUNTRY}(1{_GAP}[3-9](?:{_DIGIT}){{9}}))(?![0-9]))")
_AREA = r"\(?(?:0|(?:\+|00)86[ -]?0?)(?:10|2[0-9]|[3-9][0-9]{2})\)?"
_LANDLINE = re.compile(rf"(?<![0-9])({_AREA}{_GAP}[2-8][0-9]{{2,3}}{_GAP}[0-9]{{4}})(?![0-9])")
_LANDLINE_IN_GROUPS = re.compile(f"(?<![0-9])(?=((0(?:{_DIGIT}){{9,11}}))(?![0-9]))")
_LANDLINE_DIGITS = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_LOCAL = r"([2-8][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
_CALLED_PHONE = re.compile(f"(?:电话|座机|固话|手机|来电|联系方式|tel|phone)(?:号码?)?(?:是|为|打|:|，|,| ){{0,3}}{_LOCAL}")
_RUNG = re.compile(f"(?<![0-9-]){_LOCAL}(?=[ ,，]?(?:这个|那个)?(?:电话|座机|打不通|没人接|联系我))")

_CARD = re.compile(f"(?<![0-9])(?=([3-69](?:{_DIGIT}){{15,18}}))")
_TELEPHONE = re.compile(f"1[3-9][0-9]{{9}}|{_LANDLINE_DIGITS.pattern}")
_PASSPORT = re.compile(r"(?<![a-z0-9])(?:[egpsdkchmwt][ -]?[0-9]{8}|[hm][0-9]{10}|e[a-hj-np-z][ -]?[0-9]{7})(?![a-z0-9])")
_CALLED_PASSPORT = re.compile(f"(?:护照|通行证|台胞证|回乡证)(?:号码?|编号)?(?:是|为|:|,|，| ){{0,3}}([a-z]{{0,2}}{_GAP}[0-9]{{7,10}})(?![0-9a-z])")
_PLATE = re.compile("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][ ·.-]?"
                    "(?=[a-z]{0,2}[0-9][0-9a-z]*)[0-9a-z]{4,5}[0-9a-z挂学警港澳](?![0-9a-z])")

# Numbers that are called so belong to a thing or a file, not to a person.
_OF_A_THING = re.compile(r"(?:订单|单号|流水|运单|快递|编号|受理号|案号|文号|条码|序列|交易|凭证|批次|回执|学号|考号|考证|工号|qq|imei|信用代码|"
                         r"发票|税号|型号|版本|编码|合同号|页码|群号)[^0-9]{0,6}$")
_SOME_DIGITS = re.compile(f"[0-9](?:{_DIGIT}){{2}}|[0-9][0-9a-z]{{4}}")
_DIGIT_BEFORE = re.compile(f"[0-9]({_GAP})$")
_DIGIT_AFTER = re.compile(f"({_GAP})[0-9]")
_NO_GROUPS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}.*")
_ENUMERATED = re.compile(r"[,，、;；/.。]")


def find_numbers(text: str) -> list[Span]:
    """Private numbers in plain `text`, none over another."""
    found: list[Span] = []
    if not _SOME_DIGITS.search(text):
        return found
    for finder in (_ids, _cards, _phones, _papers):
        for span in finder(text):
            found.append(span)
        for _, start, end in found:  # a piece of a number is no other number
            text = text[:start] + HIDDEN * (end - start) + text[end:]
    return found


def _ids(text: str) -> Iterator[Span]:
    free = 0
    for match in _CALLED_ID.finditer(text):
        yield ID, match.start(1), match.end(1)
        text = text[:match.start(1)] + HIDDEN * len(match.group(1)) + text[match.end(1):]
    for pattern, is_one in ((_ID_18, _is_18), (_ID_15, _is_15), (_ID_INSIDE, _is_sure)):
        for match in pattern.finditer(text):
            start, end = match.span(1)
            if start >= free and HIDDEN not in match.group(1) and is_one(text, start, end):
                yield ID, start, end
                text, free = text[:start] + HIDDEN * (end - start) + text[end:], end
        free = 0


def _is_18(text: str, start: int, end: int) -> bool:
    """Two of three: a province, a day of birth, the right check digit. A wrong check digit is a slip in a real number."""
    digits = _digits(text[start:end])
    region, day, check = re.match(_PROVINCES, digits) is not None, _is_day(digits[6:14]), digits[17] == check_digit(digits)
    if day and (region or check):
        return True
    return region and check and len(digits) == end - start and not _belongs_to_a_thing(text, start)


def _is_15(text: str, start: int, end: int) -> bool:
    digits = _digits(text[start:end])
    return (re.match(_PROVINCES, digits) is not None and _is_day("19" + digits[6:12]) and not _belongs_to_a_thing(text, start)
            and not _holds_a_telephone(text[start:end]))


def _is_sure(text: str, start: int, end: int) -> bool:
    """Inside a longer row of digits all three must hold."""
    digits = _digits(text[start:end])
    return _is_day(digits[6:14]) and digits[17] == check_digit(digits)


def check_digit(digits: str) -> str:
    """The 18th character that belongs to the first 17 of `digits` (GB 11643)."""
    return "10x98765432"[sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, digits)) % 11]


def _is_day(digits: str) -> bool:
    return digits[:2] in ("18", "19", "20") and 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:8]) <= 31


def _cards(text: str) -> Iterator[Span]:
    free = 0
    for match in _CARD.finditer(text):
        start = match.start(1)
        if start < free or _belongs_to_a_thing(text, start):
            continue
        ends = [start + at + 1 for at, character in enumerate(match.group(1)) if character.isdigit()]
        for length in range(len(ends), 15, -1):
            end = ends[length - 1]
            if not text[end:end + 1].isdigit() and is_luhn(_digits(text[start:end])) and _is_one(text, start, end):
                yield CARD, start, end
                free = end
                break


def _is_one(text: str, start: int, end: int) -> bool:
    """Whether the digits are one card's: whole, in groups of four, or in other groups with no number beside them."""
    groups = re.split("[^0-9]+", text[start:end])
    if all(len(group) == 4 for group in groups[:-1]):
        return True
    return _is_apart(text, start, end) and not _holds_a_telephone(text[start:end])


def _holds_a_telephone(piece: str) -> bool:
    """Whether a group of digits is a telephone number by itself: two numbers, one behind the other."""
    return any(_TELEPHONE.fullmatch(group) for group in re.split("[^0-9]+", piece))


def is_luhn(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of the others, as on bank cards (ISO/IEC 7812)."""
    return sum(int(digit) if index % 2 == 0 else sum(divmod(2 * int(digit), 10)) for index, digit in enumerate(reversed(digits))) % 10 == 0


def _phones(text: str) -> Iterator[Span]:
    for pattern, is_one in _TELEPHONES:
        for match in pattern.finditer(text):
            start, end = match.span(1)
            if HIDDEN not in text[start:end] and is_one(text, match):
                yield PHONE, start, end
                text = text[:start] + HIDDEN * (end - start) + text[end:]


def _is_landline(text: str, match: re.Match) -> bool:
    if _belongs_to_a_thing(text, match.start()):
        return False
    return " " not in match.group() or _is_apart(text, *match.span())


def _is_dictated(text: str, match: re.Match) -> bool:
    """Whether digits in odd groups are one number: nothing beside them, and no address, amount, date or enumeration."""
    groups = re.split("[^0-9]+", match.group(2))
    if not _is_apart(text, *match.span(1)) or _NO_GROUPS.fullmatch(match.group(2)) or _belongs_to_a_thing(text, match.start()):
        return False
    return not _ENUMERATED.search(match.group(2)) or all(len(group) > 2 for group in groups) or max(map(len, groups)) == 1


def _is_dictated_landline(text: str, match: re.Match) -> bool:
    return _is_dictated(text, match) and _LANDLINE_DIGITS.fullmatch(_digits(match.group(2))) is not None


def _is_any(_text: str, _match: re.Match) -> bool:
    return True


# What a telephone number looks like, and what must hold beside.
_TELEPHONES = ((_MOBILE, _is_any), (_MOBILE_IN_GROUPS, _is_dictated), (_LANDLINE, _is_landline),
               (_LANDLINE_IN_GROUPS, _is_dictated_landline), (_CALLED_PHONE, _is_any), (_RUNG, _is_any))


def _papers(text: str) -> Iterator[Span]:
    for match in _CALLED_PASSPORT.finditer(text):
        yield PASSPORT, match.start(1), match.end(1)
        text = text[:match.start(1)] + HIDDEN * len(match.group(1)) + text[match.end(1):]
    for match in _PASSPORT.finditer(text):
        if not _is_day(_digits(match.group())) and not _belongs_to_a_thing(text, match.start()):
            yield PASSPORT, match.start(), match.end()
    for match in _PLATE.finditer(text):
        yield PLATE, match.start(), match.end()


def _digits(piece: str) -> str:
    """The digits of a number, and "x" for what was read aloud as 叉."""
    digits = "".join(character for character in piece if character.isdigit())
    return digits if piece[-1:].isdigit() or len(digits) != 17 else digits + "x"


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether other digits that stand beside text[start:end] are set off by another mark than its own groups."""
    before, after = _DIGIT_BEFORE.search(text, max(0, start - 4), start), _DIGIT_AFTER.match(text, end)
    marks = set(re.findall("[^0-9]+", text[start:end]))
    return not (before and before.group(1) in marks) and not (after and after.group(1) in marks) and (bool(marks) or not (before or after))


def _belongs_to_a_thing(text: str, start: int) -> bool:
    return _OF_A_THING.search(text[max(0, start - 14):start]) is not None
