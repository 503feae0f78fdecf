"""Two processes at one conversation: the one that comes too late reads and tries again, but not for ever."""
import asyncio

import pytest

from assistant.agent import MOST_TRIES, until_fresh
from assistant.storage.events import StaleHistory


@pytest.mark.parametrize("too_late", [0, MOST_TRIES - 1, MOST_TRIES])
def test_a_turn_is_tried_until_nobody_was_ahead_of_it(too_late: int) -> None:
    tries = []

    async def take() -> None:
        tries.append(None)
        if len(tries) <= too_late:
            raise StaleHistory

    if too_late == MOST_TRIES:
        with pytest.raises(StaleHistory):
            asyncio.run(until_fresh(take))
    else:
        asyncio.run(until_fresh(take))
    assert len(tries) == min(too_late + 1, MOST_TRIES)
