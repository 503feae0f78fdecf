"""Sentences with made-up private things, and sentences that hold none: what masking is measured on.

The sentences are hand-written (tests/cases/privacy/); numbers, names and addresses are made here, from a seed, in every way they
are typed and spoken. None can be a living person's: holders of the IDs are born before 1910 or after 2089, telephones and cards
are rows of noughts, repeated digits or counted ones.
"""
from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Sequence

from idcard.privacy import Private
from idcard.stations import Station

FOLDER = Path(__file__).resolve().parent.parent / "cases" / "privacy"
VARIANTS = 12  # of every frame
_SLOT = re.compile(r"\{(身份证号|电话号码|银行卡号|姓名|住址|微信标识|邮箱|护照号|车牌号)\}")
_CERTAIN = re.compile("(叫|姓名[:：是]|名字是|申请人[:：]|户主是|联系人[:：]|经办人[:：])$")  # then every kind of name may follow

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REGIONS = ("110101", "130902", "210203", "320106", "330327", "360121", "370811", "370883", "410522", "420106", "420112",
           "422801", "430181", "440305", "450103", "460105", "500112", "511025", "513221", "530114", "620102", "650104")
SPOKEN = ("零一二三四五六七八九", "〇一二三四五六七八九", "零幺二三四五六七八九", "零幺两三四五六拐八九", "洞幺两三四五六拐八勾", "零壹贰叁肆伍陆柒捌玖")
FULL_WIDTH = "０１２３４５６７８９"
Chance = random.Random


@dataclass(frozen=True)
class Line:
    """A sentence with what must be masked in it: (kind, start, end)."""

    text: str
    private: tuple[tuple[str, int, int], ...] = ()

    def missed(self, found: Sequence[Private]) -> list[tuple[str, int, int]]:
        """What is private and not wholly found; blanks and marks inside a number may stay."""
        masked = {at for one in found for at in range(one.start, one.end)}
        return [(kind, start, end) for kind, start, end in self.private
                if any(self.text[at].isalnum() and at not in masked for at in range(start, end))]

    def wrong(self, found: Sequence[Private]) -> list[Private]:
        """What was found and is not private, or is private as another kind."""
        return [one for one in found if not any(kind == one.kind and start < one.end and one.start < end
                                                for kind, start, end in self.private)]


def lines(stations: Sequence[Station], seed: int = 6) -> list[Line]:
    """The whole corpus, always the same for a seed."""
    return [*private_lines(seed), *public_lines(stations)]


def private_lines(seed: int) -> Iterator[Line]:
    chance = Chance(seed)
    for frame in _frames("frames.txt"):
        for _ in range(VARIANTS):
            yield _filled(frame, chance)


def public_lines(stations: Sequence[Station]) -> Iterator[Line]:
    """Sentences without anything private, the telephones and addresses of the stations in them."""
    for frame in _frames("public.txt"):
        if "{电话}" not in frame and "{地址}" not in frame:
            yield Line(frame)
            continue
        for station in stations:
            for phone in {station.phone, station.dial.split(",")[0]} if "{电话}" in frame else ("",):
                yield Line(frame.replace("{电话}", phone).replace("{地址}", station.address))


def _frames(name: str) -> list[str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def _filled(frame: str, chance: Chance) -> Line:
    text, private, at = "", [], 0
    for slot in _SLOT.finditer(frame):
        text += frame[at:slot.start()]
        open_part, hidden = _MAKERS[slot.group(1)](chance, text)
        text += open_part
        private.append((slot.group(1), len(text), len(text) + len(hidden)))
        text, at = text + hidden, slot.end()
    return Line(text + frame[at:], tuple(private))


# ---- how a number is written ----------------------------------------------------------------------------

def _grouped(digits: str, sizes: Sequence[int], mark: str) -> str:
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at:at + size])
        at += size
    return mark.join([*groups, digits[at:]] if at < len(digits) else groups)


