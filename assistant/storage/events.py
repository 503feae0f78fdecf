"""Reading and appending the events of one conversation."""
from typing import List, NamedTuple, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.storage.database import EVENTS, hold, writing

SESSION_STARTED = "session_started"


class StaleHistory(Exception):
    """The conversation went on, or was erased, since it was read: what was to be appended follows from something outdated."""


class StoredEvent(NamedTuple):
    id: int
    data: str  # JSON


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


def append(engine: Engine, sender_id: str, last_id: Optional[int], rows: Sequence[dict]) -> int:
    """Write the events of one turn, all or none; the id of the last one.

    `last_id` is the last event that the turn followed from, 0 for none; where it is no longer the last, nothing is written and
    StaleHistory is raised. None: append in any case. This holds the order even where the lock of the conversation is lost.
    """
    with writing(engine) as connection:
        hold(connection, sender_id)
        newest = sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.id), 0)).where(EVENTS.c.sender_id == sender_id)
        if last_id is not None and connection.execute(newest).scalar_one() != last_id:
            raise StaleHistory()
        connection.execute(EVENTS.insert(), list(rows))
        return connection.execute(newest).scalar_one()
