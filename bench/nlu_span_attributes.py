"""What the two conditional random fields of the tagger see of a character and of a span."""

from functools import lru_cache
from typing import Dict, List, Sequence, Tuple

from pypinyin.phrases_dict import phrases_dict

Attributes = Dict[str, float]
Borders = Tuple[int, int]

_LONGEST_WORD = 8
_CHINESE_DIGITS = set("零一二三四五六七八九十百千万亿两幺")


@lru_cache(maxsize=32768)
def kind(char: str) -> str:
    """n a Chinese number, d a digit, l a Latin letter, h another Chinese character, p anything else."""
    if char in _CHINESE_DIGITS:
        return "n"
    if char.isdigit():
        return "d"
    if char.isascii() and char.isalpha():
        return "l"
    return "h" if "\u4e00" <= char <= "\u9fff" else "p"


def word_places(text: str) -> str:
    """B, I, E or S by character: its place in the word, when the text is cut into the fewest words.

    The words are those pypinyin knows the reading of; they mark many word borders.
    """
    fewest: List[Tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(text) + 1):
        choices = [(fewest[end - 1][0] + 1.01, 1)]  # a word of the list wins over a lone character
        for size in range(2, min(_LONGEST_WORD, end) + 1):
            if text[end - size : end] in phrases_dict:
                choices.append((fewest[end - size][0] + 1.0, size))
        fewest.append(min(choices))
    places: List[str] = []
    end = len(text)
    while end:
        size = fewest[end][1]
        places.append("S" if size == 1 else "B" + "I" * (size - 2) + "E")
        end -= size
    return "".join(reversed(places))


def of_characters(text: str, context: Attributes) -> List[Attributes]:
    """Attributes of every character: its neighbours, kinds, place in a word, and what the whole sentence is about."""
    c = "\x02\x01" + text + "\x03\x04"
    k = "^" + "".join(map(kind, text)) + "$"
    w = "^" + word_places(text) + "$"
    found = []
    for i in range(len(text)):
        far_left, left, here, right, far_right = c[i : i + 5]
        names = [
            "0" + here, "-1" + left, "+1" + right, "-2" + far_left, "+2" + far_right,
            "-10" + left + here, "+01" + here + right, "-21" + far_left + left, "+12" + right + far_right,
            "-11" + left + here + right, "-20" + far_left + left + here, "+02" + here + right + far_right,
            "k0" + k[i + 1], "k-" + k[i : i + 2], "k+" + k[i + 1 : i + 3], "k3" + k[i : i + 3],
            "w0" + w[i + 1], "w-" + w[i], "w+" + w[i + 2],
        ]
        attributes = dict.fromkeys(names, 1.0)
        for topic, weight in context.items():
            for name in (topic, topic + "0" + here, topic + "-" + left, topic + "+" + right):
                attributes[name] = weight
        found.append(attributes)
    return found


def of_spans(text: str, spans: Sequence[Borders], context: Attributes) -> List[Attributes]:
    """Attributes of every span: its value, what stands beside it, its place in the row, the sentence's topics."""
    c = "\x02\x01" + text + "\x03\x04"
    found = []
    for nth, (start, end) in enumerate(spans):
        value = text[start:end]
        left, right = c[start : start + 2], c[end + 2 : end + 4]
        order = f"{min(nth, 4)},{min(len(spans) - nth, 4)}"
        names = [
            "v" + value, "l" + left, "l1" + left[1], "r" + right, "r1" + right[0], "f" + value[0], "z" + value[-1],
            "f2" + value[:2], "z2" + value[-2:], f"n{min(len(value), 8)}", "o" + order,
        ]
        names += ["c" + value[i : i + size] for size in (1, 2, 3) for i in range(len(value) - size + 1)]
        attributes = dict.fromkeys(names, 1.0)
        for topic, weight in context.items():
            attributes[topic] = 2 * weight
            for name in ("o" + order, "l1" + left[1], "l" + left, "r1" + right[0], "f" + value[0], "z" + value[-1]):
                attributes[topic + name] = weight
        found.append(attributes)
    return found
