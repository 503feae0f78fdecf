"""Chinese full text over the citizens' messages, and tags, one index row per conversation; the same on SQLite and PostgreSQL.

Text is cut into overlapping pairs of characters (身份证 → 身份 份证), so that every run of two or more letters is found exactly, with
no dictionary and no extension. SQLite keeps them in an FTS5 table, PostgreSQL as a tsvector with a GIN index.
"""
from __future__ import annotations

import re
from typing import Callable, Iterable, Sequence

from django.db import connection

from idcard.text import normalise

TABLE = "console_search"
LETTER = "字"
PAGES_AT_ONCE = 500  # of a merge: about a tenth of a second
GAP = "_"  # between pieces of text, so that no phrase crosses them
_PIECE = re.compile(r"[^\W_]+")
_UNSAFE = re.compile(r"[\W_]+")

CREATE = {
    "sqlite": [f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, tags, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"],
    "postgresql": [f"CREATE TABLE {TABLE} (rowid bigint PRIMARY KEY, words tsvector NOT NULL)",
                   f"CREATE INDEX {TABLE}_words ON {TABLE} USING gin (words) WITH (fastupdate = off)"],
}


def pieces(text: str) -> list[str]:
    """The runs of letters and digits of `text` in their normal form."""
    return _PIECE.findall(normalise(text))


def pairs(piece: str) -> list[str]:
    """身份证 → 身份 份证: as a phrase they find the piece inside longer text; none for a single letter."""
    return [piece[i:i + 2] for i in range(len(piece) - 1)]


def tag(what: str, name: str) -> str:
    """One token for a tag. Marks in names (武汉2016/一/1) become _, as the tokenizer allows no others."""
    return f"tag_{what}_{_UNSAFE.sub('_', name)}".lower()


def put(entries: Sequence[tuple[int, Iterable[str], Iterable[tuple[str, str]]]]) -> None:
    """Index conversations anew: (id, the citizen's messages, tags). Each letter that occurs is a tag too, for searches of one letter."""
    remove([key for key, _, _ in entries])
    rows = []
    for key, texts, tags in entries:
        found = [piece for text in texts for piece in pieces(text)]
        words = [token for piece in found for token in (*pairs(piece), GAP)]
        marks = sorted({*(tag(*one) for one in tags), *(tag(LETTER, letter) for letter in set("".join(found)))})
        rows.append((key, " ".join(words), " ".join(marks)) if connection.vendor == "sqlite" else (key, _vector(words, marks)))
    place = "%s, %s, %s" if connection.vendor == "sqlite" else "%s, %s::tsvector"
    columns = "rowid, words, tags" if connection.vendor == "sqlite" else "rowid, words"
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} ({columns}) VALUES ({place})", rows)


def remove(keys: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(key,) for key in keys])


def scrub(between: Callable[[], object] = lambda: None) -> None:
    """What was deleted is gone from the files too: FTS5 and SQLite's log would keep it for a while. PostgreSQL has its vacuum.

    The index is merged a piece at a time, since nobody can write meanwhile; `between` is called after each.
    """
    if connection.vendor != "sqlite":
        return
    pages = -PAGES_AT_ONCE  # below 0: begins with all of the index, not only where FTS5 would merge by itself
    while _merge(pages):
        pages = PAGES_AT_ONCE
        between()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _merge(pages: int) -> bool:
    """Whether there was something to merge, which FTS5 tells by the rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT total_changes()")
        before = cursor.fetchone()[0]
        cursor.execute(f"INSERT INTO {TABLE}({TABLE}, rank) VALUES ('merge', %s)", [pages])
        cursor.execute("SELECT total_changes()")
        return cursor.fetchone()[0] - before >= 2


def condition(keywords: str, tags: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """(SQL with one placeholder, its value) that holds for rows of TABLE with every keyword and every tag; ("", "") for none."""
    wanted = pieces(keywords)
    phrases, letters = [pairs(piece) for piece in wanted if len(piece) > 1], [piece for piece in wanted if len(piece) == 1]
    marks = [tag(*one) for one in (*tags, *((LETTER, letter) for letter in letters))]
    if not phrases and not marks:
        return "", ""
    if connection.vendor == "sqlite":
        parts = ['words : "{}"'.format(" ".join(tokens)) for tokens in phrases] + [f'tags : "{mark}"' for mark in marks]
        return f"{TABLE} MATCH %s", " AND ".join(parts)
    parts = ["({})".format(" <-> ".join(f"'{token}'" for token in tokens)) for tokens in phrases] + [f"'{mark}'" for mark in marks]
    return f"{TABLE}.words @@ %s::tsquery", " & ".join(parts)


def _vector(words: Sequence[str], marks: Sequence[str]) -> str:
    """Text of a tsvector with positions; PostgreSQL keeps at most 16,383 of them and 255 of one word."""
    placed = [f"'{token}':{position}" for position, token in enumerate(words[:16_000], 1)]
    return " ".join([*placed, *(f"'{mark}'" for mark in marks)])