def _translated(digits: str, numerals: str) -> str:
    return digits.translate(str.maketrans("0123456789", numerals))


def _written(digits: str, groups: Sequence[Sequence[int]], chance: Chance) -> str:
    """The number in one of the ways people write, dictate or hide it."""
    sizes = chance.choice(groups)
    half = len(digits) // 2
    ways: tuple[Callable[[], str], ...] = (
        lambda: digits,
        lambda: digits,
        lambda: _grouped(digits, sizes, chance.choice((" ", "-", "  ", "－", "—", ".", "·", "_", " - ", "\u3000", "\n", "，"))),
        lambda: chance.choice((" ", "-", "\u200b", "\u00a0")).join(digits),
        lambda: _translated(digits, FULL_WIDTH),
        lambda: _grouped(_translated(digits, FULL_WIDTH), sizes, chance.choice(("　", "－"))),
        lambda: _translated(digits, chance.choice(SPOKEN)),
        lambda: _grouped(_translated(digits, chance.choice(SPOKEN)), sizes, chance.choice((" ", "，", "嗯", "、"))),
        lambda: digits[:half] + _translated(digits[half:], chance.choice(SPOKEN)),
        lambda: _translated(digits[:half], FULL_WIDTH) + digits[half:],
        lambda: digits[:half] + chance.choice(("\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\n", "\r\n", "\u2060")) + digits[half:],
        lambda: "".join(f"{digit}\ufe0f\u20e3" if digit.isdigit() else digit for digit in digits),
    )
    return chance.choice(ways)()


# ---- what is private: each maker gives an open part and the part to be masked ----------------------------

