"""Deleting what was said: on request, and when its time is over. Every deletion leaves a receipt and nothing else."""
import asyncio
import hashlib
import json
import secrets
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant import keys, settings
from assistant.alarms import alarm
from assistant.storage.database import EVENTS, HOLDS, OF_A_SENDER, RECEIPT_LOCK, RECEIPTS, WEB_MESSAGES, WEB_SESSIONS, hold, writing
from assistant.storage.events import SESSION_STARTED

DAY_SECONDS = 24 * 60 * 60
SENDERS_AT_ONCE = 200  # turns wait while a batch is deleted
WEB_SESSION_SECONDS = DAY_SECONDS  # so long a session of the website can be gone on with, and is replayed
CHINA = timezone(timedelta(hours=8))


class Receipt(NamedTuple):
    id: str
    at: str  # ISO 8601, UTC
    action: str  # erase, purge
    subject: str  # keyed pseudonym of the sender; empty for a purge
    conversations: int
    events: int
    hash: str  # SHA-256 over the receipt before and this one


def erase(engine: Engine, sender_id: str) -> Receipt:
    """Delete everything of one sender, in every table. A turn that is just being taken starts a new conversation.

    Asked again, with nothing left to delete, it gives the receipt that there is: the answer to the first call may have been lost.
    """
    subject = keys.pseudonym("receipt", sender_id)
    with writing(engine) as connection:
        hold(connection, sender_id)
        events, *others = [connection.execute(sender.table.delete().where(sender == sender_id)).rowcount for sender in OF_A_SENDER]
        deleted = events + sum(others)
        receipt = (None if deleted else _newest_receipt(connection, subject)) \
            or _write_receipt(connection, "erase", subject, int(deleted > 0), events)
    empty_log(engine)
    return receipt


def forget_web_sessions(engine: Engine, now: float) -> int:
    """Delete the sessions of the website that nobody can go on with any more; how many. Their events have a clock of their own."""
    latest = datetime.fromtimestamp(now - WEB_SESSION_SECONDS, CHINA).isoformat("T", "seconds")
    with engine.connect() as connection:
        old = list(connection.scalars(sa.select(WEB_SESSIONS.c.session).where(WEB_SESSIONS.c.begun < latest)))
    for batch in _batches(old):
        with writing(engine) as connection:
            connection.execute(WEB_SESSIONS.delete().where(WEB_SESSIONS.c.session.in_(batch)))
            connection.execute(WEB_MESSAGES.delete().where(WEB_MESSAGES.c.session.in_(batch)))
    if old:
        empty_log(engine)
    return len(old)


def purge(engine: Engine, days: float, now: float) -> Receipt:
    """Delete what is older than `days` before `now` (seconds since 1970), but nothing of a session that still goes on or is held."""
    forget_web_sessions(engine, now)
    conversations = events = 0
    for batch in _batches(_old_senders(engine, now - days * DAY_SECONDS)):
        with writing(engine) as connection:
            counts = [connection.execute(EVENTS.delete().where(old)).rowcount
                      for old in _old_events(connection, batch, now - days * DAY_SECONDS)]
        conversations += sum(count > 0 for count in counts)
        events += sum(counts)
    with writing(engine) as connection:
        receipt = _write_receipt(connection, "purge", "", conversations, events)
    empty_log(engine)
    return receipt


async def keep(engine: Engine) -> None:
    """Purge now and every day, for as long as the service runs; what fails is tried again the next day."""
    while True:
        try:
            if (await asyncio.to_thread(would_purge, engine, settings.retention_days(), time.time()))[1]:
                await asyncio.to_thread(purge, engine, settings.retention_days(), time.time())
        except SQLAlchemyError as error:
            alarm("What is too old could not be deleted", error)
        await asyncio.sleep(DAY_SECONDS)


