"""What a person typed, made safe to hand to Rasa, on every channel.

Rasa reads a message that begins with "/" as an intent (`/restart`, `/intent{"entity": …}`), and offers no switch for it.
"""
import re
import unicodedata

DIVISION_SLASH = "\u2215"  # looks like "/" and means nothing to Rasa; NFKC leaves it alone
# Control characters but tab and line break: PostgreSQL stores no NUL. Half of a surrogate pair: no UTF-8 can carry it.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # white space, controls, and what cannot be seen


def safe_text(text: str) -> str:
    """The text in NFKC, without blank edges and what cannot be stored, and never beginning with "/"."""
    text = unicodedata.normalize("NFKC", _UNSTORABLE.sub(" ", text))
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) in _BLANK_CATEGORIES:
        start += 1
    while end > start and unicodedata.category(text[end - 1]) in _BLANK_CATEGORIES:
        end -= 1
    text = text[start:end]
    return DIVISION_SLASH + text[1:] if text.startswith("/") else text
