"""Reading and appending the events of one conversation."""
from typing import Dict, List, NamedTuple, Optional, Sequence, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.storage.database import EVENTS, hold, writing

SESSION_STARTED = "session_started"


class StaleHistory(Exception):
    """The conversation went on, or was erased, since it was read: what was to be appended follows from something outdated."""


class StoredEvent(NamedTuple):
    id: int
    data: str  # JSON


class Turn(NamedTuple):
    """What one turn adds to a conversation."""

    sender_id: str
    last_id: Optional[int]  # the last event that it follows from, 0 for none; None: append in any case
    rows: Sequence[dict]  # columns of table `events`


def latest_session(engine: Engine, sender_id: str) -> List[StoredEvent]:
    """The events of a conversation from its latest session start on, or all where it has none."""
    start = sa.select(sa.func.max(EVENTS.c.id)).where(
        EVENTS.c.sender_id == sender_id, EVENTS.c.type_name == SESSION_STARTED).scalar_subquery()
    return _read(engine, sender_id, EVENTS.c.id >= sa.func.coalesce(start, 0))


def from_id(engine: Engine, sender_id: str, first: int) -> List[StoredEvent]:
    """The event with the id `first` and what came after it."""
    return _read(engine, sender_id, EVENTS.c.id >= first)


def whole_conversation(engine: Engine, sender_id: str) -> List[StoredEvent]:
    return _read(engine, sender_id, sa.true())


def senders(engine: Engine) -> List[str]:
    """Everyone who has a conversation."""
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(EVENTS.c.sender_id).distinct()))


def _read(engine: Engine, sender_id: str, condition) -> List[StoredEvent]:
    query = sa.select(EVENTS.c.id, EVENTS.c.data).where(EVENTS.c.sender_id == sender_id, condition).order_by(EVENTS.c.id)
    with engine.connect() as connection:
        return [StoredEvent(*row) for row in connection.execute(query)]


def append(engine: Engine, turns: Sequence[Turn]) -> List[Union[int, StaleHistory]]:
    """Write turns in one transaction, so that one wait for the disk serves them all; for each the id of its last event.

    A turn whose `last_id` is no longer the last event of its conversation is left out, and StaleHistory stands in its place. This
    holds the order even where the lock of a conversation is lost.
    """
    senders = sorted({turn.sender_id for turn in turns})  # in the same order everywhere, lest two processes wait for each other
    with writing(engine) as connection:
        for sender_id in senders:
            hold(connection, sender_id)
        is_fresh = _fresh(turns, _last_ids(connection, senders))
        rows = [row for turn, fresh in zip(turns, is_fresh) if fresh for row in turn.rows]
        if rows:
            connection.execute(EVENTS.insert(), rows)
        last_ids = _last_ids(connection, senders)
    return [last_ids[turn.sender_id] if fresh else StaleHistory() for turn, fresh in zip(turns, is_fresh)]


def _fresh(turns: Sequence[Turn], last_ids: Dict[str, int]) -> List[bool]:
    """Which turns follow from the last event of their conversation; of several such turns the first."""
    found, written = [], set()
    for turn in turns:
        follows = turn.last_id == last_ids.get(turn.sender_id, 0) and turn.sender_id not in written
        found.append(turn.last_id is None or follows)
        if found[-1]:
            written.add(turn.sender_id)
    return found


def _last_ids(connection: Connection, senders: Sequence[str]) -> Dict[str, int]:
    query = sa.select(EVENTS.c.sender_id, sa.func.max(EVENTS.c.id)).where(EVENTS.c.sender_id.in_(senders))
    return dict(connection.execute(query.group_by(EVENTS.c.sender_id)).all())
