"""What the console does by itself: follow the events, and once a day delete what is older than its retention allows."""
from __future__ import annotations

import logging
import time

from django.db import DatabaseError

from console import projector, retention
from idcard.knowledge import load

LOG = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between looks at the source when there is nothing new
DAY = 24 * 3600
COUNT_PAUSE, COUNT_SHARE = 10.0, 0.05  # days are counted anew after that many seconds, and for no more than that share of the time


def run() -> None:
    """For ever. A database that is away is waited for."""
    knowledge, next_cleaning, next_count = load(), time.monotonic() + 60, 0.0
    while True:
        try:
            if projector.step(knowledge):
                continue
            projector.sweep()
            if time.monotonic() > next_count:
                begun = time.monotonic()
                projector.recount_dirty_days()
                next_count = time.monotonic() + max(COUNT_PAUSE, (time.monotonic() - begun) / COUNT_SHARE)
            if time.monotonic() > next_cleaning:
                next_cleaning += DAY
                retention.run("")
        except DatabaseError as error:
            LOG.warning("The projector waits for the database: %s", type(error).__name__)
        time.sleep(PAUSE)
