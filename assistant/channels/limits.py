"""How often one session or one address may call: counted in Redis where there is one, else in this process."""
import logging
import time
from typing import Dict, NamedTuple, Tuple

import redis.asyncio
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MOST_KEYS = 50_000  # counted in one process; when it is full, the oldest are forgotten
REDIS_SECONDS = 0.5  # a Redis that takes longer is taken for absent
AWAY_SECONDS = 10  # and is left alone so long, so that nobody else waits for it


class Limit(NamedTuple):
    calls: int
    seconds: int


class Limits:
    """Counts calls in windows of fixed length. Without Redis, or while it is away, each process counts for itself."""

    def __init__(self, redis_url: str = "") -> None:
        self.counted: Dict[Tuple[str, int], int] = {}
        self.away_until = 0.0
        self.redis = redis.asyncio.from_url(redis_url, socket_timeout=REDIS_SECONDS,
                                            socket_connect_timeout=REDIS_SECONDS) if redis_url else None

    async def wait(self, key: str, limit: Limit) -> int:
        """Count a call under `key`; 0 where it is within the limit, else the seconds until the next window."""
        window, passed = divmod(int(time.time()), limit.seconds)
        count = await self._count(key, window, limit.seconds)
        return limit.seconds - passed if count > limit.calls else 0

    async def _count(self, key: str, window: int, seconds: int) -> int:
        if self.redis is not None and time.monotonic() >= self.away_until:
            try:
                return await self._count_in_redis(f"idcard:limit:{key}:{window}", seconds)
            except (RedisError, OSError) as error:
                self.away_until = time.monotonic() + AWAY_SECONDS
                logger.error("Redis does not count calls (%s); this process counts for itself.", type(error).__name__)
        return self._count_here((key, window))

    async def _count_in_redis(self, name: str, seconds: int) -> int:
        async with self.redis.pipeline(transaction=True) as pipeline:
            count, _ = await pipeline.incr(name).expire(name, 2 * seconds).execute()
        return count

    def _count_here(self, name: Tuple[str, int]) -> int:
        self.counted[name] = self.counted.pop(name, 0) + 1  # counted last stands last
        while len(self.counted) > MOST_KEYS:
            del self.counted[next(iter(self.counted))]
        return self.counted[name]
