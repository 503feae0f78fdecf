"""A time limit for code that holds the event loop: a blocking call, an endless loop, a runaway regular expression.

asyncio can only stop what waits. Here a timer of the operating system interrupts each step that takes too long, in the main
thread, where event loops run. In another thread, and against code in C that looks for no signals, there is no limit.
"""
import asyncio
import signal
import threading
from contextlib import nullcontext
from typing import Any, ContextManager, Coroutine, Generator


class _Interrupted(BaseException):
    """No Exception: an action that catches every Exception must not catch this."""


class Stoppable:
    """`await Stoppable(coroutine, seconds)` is `await coroutine`; raises TimeoutError where it holds the loop for so long at a stretch."""

    def __init__(self, coroutine: Coroutine, seconds: float) -> None:
        self.coroutine, self.seconds = coroutine, seconds

    def __await__(self) -> Generator[Any, Any, Any]:
        go_on, given = self.coroutine.send, None
        while True:
            try:
                with self._time_limit():
                    awaited = go_on(given)
            except StopIteration as done:
                return done.value
            except _Interrupted:
                raise asyncio.TimeoutError from None
            try:
                go_on, given = self.coroutine.send, (yield awaited)
            except BaseException as error:  # cancelled: the coroutine is told
                go_on, given = self.coroutine.throw, error

    def _time_limit(self) -> ContextManager:
        in_main_thread = threading.current_thread() is threading.main_thread()  # only there does Python handle signals
        return _InterruptedAfter(self.seconds) if in_main_thread else nullcontext()


class _InterruptedAfter:
    """Raises _Interrupted inside of the block, once, and never behind it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        self.is_inside = True
        self.before = signal.signal(signal.SIGALRM, self._interrupt)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_: Any) -> None:
        self.is_inside = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)

    def _interrupt(self, *_: Any) -> None:
        if self.is_inside:
            raise _Interrupted
