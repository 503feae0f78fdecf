"""What several processes must know together: repetitions, answers on their way, the access token.

One interface twice: in the memory of a process, or in Redis for several. Values are what JSON can hold; everything ends
by itself after the seconds given with it. In Redis every value is encrypted: answers and openids do not lie there readable.
"""
import json
import time
from base64 import urlsafe_b64encode
from typing import Any, Callable, Protocol

from cryptography.fernet import Fernet
from redis.asyncio import Redis

from assistant import keys

PREFIX = "wechat:"


class State(Protocol):
    async def get(self, name: str) -> Any:
        """The value, None where there is none."""

    async def put(self, name: str, value: Any, seconds: float) -> None:
        """Set the value, whatever it was."""

    async def claim(self, name: str, value: Any, seconds: float) -> Any:
        """Set the value where there is none; the value that stands then, this one or another's."""

    async def keep(self, name: str, seconds: float) -> None:
        """Let a value live `seconds` from now."""

    async def drop(self, *names: str) -> None:
        """Forget values and sets."""

    async def add(self, name: str, member: str, seconds: float) -> None:
        """Put `member` into a set, which lives `seconds` from now."""

    async def discard(self, name: str, member: str) -> None:
        """Take `member` out of a set."""

    async def members(self, name: str) -> "set[str]":
        """The members of a set, none where there is no set."""

    async def close(self) -> None:
        """Let go of connections."""


class MemoryState:
    """For one process; `clock` tells seconds that only rise."""

    SWEEP_EVERY = 1000  # writes; what has ended is thrown away then

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: "dict[str, tuple[Any, float]]" = {}
        self._writes = 0

    async def get(self, name: str) -> Any:
        value, end = self._entries.get(name, (None, 0.0))
        return value if end > self._clock() else None

    async def put(self, name: str, value: Any, seconds: float) -> None:
        self._entries[name] = (value, self._clock() + seconds)
        self._writes += 1
        if self._writes % self.SWEEP_EVERY == 0:
            now = self._clock()
            self._entries = {name: entry for name, entry in self._entries.items() if entry[1] > now}

    async def claim(self, name: str, value: Any, seconds: float) -> Any:
        standing = await self.get(name)
        if standing is None:
            await self.put(name, value, seconds)
        return value if standing is None else standing

    async def keep(self, name: str, seconds: float) -> None:
        value = await self.get(name)
        if value is not None:
            await self.put(name, value, seconds)

    async def drop(self, *names: str) -> None:
        for name in names:
            self._entries.pop(name, None)

    async def add(self, name: str, member: str, seconds: float) -> None:
        await self.put(name, await self.members(name) | {member}, seconds)

    async def discard(self, name: str, member: str) -> None:
        (await self.get(name) or set()).discard(member)

    async def members(self, name: str) -> "set[str]":
        return set(await self.get(name) or ())

    async def close(self) -> None:
        self._entries.clear()


class RedisState:
    """For several processes with the same secret."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        self._redis = redis
        self._fernet = Fernet(urlsafe_b64encode(keys.derive("wechat state")))

    async def get(self, name: str) -> Any:
        value = await self._redis.get(PREFIX + name)
        return None if value is None else json.loads(self._fernet.decrypt(value))

    async def put(self, name: str, value: Any, seconds: float) -> None:
        await self._redis.set(PREFIX + name, self._sealed(value), px=_milliseconds(seconds))

    async def claim(self, name: str, value: Any, seconds: float) -> Any:
        while True:
            if await self._redis.set(PREFIX + name, self._sealed(value), px=_milliseconds(seconds), nx=True):
                return value
            standing = await self.get(name)
            if standing is not None:  # None: it has ended in this moment
                return standing

    async def keep(self, name: str, seconds: float) -> None:
        await self._redis.pexpire(PREFIX + name, _milliseconds(seconds))

    async def drop(self, *names: str) -> None:
        if names:
            await self._redis.delete(*(PREFIX + name for name in names))

    async def add(self, name: str, member: str, seconds: float) -> None:
        async with self._redis.pipeline() as pipeline:
            await pipeline.sadd(PREFIX + name, member).pexpire(PREFIX + name, _milliseconds(seconds)).execute()

    async def discard(self, name: str, member: str) -> None:
        await self._redis.srem(PREFIX + name, member)

    async def members(self, name: str) -> "set[str]":
        return {member.decode() for member in await self._redis.smembers(PREFIX + name)}

    async def close(self) -> None:
        await self._redis.close()

    def _sealed(self, value: Any) -> bytes:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode())


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def state_at(redis_url: str) -> State:
    """Redis where an address is given, else memory."""
    return RedisState(Redis.from_url(redis_url)) if redis_url else MemoryState()
