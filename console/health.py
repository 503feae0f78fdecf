"""How well the knowledge serves: the age of every clause and station, how often it is used, and what it does not answer."""
from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Iterable, Optional

from django.db.models import Sum

from console import judging
from console.models import Daily, Turn
from console.summary import NOT_SAID, FELL_BACK, OLD_YEARS
from console.wordings import letters
from idcard.knowledge import load

RECENT = 90  # days that count
MOST = 50


@dataclass(frozen=True)
class ClauseHealth:
    clause: Any  # idcard.sources.Clause
    years: int  # since the document's date
    used: int  # answers of the last RECENT days
    wrong: int  # judged wrong
    disliked: int  # in conversations rated 差评

    @property
    def old(self) -> bool:
        return self.years > OLD_YEARS


@dataclass(frozen=True)
class Unanswered:
    text: str
    city: str
    why: str
    count: int
    conversation: int  # the latest one
    number: int


def clauses(today: date) -> list[ClauseHealth]:
    """Every clause: those with trouble first, then the most used."""
    since = today - timedelta(days=RECENT)
    used = dict(Daily.objects.filter(measure="条款", day__gte=since).values_list("name").annotate(Sum("count")))
    wrong = _per_clause(judging.final().filter(verdict__in=judging.WRONG, turn__at__date__gte=since).values_list("turn__cites", flat=True))
    bad = Turn.objects.filter(conversation__feedback="差评", conversation__day__gte=since).values_list("cites", flat=True)
    disliked = _per_clause(bad)
    rows = [ClauseHealth(clause, age(clause.document.date, today), used.get(key, 0), wrong[key], disliked[key])
            for key, clause in load().clauses.items()]
    return sorted(rows, key=lambda row: (-row.wrong, -row.disliked, -row.used))


def age(written: str, today: date) -> int:
    """Whole years since a day, or since a year where only that is known."""
    if len(written) == 4:
        return today.year - int(written)
    day = date.fromisoformat(written)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def stations(today: date) -> list[tuple[str, Any, int, int]]:
    """(city, document, stations that rest on it, its age in years)."""
    knowledge = load()
    found = Counter((station.city, knowledge.clauses[station.cite].document.id) for station in knowledge.stations)
    return [(city, knowledge.documents[key], count, age(knowledge.documents[key].date, today)) for (city, key), count in found.items()]


def unanswered(today: date, city: Optional[str] = None, days: int = RECENT) -> list[Unanswered]:
    """What was asked without an answer in so many days up to `today`, the same question in other punctuation as one; most frequent first."""
    rows = Turn.objects.filter(unclear__in=(NOT_SAID, FELL_BACK), at__date__range=(today - timedelta(days=days), today))
    rows = rows.filter(city=city) if city else rows
    groups: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    columns = ("text", "city", "unclear", "conversation_id", "number")
    for row in rows.order_by("-event").values_list(*columns)[:20_000]:
        groups[letters(row[0]), row[1]].append(row)
    found = [Unanswered(*group[0][:3], len(group), *group[0][3:]) for group in groups.values()]
    return sorted(found, key=lambda one: -one.count)[:MOST]


def _per_clause(cites: Iterable[list[str]]) -> Counter[str]:
    return Counter(clause for found in cites for clause in found)
