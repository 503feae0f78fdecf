"""The database: one table of events in the shape of Rasa's own, and two of the website, on SQLite or PostgreSQL.

Ids rise and are never used again, so that a reader can follow the table by them. On PostgreSQL a transaction may commit a lower
id after a higher one: whoever follows the table there reads the last minute again.
"""
import os
import threading
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from assistant import settings

METADATA = sa.MetaData()
EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float(53)),  # seconds since 1970
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),  # the event as JSON, masked
    sa.Index("ix_events_sender_id_id", "sender_id", "id"),
    sa.Index("ix_events_timestamp", "timestamp"),
    sqlite_autoincrement=True,
)
# What has been erased, when: each receipt is chained to the one before by its hash, so that none can be changed unseen.
RECEIPTS = sa.Table(
    "receipts",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601, UTC
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),  # whose: a keyed pseudonym; empty for a purge
    sa.Column("conversations", sa.Integer, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sqlite_autoincrement=True,
)
# Conversations under legal hold, each from its first event to its last: written by the staff console, spared by the purge.
HOLDS = sa.Table(
    "holds",
    METADATA,
    sa.Column("first_event", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_event", sa.BigInteger, nullable=False),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
)
# The website's sessions and what it replays of them (assistant/channels/web/store.py).
WEB_SESSIONS = sa.Table(
    "web_session",
    METADATA,
    sa.Column("session", sa.String(64), primary_key=True),
    sa.Column("city", sa.String(16), nullable=False),
    sa.Column("begun", sa.String(32), nullable=False, index=True),  # ISO 8601, China's time
    sa.Column("newest", sa.Integer, nullable=False),  # seq of the newest message
)
WEB_MESSAGES = sa.Table(
    "web_message",
    METADATA,
    sa.Column("session", sa.String(64), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("turn", sa.Integer, nullable=False),  # seq of the message that this one answers; its own where it answers none
    sa.Column("author", sa.String(4), nullable=False),  # user or bot
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("buttons", sa.Text, nullable=False),  # JSON: [{"title", "payload"}]
    sa.Column("custom", sa.Text, nullable=False),  # JSON
    sa.Column("client_msg_id", sa.String(80)),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.UniqueConstraint("session", "client_msg_id"),
)
# Everything that is kept of one. A session before its messages, as they are written: lest two processes wait for each other.
OF_A_SENDER = (EVENTS.c.sender_id, WEB_SESSIONS.c.session, WEB_MESSAGES.c.session)
DIALECTS = ("sqlite", "postgresql")
# Longer than any statement of ours takes, shorter than a citizen's patience: then an apology is better.
WAIT_SECONDS = 5
CONNECTIONS = 4
CREATE_LOCK, RECEIPT_LOCK = "create tables", "receipt"


@lru_cache(maxsize=None)
def connect(url: str) -> Engine:
    """The engine for a database URL, one per process; it connects when it is first used.

    Raises SettingError for a URL that names no database we can use.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in DIALECTS:  # the URL itself may hold a password
        raise settings.SettingError(
            "IDCARD_DATABASE_URL is no URL of SQLite or PostgreSQL: write sqlite:///var/idcard.db or postgresql://user:password@host/name.")
    # Parameters hold what citizens wrote; without hiding them every error of the driver would quote them.
    common = {"hide_parameters": True, "pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": WAIT_SECONDS,
              "poolclass": sa.pool.QueuePool}
    if parsed.get_backend_name() == "sqlite":
        _make_private_file(parsed.database)
        engine = sa.create_engine(parsed, connect_args={"check_same_thread": False, "timeout": WAIT_SECONDS}, **common)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    milliseconds = 1000 * WAIT_SECONDS
    return sa.create_engine(parsed, pool_pre_ping=True, **common, connect_args={
        "connect_timeout": WAIT_SECONDS, "tcp_user_timeout": milliseconds,
        "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"})


def create_tables(engine: Engine) -> None:
    """Make what is missing; several processes may do so at once."""
    with writing(engine) as connection:
        hold(connection, CREATE_LOCK)
        METADATA.create_all(connection)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes. On SQLite it takes its turn at once instead of failing in the middle."""
    turn = _turns_to_write(engine.url)
    if not turn.acquire(timeout=WAIT_SECONDS):
        raise OperationalError("BEGIN", {}, TimeoutError("other threads write for too long"))
    try:
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
    finally:
        turn.release()


@lru_cache(maxsize=None)
def _turns_to_write(database: URL) -> threading.BoundedSemaphore:
    """SQLite has one writer at a time, and those who wait look again ever more rarely; threads that wait here are woken. With PostgreSQL
    as many write as there are connections."""
    return threading.BoundedSemaphore(1 if database.get_backend_name() == "sqlite" else CONNECTIONS)


def hold(connection: Connection, what: str) -> None:
    """Until the end of the transaction no other process holds the same; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(what, 0))))


def _make_private_file(path: str) -> None:
    """The file, readable by its owner alone; SQLite gives its companions (-wal, -shm) the same rights."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def _prepare_sqlite(connection, _record) -> None:
    connection.isolation_level = None  # the driver's own notion of transactions does not cover reads
    connection.execute("PRAGMA journal_mode=WAL")
    # NORMAL would survive kill -9 as well, but not a power cut; what was acknowledged must.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
