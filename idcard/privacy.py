"""Masks what must never be written down. Whatever stores, logs or shows text of a citizen calls it first.

    mask("我叫张三，电话13800000000")     -> "我叫**，电话***********"

The length stays, so that offsets of entities stay valid. What the assistant itself publishes (the telephone and the address of a
station) stays readable when it is given as `public`: `idcard.knowledge.Knowledge.public`.
"""
from __future__ import annotations

import re
from typing import AbstractSet, Any, Iterable, NamedTuple

from idcard.private_forms import HIDDEN, SPOKEN, plain, with_numerals_as_digits
from idcard.private_numbers import PHONE, find_numbers
from idcard.private_words import ADDRESS, OPENID, find_words

STAR = "*"
NOTHING: AbstractSet[str] = frozenset()

# A WeChat openid or unionid: "o" and 27 more characters. What is all small letters is a word.
_OPENID = re.compile(r"(?<![A-Za-z0-9_-])o(?=[A-Za-z0-9_-]*[A-Z0-9])[A-Za-z0-9_-]{27,28}(?![A-Za-z0-9_-])")
# Identifiers that programs make hold digits by chance; a masked message id could not be found again.
_MADE_BY_A_PROGRAM = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9-]*[a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9A-Za-z])")


class Private(NamedTuple):
    """`text[start:end]` of the text given; `value` is it without blanks and marks, for comparison."""

    kind: str
    start: int
    end: int
    value: str


def mask(text: str, public: AbstractSet[str] = NOTHING) -> str:
    """`text` with everything private replaced by stars; same length."""
    masked = list(text)
    for found in find(text, public):
        masked[found.start:found.end] = STAR * (found.end - found.start)
    return "".join(masked)


def kinds(text: str, public: AbstractSet[str] = NOTHING) -> tuple[str, ...]:
    """What was found, in the order written and each once: ("姓名", "身份证号"); for a kind word to the citizen."""
    return tuple(dict.fromkeys(found.kind for found in sorted(find(text, public), key=lambda found: found.start)))


def mask_json(value: Any, public: AbstractSet[str] = NOTHING) -> Any:
    """A masked copy of JSON data, such as entities, slots or metadata; a number that is private becomes a text of stars."""
    if isinstance(value, str):
        return mask(value, public)
    if isinstance(value, dict):
        return {mask(key, public) if isinstance(key, str) else key: mask_json(part, public) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_json(part, public) for part in value]
    if isinstance(value, int) and not isinstance(value, bool) and find(str(value), public):
        return mask(str(value), public)
    return value


def public_values(texts: Iterable[str]) -> frozenset[str]:
    """What is found in texts that are public: given to the other functions, it is left readable."""
    return frozenset(found.value for text in texts for found in find(text))


def find(text: str, public: AbstractSet[str] = NOTHING) -> list[Private]:
    """Everything private in `text`."""
    found = [Private(OPENID, match.start(), match.end(), match.group()) for match in _OPENID.finditer(text)]
    form = plain(_without(text, found, _MADE_BY_A_PROGRAM))
    for kind, start, end in _spans(form.text):
        value = _value(kind, form.text[start:end])
        if not _is_public(kind, value, public):
            found.append(Private(kind, form.at[start], form.at[end - 1] + 1, value))
    return found


def _without(text: str, found: Iterable[Private], pattern: re.Pattern) -> str:
    for start, end in [(one.start, one.end) for one in found] + [match.span() for match in pattern.finditer(text)]:
        text = text[:start] + "无" * (end - start) + text[end:]
    return text


def _spans(text: str) -> list[tuple[str, int, int]]:
    """Spans in plain text: numbers in digits first, then with spoken numerals as digits, then words around what is left."""
    found = find_numbers(text)
    rest = _hide(text, found)
    if SPOKEN.search(rest):
        spoken = find_numbers(with_numerals_as_digits(rest))
        found += spoken
        rest = _hide(rest, spoken)
    return found + find_words(rest)


def _hide(text: str, spans: Iterable[tuple[str, int, int]]) -> str:
    for _, start, end in spans:
        text = text[:start] + HIDDEN * (end - start) + text[end:]
    return text


def _value(kind: str, piece: str) -> str:
    if kind != PHONE:
        return re.sub(r"[\s-]", "", piece)
    digits = "".join(character for character in with_numerals_as_digits(piece) if character.isdigit())
    return re.sub("^(?:0086|86)(?=[0-9]{10,})", "", digits).removeprefix("0")


def _is_public(kind: str, value: str, public: AbstractSet[str]) -> bool:
    """A public telephone may lack its area code; a public address may have more before it (派出所温馨路9号) or less, not behind it."""
    if value in public or kind not in (PHONE, ADDRESS):
        return value in public
    return any(one.endswith(value) or (kind == ADDRESS and value.endswith(one)) for one in public)

