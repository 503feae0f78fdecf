"""Follows Rasa's events into the read model. May be stopped at any moment and started again: nothing is lost, nothing counted twice.

One step takes the next events in the order of their ids, reads the sessions they belong to whole, writes them under the ids of
their events and moves the cursor, all in one transaction. The same events twice write the same rows.

Two traps of the source:
- PostgreSQL may commit a smaller id later. The cursor waits before a gap in the ids until what follows is SETTLED seconds old.
- A deletion in `events` (the citizen's own, or one by the assistant's retention) is no event. A sweep looks for vanished sessions.
Ids are never used again (assistant/storage/database.py). Should they all be smaller than the cursor, the store is another one, and it is
read from its beginning.
"""
from __future__ import annotations

import time
from datetime import date
from itertools import groupby
from typing import Optional, Sequence

from django.db import transaction
from django.utils import timezone

from console import rollup, search
from console.models import Conversation, Cursor, HeldEvents, RasaEvent, Turn
from console.summary import LOCAL, conversation_row, tags, turn_row
from console.turns import Event, Session, sessions
from idcard.knowledge import Knowledge

BATCH, SWEEP = 5_000, 500
SETTLED = 60
REVIEW_COLUMNS = {"id", "review_state", "assignee", "review_version", "held", "hold_reason"}
_COLUMNS = ("id", "sender_id", "type_name", "timestamp", "data")


def step(knowledge: Knowledge, batch: int = BATCH) -> int:
    """Project the next events; how many there were. 0: nothing new."""
    with transaction.atomic():
        cursor = _cursor()
        after = cursor.last_event if RasaEvent.objects.filter(id__gte=cursor.last_event).exists() else 0
        new = list(RasaEvent.objects.filter(id__gt=after).order_by("id").values_list("id", "sender_id", "timestamp")[:batch])
        if not new:
            return 0
        found = [session for sender in _histories(new) for session in sessions(sender)]
        days = _write(found, knowledge)
        cursor.dirty_days = sorted({*cursor.dirty_days, *days})
        cursor.last_event = settled(after, [(key, at) for key, _, at in new], time.time())
        cursor.at, cursor.lag = timezone.now(), max(0.0, time.time() - new[-1][2])
        cursor.save()
    return len(new) if cursor.last_event > after else 0


def settled(after: int, events: Sequence[tuple[int, float]], now: float) -> int:
    """The id up to which nothing can appear any more: before the first gap that is followed by something recent."""
    for key, at in events:
        if key != after + 1 and now - at < SETTLED and after:
            return after
        after = key
    return after


def recount_dirty_days(most: int = 20) -> None:
    """Count the days anew in which something changed. Counting takes no lock, so that nobody waits for a busy day."""
    for day in (Cursor.objects.filter(pk=1).values_list("dirty_days", flat=True).first() or [])[:most]:
        counts = rollup.counted(date.fromisoformat(day))
        with transaction.atomic():
            cursor = _cursor()
            rollup.replace(date.fromisoformat(day), counts)
            cursor.dirty_days = [other for other in cursor.dirty_days if other != day]
            cursor.save(update_fields=["dirty_days"])


def sweep(most: int = SWEEP) -> int:
    """Forget conversations whose events are gone; how many. Each call looks at the newest `most` ones and at the next `most`, in turns.

    An empty source forgets nothing: that is more likely a wrong address than everybody's wish. What is held stays.
    """
    if not RasaEvent.objects.exists():
        return 0
    with transaction.atomic():
        cursor = _cursor()
        free = Conversation.objects.filter(held=False).values_list("id", flat=True)
        next_ones = list(free.filter(id__gt=cursor.swept_to).order_by("id")[:most])
        looked_at = {*next_ones, *free.order_by("-id")[:most]}
        gone = sorted(looked_at - set(RasaEvent.objects.filter(id__in=looked_at).values_list("id", flat=True)))
        forget(gone)
        cursor.swept_to = next_ones[-1] if len(next_ones) == most else 0
        cursor.save(update_fields=["swept_to"])
    return len(gone)


def forget(keys: Sequence[int]) -> dict[str, int]:
    """Delete conversations with all that hangs on them; how many rows of which kind. The counts of their days stay: they name nobody."""
    search.remove(keys)
    return {name.split(".")[-1]: count for name, count in Conversation.objects.filter(id__in=keys).delete()[1].items()}


def transcript(conversation: Conversation) -> Optional[Session]:
    """The session as it stands in `events` now, or as it was when it was put under hold; None when it is no longer there."""
    found = sessions(events_of(conversation))
    return found[0] if found else None


def events_of(conversation: Conversation) -> list[Event]:
    rows = RasaEvent.objects.filter(sender_id=conversation.sender, id__gte=conversation.id, id__lte=conversation.last_event)
    found = [Event(*row) for row in rows.order_by("id").values_list(*_COLUMNS)]
    kept = HeldEvents.objects.filter(pk=conversation.pk).first() if not found else None
    return [Event(*row) for row in kept.events] if kept else found


def _cursor() -> Cursor:
    """The only row, locked where the database can; SQLite's transactions here exclude one another anyway."""
    return Cursor.objects.select_for_update().get_or_create(pk=1)[0]


def _histories(new: Sequence[tuple[int, str, float]]) -> list[list[Event]]:
    """For every sender of these events all events since the beginning of the session that the first of them belongs to."""
    first: dict[str, int] = {}
    for key, sender, _ in new:
        first.setdefault(sender, key)
    begun = Conversation.objects.filter(sender__in=first).order_by("sender", "id").values_list("sender", "id")
    start = dict.fromkeys(first, 0)
    start.update({sender: key for sender, key in begun if key <= first[sender]})
    rows = RasaEvent.objects.filter(sender_id__in=first, id__gte=min(start.values())).order_by("sender_id", "id")
    events = (Event(*row) for row in rows.values_list(*_COLUMNS) if row[0] >= start[row[1]])
    return [list(group) for _, group in groupby(events, key=lambda event: event.sender)]


def _write(found: Sequence[Session], knowledge: Knowledge) -> set[str]:
    """Upsert sessions with their turns and index entries; the days concerned."""
    conversations, turns, index = [], [], []
    for session in found:
        rows = [turn_row(session, turn, number) for number, turn in enumerate(session.turns, 1)]
        conversations.append(Conversation(**conversation_row(session, rows, knowledge)))
        turns += [Turn(**row) for row in rows]
        index.append((session.first_event, [row["text"] for row in rows], tags(rows)))
    keys = [row.id for row in conversations]
    Turn.objects.filter(conversation__in=keys).exclude(event__in=[row.event for row in turns]).delete()
    _upsert(Conversation, conversations)
    _upsert(Turn, turns)
    search.put(index)
    return {row.started.astimezone(LOCAL).date().isoformat() for row in conversations}


def _upsert(model: type, rows: Sequence[object]) -> None:
    key = model._meta.pk.name
    columns = [field.name for field in model._meta.concrete_fields if field.name not in REVIEW_COLUMNS | {key}]
    model.objects.bulk_create(rows, batch_size=300, update_conflicts=True, unique_fields=[key], update_fields=columns)


