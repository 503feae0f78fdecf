"""A turn as operators see it: a trace id, how long each stage took, what came of it. Nothing of what was said, nobody's name.

The id comes with the request (nginx gives every request one), is in every log line of the turn and in the answer's header, and
goes with every call of an action.
"""
import logging
import re
import secrets
import time
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Awaitable, Callable, Dict, Iterator, List, Optional

from assistant import metrics
from assistant.storage.events import StaleHistory

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
AS_OF_NGINX = re.compile(r"[0-9a-f]{32}")  # its $request_id; anything else might hold what does not belong into a log
_trace: ContextVar[str] = ContextVar("trace", default="")
_turn: "ContextVar[Optional[Turn]]" = ContextVar("turn", default=None)


class Turn:
    """One message of a citizen. `result` is one of metrics.TURNS, `said` the bot messages."""

    def __init__(self, channel: str) -> None:
        self.channel, self.result, self.intent = channel, "stopped", ""
        self.seconds: Dict[str, float] = {}
        self.said: List[dict] = []

    def answered(self, said: List[dict]) -> None:
        self.said = said
        self.result = "apology" if any(twin.get("kind") == "apology" for twin in self.twins) else "answered"

    def refused(self, result: str) -> None:
        self.result = result

    @property
    def twins(self) -> List[dict]:
        return [message["custom"] for message in self.said if message.get("custom")]


def begin(given: str = "") -> str:
    """The trace id of what this task does from now on: the one given, where it is well-formed, else a new one."""
    trace = given if AS_OF_NGINX.fullmatch(given) else secrets.token_hex(16)
    _trace.set(trace)
    return trace


def trace_id() -> str:
    """Empty outside of a request and of a turn."""
    return _trace.get()


@contextmanager
def turn(channel: str) -> Iterator[Turn]:
    """A turn under the trace id of its request, or one of its own; counted and logged when it ends, however it ends."""
    found = Turn(channel)
    in_turn, in_trace = _turn.set(found), _trace.set(_trace.get() or secrets.token_hex(16))
    started = time.perf_counter()
    metrics.IN_PROGRESS.inc()
    try:
        yield found
    finally:
        metrics.IN_PROGRESS.dec()
        found.seconds["whole"] = time.perf_counter() - started
        metrics.turn_ended(found.channel, found.result, found.intent, found.seconds, found.twins)
        _log(found)
        _turn.reset(in_turn)
        _trace.reset(in_trace)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Add what is done meanwhile to a stage of the current turn, if there is one."""
    current = _turn.get()
    started = time.perf_counter()
    try:
        yield
    finally:
        if current:
            current.seconds[name] = current.seconds.get(name, 0.0) + time.perf_counter() - started


def understanding(parse: Callable[..., Awaitable[dict]]) -> Callable[..., Awaitable[dict]]:
    """Rasa's parse_message, watched: how long, and which intent."""
    @wraps(parse)
    async def watched(*arguments: Any, **named: Any) -> dict:
        with stage("understanding"):
            parsed = await parse(*arguments, **named)
        current = _turn.get()
        if current:
            current.intent = parsed["intent"].get("name") or ""
        return parsed

    return watched


def store_call(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A method of the tracker store, watched: how long, and whether it failed."""
    @wraps(call)
    async def watched(*arguments: Any) -> Any:
        try:
            with stage("store"):
                return await call(*arguments)
        except StaleHistory:  # no fault: the turn is taken again
            raise
        except Exception:
            metrics.STORE_ERRORS.labels(call.__name__).inc()
            raise

    return watched


def _log(ended: Turn) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    topics = [f"{twin.get('topic', '')}:{twin.get('outcome', '')}".strip(":") or twin.get("kind", "") for twin in ended.twins]
    milliseconds = {name: round(1000 * taken, 1) for name, taken in ended.seconds.items()}
    fields = {"channel": ended.channel, "result": ended.result, "reading": metrics.reading(ended.intent, ended.twins),
              "intent": ended.intent, "replies": topics, "ms": milliseconds}
    logger.info("turn %s %s", ended.result, " ".join(topics), extra={"fields": fields})
