"""Toneless, fuzzy pinyin of single characters: 身份正 and 身份证 read the same, so do 硚口 and 桥口."""

from functools import lru_cache
import os

# Single characters are all that is read here; the readings of words would take 50 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")

from pypinyin import Style, lazy_pinyin  # noqa: E402

# Pairs that southern speakers and speech-to-text mix up; the longer spelling is mapped to the shorter one.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS = (("ing", "in"), ("eng", "en"))


def fuzzy(syllable: str) -> str:
    """zheng -> zen, nin -> lin, ling -> lin; a syllable outside the table is returned as it is."""
    for long, short in _INITIALS:
        if syllable.startswith(long) and len(syllable) > len(long):
            syllable = short + syllable[len(long):]
            break
    for long, short in _FINALS:
        if syllable.endswith(long):
            return syllable[: -len(long)] + short
    return syllable


@lru_cache(maxsize=32768)
def syllable(char: str) -> str:
    """The fuzzy reading of one character (its most frequent one), or the character itself if it has none.

    Read per character on purpose: a homophone typed inside a word would change pypinyin's word reading.
    """
    return fuzzy(lazy_pinyin(char, style=Style.NORMAL, errors="default")[0])
