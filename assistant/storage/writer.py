"""Writes the turns of all conversations that wait at a time together: durable for each of them, at the price of one."""
import asyncio
from typing import Any, Awaitable, Callable, List, Tuple

from sqlalchemy.exc import OperationalError

from assistant.storage.database import WAIT_SECONDS
from assistant.storage.events import Turn, append

MOST_AT_ONCE = 50


class Writer:
    """`in_thread(function, *arguments)` runs a function of the database, given its engine, without holding up the event loop."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._waiting: List[Tuple[Turn, asyncio.Future]] = []
        self._is_writing = False

    async def append(self, turn: Turn) -> int:
        """The id of the last event, once it is on the disk. Raises StaleHistory and the errors of SQLAlchemy and its drivers.

        Cancelled, it leaves the turn out; one that is just being written it waits for, so that whoever looks then knows what became of it.
        """
        done = asyncio.get_running_loop().create_future()
        entry = (turn, done)
        self._waiting.append(entry)
        if not self._is_writing:
            self._is_writing = True
            asyncio.get_running_loop().create_task(self._write())
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            if not any(entry is waiting for waiting in self._waiting):
                await asyncio.wait([done], timeout=WAIT_SECONDS)
            done.cancel()
            raise

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._write_batch([(turn, done) for turn, done in batch if not done.done()])  # some have been given up
        finally:
            self._is_writing = False

    async def _write_batch(self, batch: List[Tuple[Turn, asyncio.Future]]) -> None:
        try:
            results = await self._in_thread(append, [turn for turn, _ in batch])
        except Exception as error:  # drivers raise ValueError and the like for what they cannot encode
            if len(batch) > 1 and not isinstance(error, OperationalError):  # one of them cannot be written; the others can
                for entry in batch:
                    await self._write_batch([entry])
                return
            results = [error] * len(batch)
        for (_, done), result in zip(batch, results):
            if done.done():
                continue
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)
