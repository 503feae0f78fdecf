"""What the console says and shows before the assistant has been started, and when its database is away."""
from __future__ import annotations

import logging

import pytest
from django.db import DatabaseError, connections
from django.urls import reverse

from console import projector, worker

pytestmark = pytest.mark.usefixtures("console")


class Enough(Exception):
    """Ends worker.run(), which goes on for ever."""


def run_worker(monkeypatch, *steps) -> None:
    """Lets the worker take these steps: each is a number of events, or what the database raises."""
    taken = iter(steps)

    def step(_knowledge) -> int:
        found = next(taken, Enough())
        if isinstance(found, Exception):
            raise found
        return found
    monkeypatch.setattr(projector, "step", step)
    monkeypatch.setattr(worker, "PAUSE", 0)
    with pytest.raises(Enough):
        worker.run()


@pytest.fixture
def no_events(monkeypatch) -> None:
    """As before the assistant's first start."""
    monkeypatch.setattr(connections["rasa"], "close", lambda: None)  # the test's transaction is in it
    with connections["rasa"].cursor() as cursor:
        cursor.execute("ALTER TABLE events RENAME TO events_elsewhere")


def test_waiting_for_the_first_start_is_explained_once_and_its_end_too(no_events, monkeypatch, caplog) -> None:
    with caplog.at_level(logging.WARNING, "console"):
        run_worker(monkeypatch, *[DatabaseError("no such table: events")] * 5, 3)
    waits, goes_on = (record.getMessage() for record in caplog.records)
    assert "starts for the first time" in waits and "IDCARD_DATABASE_URL" in waits and "following" in goes_on


def test_a_database_that_goes_away_is_no_first_start(monkeypatch, caplog) -> None:
    monkeypatch.setattr(connections["rasa"], "close", lambda: None)
    with caplog.at_level(logging.WARNING, "console"):
        run_worker(monkeypatch, DatabaseError("disk I/O error"), DatabaseError("disk I/O error"))
    (record,) = caplog.records
    assert "trying again" in record.getMessage() and "first time" not in record.getMessage()


def test_pages_can_be_read_while_the_assistants_database_is_not_there(staff, project, no_events) -> None:
    client = staff("查看", "审核")
    for page in ("queues", "conversations"):
        answer = client.get(reverse(page))
        assert answer.status_code == 200 and "现在读不到" in answer.content.decode()

