"""How far reviewers agree and how sure a measured share is. Pure."""
from __future__ import annotations

import hashlib
from collections import Counter
from math import sqrt
from typing import Optional, Sequence

SECOND_REVIEWS = 0.05  # share of answers that a second person judges without seeing the first verdict


def needs_second_review(event: int) -> bool:
    """Whether this answer is of the sample: decided by its id alone, so that nobody can choose."""
    return int(hashlib.sha256(f"second review {event}".encode()).hexdigest()[:8], 16) < SECOND_REVIEWS * 2**32


def kappa(pairs: Sequence[tuple[str, str]]) -> Optional[float]:
    """Cohen's kappa of two raters' labels; None without pairs, 1.0 where both always give the same one label."""
    if not pairs:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    by_chance = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (95 % by default); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    share, squared = successes / trials, z * z
    centre = (share + squared / (2 * trials)) / (1 + squared / trials)
    half = z * sqrt(share * (1 - share) / trials + squared / (4 * trials**2)) / (1 + squared / trials)
    return max(0.0, centre - half), min(1.0, centre + half)
