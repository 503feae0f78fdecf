"""A copy of the database in one file, and the way back: the same file for SQLite and PostgreSQL.

Lines of JSON, compressed: what it is, one line for each row, then how many rows there are and the hash of all lines before.
"""
import gzip
import hashlib
import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from assistant.storage.database import METADATA, create_tables, writing

FORMAT = "idcard backup 1"
ROWS_AT_ONCE = 1000


class BackupError(Exception):
    """A backup that cannot be used; the message is for the operator."""


class Copied(NamedTuple):
    rows: int
    hash: str  # SHA-256 of the content


def backup(engine: Engine, path: Path) -> Copied:
    """Write all rows as they are at one moment, while the service goes on; the file is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    digest, rows = hashlib.sha256(), -1
    private = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(private, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
        for line in _lines(engine):
            content = json.dumps(line, ensure_ascii=False).encode() + b"\n"
            digest.update(content)
            packed.write(content)
            rows += 1
        packed.write(json.dumps({"rows": rows, "hash": digest.hexdigest()}).encode() + b"\n")
    os.replace(partial, path)
    return Copied(rows, digest.hexdigest())


def restore(engine: Engine, path: Path) -> Copied:
    """Fill an empty database from a backup, all or nothing. Raises BackupError for a broken file or a database in use."""
    copied = check(path)
    create_tables(engine)
    with writing(engine) as connection:
        for table in METADATA.sorted_tables:
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                raise BackupError(f"The database already holds {table.name}. Restore into an empty one (IDCARD_DATABASE_URL).")
        waiting: Dict[str, List[dict]] = {name: [] for name in METADATA.tables}
        for name, row in _rows_of(path):
            waiting[name].append(row)
            if len(waiting[name]) == ROWS_AT_ONCE:
                connection.execute(METADATA.tables[name].insert(), waiting.pop(name))
                waiting[name] = []
        for name, rows in waiting.items():
            if rows:
                connection.execute(METADATA.tables[name].insert(), rows)
        _go_on_counting(connection)
    return copied


def check(path: Path) -> Copied:
    """The number of rows and the hash of a backup that is whole; raises BackupError for any other file."""
    digest, rows, last = hashlib.sha256(), -1, b""
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                if last:
                    digest.update(last)
                    rows += 1
                last = line
        found = Copied(**json.loads(last))
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise BackupError(f"{path} is no whole backup ({error or type(error).__name__}). Take another one.") from None
    if found != Copied(rows, digest.hexdigest()):
        raise BackupError(f"{path} has been changed: its hash does not fit its content. Take another one.")
    return found


def _lines(engine: Engine) -> Iterator[list]:
    """The head, then [table, row] for all rows as they are at one moment."""
    yield [FORMAT, datetime.now(timezone.utc).isoformat(timespec="seconds")]
    consistent = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(stream_results=True, **consistent) as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(sa.select(table).order_by(*table.primary_key)).yield_per(ROWS_AT_ONCE):
                yield [table.name, dict(row)]


def _rows_of(path: Path) -> Iterator[list]:
    with gzip.open(path, "rb") as file:
        lines = map(json.loads, file)
        if next(lines)[0] != FORMAT:
            raise BackupError(f"{path} is a backup of another version.")
        yield from (line for line in lines if isinstance(line, list))


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL does not look at ids that were given to it; the next ones must come after them."""
    for table in METADATA.sorted_tables if connection.dialect.name == "postgresql" else ():
        key, *others = table.primary_key
        if others or isinstance(key.type, sa.String):  # no numbers that PostgreSQL would give itself
            continue
        sequence = sa.func.pg_get_serial_sequence(table.name, key.name)
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(sa.func.max(key), 0) + 1, False)))
