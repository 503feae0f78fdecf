"""Puts messages that say nearly the same in nearly the same words together, so that staff judge a group at once. Pure.

Messages are compared by their single characters and pairs of characters, a rare one weighing more than a common one (身份证 stands
everywhere). The commonest wording of a group leads it; a message joins the group whose leader is most like it, or leads a group itself.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from math import log, sqrt
from typing import Iterable, Mapping, Sequence

from idcard.text import normalise

ALIKE = 0.4  # cosine from which two wordings are of one group


def letters(text: str) -> str:
    """What counts of a message: its letters and digits in their normal form."""
    return "".join(letter for letter in normalise(text) if letter.isalnum())


def grouped(texts: Iterable[str], alike: float = ALIKE) -> list[list[int]]:
    """Indices of `texts` by group, the leader's first; the largest group first. Texts without letters are in none."""
    same: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        same[letters(text)].append(index)
    same.pop("", None)
    wordings = sorted(same, key=lambda wording: (-len(same[wording]), len(wording), wording))
    vectors = _vectors(wordings)
    leaders: dict[str, list[tuple[str, float]]] = defaultdict(list)  # gram -> leaders that have it, with its weight in them
    groups: dict[str, list[int]] = {}
    for wording in wordings:
        leader = _nearest(vectors[wording], leaders, alike) or wording
        if leader == wording:
            for gram, weight in vectors[wording].items():
                leaders[gram].append((wording, weight))
        groups.setdefault(leader, []).extend(same[wording])
    return sorted(groups.values(), key=len, reverse=True)


def _vectors(wordings: Sequence[str]) -> dict[str, Mapping[str, float]]:
    """For each wording its grams with weights, of length one."""
    grams = {wording: {*wording, *(wording[at:at + 2] for at in range(len(wording) - 1))} for wording in wordings}
    spread = Counter(gram for found in grams.values() for gram in found)
    weight = {gram: log(1 + len(wordings) / count) for gram, count in spread.items()}
    lengths = {wording: sqrt(sum(weight[gram] ** 2 for gram in found)) for wording, found in grams.items()}
    return {wording: {gram: weight[gram] / lengths[wording] for gram in found} for wording, found in grams.items()}


def _nearest(vector: Mapping[str, float], leaders: Mapping[str, Sequence[tuple[str, float]]], alike: float) -> str:
    """The leader most like this vector; "" where none is alike enough."""
    likeness: Counter[str] = Counter()
    for gram, weight in vector.items():
        for leader, theirs in leaders.get(gram, ()):
            likeness[leader] += weight * theirs
    best, most = max(likeness.items(), key=lambda one: one[1], default=("", 0.0))
    return best if most >= alike else ""
