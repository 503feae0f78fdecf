"""What a person typed, made safe to hand to Rasa, on every channel.

Rasa reads a message that begins with "/" as an intent (`/restart`, `/intent{"entity": …}`), and offers no switch for it.
"""
import unicodedata

DIVISION_SLASH = "\u2215"  # looks like "/" and means nothing to Rasa; NFKC leaves it alone
_BLANK_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # white space, controls, and what cannot be seen


def safe_text(text: str) -> str:
    """The text in NFKC, without blank edges, and never beginning with "/"."""
    text = unicodedata.normalize("NFKC", text)
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) in _BLANK_CATEGORIES:
        start += 1
    while end > start and unicodedata.category(text[end - 1]) in _BLANK_CATEGORIES:
        end -= 1
    text = text[start:end]
    return DIVISION_SLASH + text[1:] if text.startswith("/") else text
