"""Chinese text as every adapter understands it: one normal form, of equal length, so that offsets stay valid."""
from __future__ import annotations

import re
import unicodedata

from idcard.variants import SIMPLIFIED, TRADITIONAL

_ONCE = dict(zip(TRADITIONAL, SIMPLIFIED))
_TO_SIMPLIFIED = {traditional: _ONCE.get(simplified, simplified) for traditional, simplified in _ONCE.items()}  # 薴 苧 苎

# Invisible characters that a citizen never means: zero-width, bidi controls, byte order mark, soft hyphen.
_INVISIBLE = set("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad")
# Markup is never what a citizen means.
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


def normalise(text: str) -> str:
    """Return `text` half-width, simplified, lower-case, without control characters; same number of characters."""
    return _TAG.sub(lambda tag: " " * len(tag.group()), "".join(map(normal, text)))  # ＜b＞ is a tag too


def normal(character: str) -> str:
    """The normal form of one character: one character."""
    if character in _INVISIBLE or unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
        return " "
    compatible = unicodedata.normalize("NFKC", character)
    if len(compatible) != 1:  # e.g. ㎡: would shift every later offset
        compatible = character
    lowered = compatible.lower()
    if len(lowered) != 1:
        lowered = compatible
    return _TO_SIMPLIFIED.get(lowered, lowered)
