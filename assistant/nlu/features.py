"""Character and pinyin n-grams of a message as sparse TF-IDF vectors, fast for one message at a time."""

from collections import Counter
from dataclasses import dataclass
import math
import re
from typing import Dict, Iterable, List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix

from assistant.nlu.pinyin import syllable

MAX_CHARS = 400  # a longer message is a story; its first and last half of this length are read
_SPACE_AND_MARKS = re.compile(r"[\s，。！？、；：,.!?;:~…“”\"'（）()]+")
_START, _END, _READ = "(", ")", ":"  # marks that clean() has taken out of every text, so no text can spell them

Vector = Tuple[np.ndarray, np.ndarray]  # feature numbers (int32), weights (float32)


def clean(text: str) -> str:
    """Lower case, no spaces or punctuation, at most MAX_CHARS characters."""
    bare = _SPACE_AND_MARKS.sub("", text).lower()
    if len(bare) > MAX_CHARS:
        bare = bare[: MAX_CHARS // 2] + bare[-MAX_CHARS // 2:]
    return bare


def ngrams(units: Sequence[str], low: int, high: int) -> Iterable[str]:
    """Joined runs of low..high units; the boundary marks alone are no 1-grams."""
    marked = [_START, *units, _END]
    for size in range(low, high + 1):
        first, last = (1, len(marked) - 1) if size == 1 else (0, len(marked) - size + 1)
        for i in range(first, last):
            yield "".join(marked[i : i + size])


@dataclass(frozen=True)
class Shape:
    """Which n-grams are read and how much the pinyin block weighs beside the characters (0 = none)."""

    char_max: int = 4
    pinyin_max: int = 3
    pinyin_weight: float = 0.6
    min_count: int = 2  # a feature seen in fewer training sentences is dropped; 1-grams are always kept


def blocks(text: str, shape: Shape) -> Tuple[List[str], List[str]]:
    """Character terms and pinyin terms of a cleaned text; the two share no spelling (_READ marks pinyin)."""
    chars = list(ngrams(text, 1, shape.char_max))
    if not shape.pinyin_weight:
        return chars, []
    syllables = [_READ + syllable(char) for char in text]
    return chars, list(ngrams(syllables, 1, shape.pinyin_max)) if syllables else []


class NgramTfidf:
    """Vocabulary and document frequencies, learnt once; every block of a vector has length 1 (times its weight)."""

    def __init__(self, shape: Shape, vocabulary: Dict[str, int], idf: np.ndarray) -> None:
        self.shape = shape
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str], shape: Shape = Shape()) -> "NgramTfidf":
        """Learns from training texts; feature numbers depend on the texts only, not on their order."""
        seen: Counter = Counter()
        for text in texts:
            for block in blocks(clean(text), shape):
                seen.update(set(block))
        kept = sorted(t for t, n in seen.items() if n >= shape.min_count or len(t) == 1)
        idf = [math.log((1 + len(texts)) / (1 + seen[t])) + 1 for t in kept]
        return cls(shape, {t: i for i, t in enumerate(kept)}, np.asarray(idf, dtype=np.float32))

    def vector(self, text: str) -> Vector:
        """The sparse vector of one message; unknown n-grams count towards nothing."""
        numbers: List[int] = []
        weights: List[float] = []
        for block, scale in zip(blocks(clean(text), self.shape), (1.0, self.shape.pinyin_weight)):
            counts = Counter(self.vocabulary[t] for t in block if t in self.vocabulary)
            values = [(1 + math.log(n)) * self.idf[i] for i, n in counts.items()]
            norm = math.sqrt(sum(v * v for v in values))
            numbers.extend(counts)
            weights.extend(scale * v / norm for v in values)
        return np.asarray(numbers, dtype=np.int32), np.asarray(weights, dtype=np.float32)

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """The vectors of many messages, one per row."""
        vectors = [self.vector(text) for text in texts]
        ends = np.cumsum([0] + [len(numbers) for numbers, _ in vectors])
        numbers = np.concatenate([n for n, _ in vectors]) if vectors else np.zeros(0, np.int32)
        weights = np.concatenate([w for _, w in vectors]) if vectors else np.zeros(0, np.float32)
        return csr_matrix((weights, numbers, ends), shape=(len(texts), len(self.vocabulary)))