def would_purge(engine: Engine, days: float, now: float) -> Tuple[int, int]:
    """(conversations, events) that purge() would delete from."""
    cutoff = now - days * DAY_SECONDS
    with engine.connect() as connection:
        counts = [connection.scalar(sa.select(sa.func.count()).where(old))
                  for batch in _batches(_old_senders(engine, cutoff)) for old in _old_events(connection, batch, cutoff)]
    return sum(count > 0 for count in counts), sum(counts)


def receipts(engine: Engine) -> List[Receipt]:
    """All receipts, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(RECEIPTS).order_by(RECEIPTS.c.number)).all()
    return [Receipt(**{name: row[name] for name in Receipt._fields}) for row in map(dict, rows)]


def first_broken(chain: Sequence[Receipt]) -> Optional[Receipt]:
    """The first receipt that has been changed, or before which one is missing."""
    before = ""
    for receipt in chain:
        if receipt.hash != _hash(before, receipt):
            return receipt
        before = receipt.hash
    return None


def _newest_receipt(connection: Connection, subject: str) -> Optional[Receipt]:
    query = sa.select(*(RECEIPTS.c[name] for name in Receipt._fields)).where(RECEIPTS.c.subject == subject)
    row = connection.execute(query.order_by(RECEIPTS.c.number.desc()).limit(1)).first()
    return row and Receipt(*row)


def _old_senders(engine: Engine, cutoff: float) -> List[str]:
    with engine.connect() as connection:
        return list(connection.scalars(old_senders(cutoff)))


def old_senders(cutoff: float) -> sa.sql.Select:
    """The query for all who said something before `cutoff`. Its column is an expression, lest SQLite goes through the index of all senders,
    and looks up each of their events, to find them in order."""
    return sa.select(EVENTS.c.sender_id + "").where(EVENTS.c.timestamp < cutoff).distinct()


HELD = sa.exists().where(HOLDS.c.sender_id == EVENTS.c.sender_id, EVENTS.c.id.between(HOLDS.c.first_event, HOLDS.c.last_event))


def _batches(senders: Sequence[str]) -> Iterator[Sequence[str]]:
    return (senders[start:start + SENDERS_AT_ONCE] for start in range(0, len(senders), SENDERS_AT_ONCE))


def _old_events(connection: Connection, senders: Sequence[str], cutoff: float) -> Iterator[sa.sql.ColumnElement]:
    """For each sender the condition on its old events. A tracker reads its whole latest session: that goes whole or not at all."""
    session_start = sa.func.max(sa.case((EVENTS.c.type_name == SESSION_STARTED, EVENTS.c.id), else_=0))
    latest = sa.select(EVENTS.c.sender_id, session_start, sa.func.max(EVENTS.c.timestamp)).where(
        EVENTS.c.sender_id.in_(senders)).group_by(EVENTS.c.sender_id)
    for sender_id, start, last in connection.execute(latest).all():
        own = EVENTS.c.sender_id == sender_id
        old = own if last < cutoff else sa.and_(own, EVENTS.c.timestamp < cutoff, EVENTS.c.id < start)
        yield sa.and_(old, ~HELD)


def _write_receipt(connection: Connection, action: str, subject: str, conversations: int, events: int) -> Receipt:
    hold(connection, RECEIPT_LOCK)
    before = connection.scalar(sa.select(RECEIPTS.c.hash).order_by(RECEIPTS.c.number.desc()).limit(1)) or ""
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    receipt = Receipt(secrets.token_hex(8), at, action, subject, conversations, events, "")
    receipt = receipt._replace(hash=_hash(before, receipt))
    connection.execute(RECEIPTS.insert(), receipt._asdict())
    return receipt


def _hash(before: str, receipt: Receipt) -> str:
    return hashlib.sha256(json.dumps([before, *receipt[:-1]]).encode()).hexdigest()


def empty_log(engine: Engine) -> None:
    """SQLite's log of changes still holds what was deleted from the file itself."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
