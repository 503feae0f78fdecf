"""Writes the turns of all conversations that wait at a time together: durable for each of them, at the price of one."""
import asyncio
from typing import Any, Awaitable, Callable, List, Tuple

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from assistant.storage.events import StaleHistory, Turn, append

MOST_AT_ONCE = 50


class Writer:
    """`in_thread(function, *arguments)` runs a function of the database, given its engine, without holding up the event loop."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self._in_thread = in_thread
        self._waiting: List[Tuple[Turn, asyncio.Future]] = []
        self._is_writing = False

    async def append(self, turn: Turn) -> int:
        """The id of the last event, once it is on the disk. Raises StaleHistory and the errors of SQLAlchemy."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, done))
        if not self._is_writing:
            self._is_writing = True
            asyncio.get_running_loop().create_task(self._write())
        return await done

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
        except SQLAlchemyError as error:
            if len(batch) > 1 and not isinstance(error, OperationalError):  # one of them cannot be written; the others can
                for entry in batch:
                    await self._write_batch([entry])
                return
            results = [error] * len(batch)
        for (_, done), result in zip(batch, results):
            if done.done():
                continue
            if isinstance(result, (StaleHistory, SQLAlchemyError)):
                done.set_exception(result)
            else:
                done.set_result(result)
