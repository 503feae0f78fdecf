"""Characters of a message and how they sound, as one sparse TF-IDF vector; fast for one message at a time.

Blocks, each of length 1 times its weight: character n-grams; pairs of characters that occur together anywhere in
the sentence (补 … 钱: a linear model sees no other combination over a distance); pinyin n-grams; and n-grams of the
skeleton, the sentence with its known spans replaced by their type (去<城市>的票), where spans are given.
"""

from collections import Counter
from dataclasses import dataclass
import math
import re
from typing import Collection, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix

from assistant.nlu.pinyin import syllable

MAX_CHARS = 400  # of a longer message, a story, the first and the last half of this length are read
MAX_PAIRED = 60  # different characters that enter into pairs
_SPACE_AND_MARKS = re.compile(r"[\s，。！？、；：,.!?;:~…“”\"'（）()]+")
# Marks that clean() takes out of every text, so that no text can spell them.
_START, _END, _PAIR, _READ, _BONE = "(", ")", ",", ":", ";"

Span = Tuple[int, int, str]  # start, end, type
Vector = Tuple[np.ndarray, np.ndarray]  # feature numbers (int32), weights (float32)


def clean(text: str) -> str:
    """Lower case, no spaces or punctuation, at most MAX_CHARS characters."""
    bare = _SPACE_AND_MARKS.sub("", text).lower()
    if len(bare) > MAX_CHARS:
        bare = bare[: MAX_CHARS // 2] + bare[-MAX_CHARS // 2:]
    return bare


@dataclass(frozen=True)
class Shape:
    """How long the n-grams are, what the blocks weigh beside the characters (0 = none), which features are kept."""

    char_max: int = 2
    pair_weight: float = 0.5
    pinyin_max: int = 2
    pinyin_weight: float = 0.7
    skeleton_weight: float = 0.0
    min_count: int = 2  # a feature of fewer training sentences is dropped, but for single characters


def ngrams(units: Sequence[str], longest: int) -> Iterable[str]:
    """Joined runs of 1..longest units, with boundary marks from length 2 on."""
    yield from units
    marked = [_START, *units, _END]
    for size in range(2, longest + 1):
        for i in range(len(marked) - size + 1):
            yield "".join(marked[i : i + size])


def pairs(text: str) -> Iterable[str]:
    """Every two different characters of the text, in the order of their code points."""
    chars = sorted(set(text[:MAX_PAIRED]))
    for i, first in enumerate(chars):
        for second in chars[i + 1 :]:
            yield first + _PAIR + second


def skeleton(text: str, spans: Collection[Span]) -> List[str]:
    """The characters of a raw text with every span, none overlapping another, as one unit that names its type."""
    units: List[str] = []
    end = 0
    for start, stop, kind in sorted(spans):
        units.extend(clean(text[end:start]))
        units.append(_BONE + kind)
        end = stop
    units.extend(clean(text[end:]))
    return [_BONE + unit for unit in units[:MAX_CHARS]]


def blocks(raw: str, shape: Shape, spans: Collection[Span] = ()) -> List[Tuple[Iterable[str], float]]:
    """The terms of a text, block by block, with the weight of the block."""
    text = clean(raw)
    if not text:
        return []
    found = [(ngrams(text, shape.char_max), 1.0)]
    if shape.pair_weight:
        found.append((pairs(text), shape.pair_weight))
    if shape.pinyin_weight:
        found.append((ngrams([_READ + syllable(char) for char in text], shape.pinyin_max), shape.pinyin_weight))
    if shape.skeleton_weight:
        found.append((ngrams(skeleton(raw, spans), shape.char_max), shape.skeleton_weight))
    return found


class NgramTfidf:
    """Vocabulary and document frequencies, learnt once from training texts."""

    def __init__(self, shape: Shape, terms: Sequence[str], idf: np.ndarray) -> None:
        self.shape = shape
        self.terms = list(terms)
        self.idf = idf
        self._numbers: Dict[str, int] = {term: i for i, term in enumerate(self.terms)}
        self._idf = idf.tolist()  # plain floats: faster to look up one by one

    @classmethod
    def fit(cls, texts: Sequence[str], shape: Shape = Shape(),
            spans: Optional[Sequence[Collection[Span]]] = None) -> "NgramTfidf":
        """Learns the terms; their numbers depend on the texts only, not on the order."""
        seen: Counter = Counter()
        for i, text in enumerate(texts):
            seen.update({term for terms, _ in blocks(text, shape, spans[i] if spans else ()) for term in terms})
        kept = sorted(t for t, n in seen.items() if n >= shape.min_count or len(t) == 1)
        idf = [math.log((1 + len(texts)) / (1 + seen[t])) + 1 for t in kept]
        return cls(shape, kept, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str, spans: Collection[Span] = ()) -> Vector:
        """The sparse vector of one message; unknown terms count towards nothing."""
        numbers: List[int] = []
        weights: List[float] = []
        for terms, scale in blocks(text, self.shape, spans):
            counts = Counter(i for i in map(self._numbers.get, terms) if i is not None)
            values = [(1 + math.log(n)) * self._idf[i] for i, n in counts.items()]
            norm = math.sqrt(sum(v * v for v in values)) or 1.0
            numbers.extend(counts)
            weights.extend(scale * v / norm for v in values)
        return np.asarray(numbers, dtype=np.int32), np.asarray(weights, dtype=np.float32)

    def matrix(self, texts: Sequence[str], spans: Optional[Sequence[Collection[Span]]] = None) -> csr_matrix:
        """The vectors of many messages, one per row."""
        vectors = [self.vector(text, spans[i] if spans else ()) for i, text in enumerate(texts)]
        ends = np.cumsum([0] + [len(numbers) for numbers, _ in vectors])
        numbers = np.concatenate([n for n, _ in vectors]) if vectors else np.zeros(0, np.int32)
        weights = np.concatenate([w for _, w in vectors]) if vectors else np.zeros(0, np.float32)
        return csr_matrix((weights, numbers, ends), shape=(len(texts), len(self.terms)))