def _identity(chance: Chance, _before: str) -> tuple[str, str]:
    year = chance.choice((*range(1900, 1910), *range(2090, 2100)))
    birthday = f"{year}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    sequence = f"{chance.choice((0, 0, 1, 11, 99)):02}{chance.randint(0, 9)}"
    if chance.random() < 0.12:  # the old form, of 15
        return "", _written(chance.choice(REGIONS) + birthday[2:] + sequence, ((6, 6, 3),), chance)
    digits = chance.choice(REGIONS) + birthday + sequence
    check = "10X98765432"[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits)) % 11]
    if chance.random() < 0.1:
        check = str((int(check.replace("X", "3")) + 1) % 10)  # mistyped
    number = _written(digits + check, ((6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (4, 4, 4, 4, 2), (6, 8, 3), (6, 6, 6)), chance)
    return "", number.replace("X", chance.choice("XXxＸ×")) if check == "X" else number


def _telephone(chance: Chance, _before: str) -> tuple[str, str]:
    tail = chance.choice((f"0000{chance.randint(0, 99):04}", chance.choice("123456789") * 4 + chance.choice("0123456789") * 4, "12345678"))
    kind = chance.random()
    if kind < 0.75:
        mobile = "1" + chance.choice("3456789") + chance.choice("0123456789") + tail
        number = _written(mobile, ((3, 4, 4), (3, 4, 4), (4, 3, 4), (3, 3, 5), (3, 8), (7, 4)), chance)
        return "", chance.choice(("", "", "", "", "+86", "+86 ", "86-", "0086 ", "(+86)")) + number if number[0] == "1" else number
    area = chance.choice(("010", "027", "0537", "0755", "021", "0714"))
    local = chance.choice("2345678") + ("000" if len(area) == 3 or chance.random() < 0.5 else "00") + f"{chance.randint(0, 99):04}"
    return "", chance.choice((f"{area}-{local}", f"{area}{local}", f"({area}){local}", f"{area} {local}", f"（{area}）{local}",
                              f"{area}-{local[:-4]}-{local[-4:]}", f"{area} {local[:-4]} {local[-4:]}", _translated(area + local, FULL_WIDTH),
                              _translated(area + local, SPOKEN[0]), _translated(area + local, SPOKEN[2])))


def _card(chance: Chance, _before: str) -> tuple[str, str]:
    digits = chance.choice(("62000000", "62170000", "62280000", "40000000", "52000000", "35000000")) + "0" * chance.choice((3, 4, 6))
    digits += f"{chance.randint(0, 9999):04}"
    total = sum(int(digit) if index % 2 else sum(divmod(2 * int(digit), 10)) for index, digit in enumerate(reversed(digits)))
    return "", _written(digits + str(-total % 10), ((4, 4, 4, 4), (4, 4, 4, 4), (6,)), chance)


def _name(chance: Chance, before: str) -> tuple[str, str]:
    one, two = chance.choice("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"), chance.choice("明丽华军红兵英文建国小志玉海春")
    ways = [chance.choice("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗") + one, chance.choice("郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余") + two + one,
            chance.choice(("欧阳", "上官", "诸葛", "司马")) + one, chance.choice("張陳劉趙孫馬鄭許馮鄧") + one]
    if _CERTAIN.search(before):
        ways += [chance.choice("张王李") + chance.choice("颢骞沐屹奕淼鼐"), chance.choice("张王李") + " " + one, "张\u200b" + one, "某某",
                 "阿依古丽·买买提", "Tom Smith", "小" + one, chance.choice("杨林郭") + chance.choice("颢骞沐") + chance.choice("屹奕鼐")]
    return "", chance.choice(ways)


def _address(chance: Chance, _before: str) -> tuple[str, str]:
    near = chance.choice(("", "", "武汉市洪山区", "洪山区", "湖北省武汉市武昌区", "济宁市任城区", "武昌", "山东省邹城市"))
    number, block, room = chance.randint(1, 299), chance.randint(1, 40), chance.randint(1, 32) * 100 + chance.randint(1, 6)
    road = chance.choice(("甲一路", "乙字大道", "丙号街", "丁巷", "戊家胡同", "玫瑰西路", "幸福北街"))
    estate = chance.choice(("甲乙花园", "春天小区", "秋月苑", "东方家园", "玫瑰公寓", "红叶新村"))
    hidden = chance.choice((
        f"{road}{number}号", f"{road}{number}号{block}栋{room}室", f"{road}{number}号{estate}{block}栋{room}", f"{estate}{block}栋{room}室",
        f"{estate}{block}栋2单元{room}", f"{estate}{block}号楼{room}室", f"{road}{number}号{block}栋1单元{room}室", f"{road} {number} 号",
        f"{_translated(road, FULL_WIDTH)}{_translated(str(number), FULL_WIDTH)}号", f"{road}十二号三栋四零一", f"甲家村{block}组{number}号",
        f"{estate}{block}幢{room}室", f"{road}{number}号附{block}号"))
    return near, hidden


def _openid(chance: Chance, _before: str) -> tuple[str, str]:
    return "", "o" + "".join(chance.choice("TESTtest0000_-Xx") for _ in range(26)) + "A"


def _email(chance: Chance, _before: str) -> tuple[str, str]:
    return "", chance.choice(("test", "a.b-c", "user_01", "TEST2026", "10000")) + chance.choice("@＠") + chance.choice(
        ("example.com", "qq.example", "mail.example.cn"))


def _passport(chance: Chance, _before: str) -> tuple[str, str]:
    letters = chance.choice(("E", "G", "e", "C", "EA", "EJ", "Ｅ"))
    return "", letters + f"0000{chance.randint(0, 999):04}"[len(letters) - 1:]


def _plate(chance: Chance, _before: str) -> tuple[str, str]:
    return "", chance.choice("鄂鲁豫湘川") + chance.choice("ABHab") + chance.choice(("", "", "·", " ")) + chance.choice(
        ("00000", "A0001", "0000X", "D00001", "0A00B", "F00002"))


_MAKERS: dict[str, Callable[[Chance, str], tuple[str, str]]] = {
    "身份证号": _identity, "电话号码": _telephone, "银行卡号": _card, "姓名": _name, "住址": _address, "微信标识": _openid, "邮箱": _email,
    "护照号": _passport, "车牌号": _plate}
