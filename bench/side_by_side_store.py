"""Fills the `events` table of a system, stock's or ours, with copies of one stored conversation."""
from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

# A number of its own for every copy, spread over the index as random names are.
_SENDER = "printf('%08x%08x', copies.number * 2654435761 % 4294967296, copies.number)"
_COLUMNS = "type_name, timestamp, intent_name, action_name, data"


def fill(database: Path, template: str, stored: int, wanted: int) -> int:
    """Raise the number of copies of the conversation of sender `template` from `stored` to `wanted`; the rows of one copy.

    The server must be stopped: indexes are dropped and made again, without a log.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events' AND sql > ''").fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("BEGIN")
        connection.execute(
            f"WITH RECURSIVE copies(number) AS (SELECT {stored} UNION ALL SELECT number + 1 FROM copies WHERE number + 1 < {wanted}) "
            f"INSERT INTO events (sender_id, {_COLUMNS}) SELECT {_SENDER}, {_COLUMNS} FROM copies "
            "CROSS JOIN (SELECT * FROM events WHERE sender_id = ? ORDER BY id)", (template,))
        connection.execute("COMMIT")
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute(f"PRAGMA journal_mode={mode}")
        os.sync()  # else the first turns that are measured wait for all of this to be written
        return connection.execute("SELECT count(*) FROM events WHERE sender_id = ?", (template,)).fetchone()[0]
