"""What the console does by itself: follow the events, and once a day delete what is older than its retention allows."""
from __future__ import annotations

import logging
import time
from urllib.parse import unquote

from django.db import DatabaseError, connections

from console import holds, projector, retention
from console.models import RasaEvent
from idcard.knowledge import Knowledge, load

LOG = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between looks at the source when there is nothing new
DAY = 24 * 3600
COUNT_PAUSE, COUNT_SHARE = 10.0, 0.05  # days are counted anew after that many seconds, and for no more than that share of the time


def run() -> None:
    """For ever. A database that is away is waited for; why, is said once."""
    knowledge, next_cleaning, next_count, waiting = load(), time.monotonic() + 60, 0.0, ""
    while True:
        try:
            more = projector.step(knowledge)
            if waiting:
                LOG.warning("The conversations can be read now; following them.")
                waiting = ""
            if more:
                continue
            holds.follow()
            projector.sweep()
            if time.monotonic() > next_count:
                begun = time.monotonic()
                projector.recount_dirty_days()
                next_count = time.monotonic() + max(COUNT_PAUSE, (time.monotonic() - begun) / COUNT_SHARE)
            if time.monotonic() > next_cleaning:
                next_cleaning += DAY
                retention.run("", lambda: _catch_up(knowledge))
        except DatabaseError as error:
            reason = why(error)
            if reason != waiting:
                LOG.warning(reason)
            waiting = reason
        time.sleep(PAUSE)


def _catch_up(knowledge: Knowledge) -> None:
    """Deleting takes long where much is over; what is said meanwhile is seen all the same."""
    while projector.step(knowledge):
        pass


def why(error: DatabaseError) -> str:
    """What keeps the projector waiting, in a sentence for who runs the service."""
    source = connections["rasa"]
    try:
        made = RasaEvent._meta.db_table in source.introspection.table_names()
    except DatabaseError:
        made = source.vendor != "sqlite"  # of SQLite there is no file before the assistant's first start
    finally:
        source.close()  # a broken connection would stay broken
    if made:
        return f"Conversations are not followed for now ({type(error).__name__}); trying again every second."
    name = unquote(str(source.settings_dict["NAME"]).removeprefix("file:").partition("?")[0])
    return (f"No conversations yet in {name}: the assistant makes this database when it starts for the first time. "
            "Waiting for it. If it has been started, let IDCARD_DATABASE_URL be the same for both.")
