"""One turn of a conversation at a time, in the order in which the messages came, without polling.

Within a process an asyncio lock does it. Several processes share a queue per conversation in Redis (IDCARD_REDIS_URL), in which
whoever leaves wakes the next. Redis only keeps turns from colliding: where it is gone, or a process holds a conversation for
longer than its lease, turns go on, and the tracker store refuses the one that follows from an outdated history.
"""
import asyncio
import time
import uuid
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Optional
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockError, LockStore

from assistant import settings
from assistant.alarms import alarm

MOST_WAITING = 5  # further messages of one conversation are refused: nobody types that fast
PATIENCE_SECONDS = 15.0


class TooManyWaiting(LockError):
    """A conversation has more messages waiting than anybody would send by hand."""


class _Conversation:
    """The lock of a conversation and how many hold it or wait for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.inside = 0


class ConversationLockStore(LockStore):
    """Rasa's lock store, of which Rasa uses `lock` alone."""

    def __init__(self, endpoint_config: Any = None) -> None:
        super().__init__()
        self._conversations: "WeakValueDictionary[str, _Conversation]" = WeakValueDictionary()
        url = settings.redis_url()
        self._shared = SharedQueue(url) if url else None

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncIterator[None]:
        """Hold the conversation; raises TooManyWaiting, or LockError where its turn did not come in time."""
        conversation = self._conversations.setdefault(conversation_id, _Conversation())
        if conversation.inside > MOST_WAITING:
            raise TooManyWaiting()
        conversation.inside += 1
        try:
            await self._wait(conversation.lock)
            try:
                async with self._among_processes(conversation_id):
                    yield
            finally:
                conversation.lock.release()
        finally:
            conversation.inside -= 1

    @staticmethod
    async def _wait(lock: asyncio.Lock) -> None:
        try:
            await asyncio.wait_for(lock.acquire(), PATIENCE_SECONDS)
        except asyncio.TimeoutError:
            raise LockError("The turn before took too long.") from None

    @asynccontextmanager
    async def _among_processes(self, conversation_id: str) -> AsyncIterator[None]:
        ticket = await self._shared.enter(conversation_id) if self._shared else None
        try:
            yield
        finally:
            if ticket:
                await self._shared.leave(conversation_id, ticket)


# The queue of a conversation lists tickets; its head holds the conversation, by a lease. Who leaves hands the lease to the next
# and wakes it. A holder that died is found by the next when its lease has run out.
_ENTER = """
redis.call('rpush', KEYS[1], ARGV[1])
redis.call('pexpire', KEYS[1], 60000)
if redis.call('lindex', KEYS[1], 0) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[1], 'px', ARGV[2])
return 1
"""
_LEAVE = """
local held = redis.call('lindex', KEYS[1], 0) == ARGV[1]
redis.call('lrem', KEYS[1], 0, ARGV[1])
if not held then return end
redis.call('del', KEYS[2])
local next = redis.call('lindex', KEYS[1], 0)
if not next then return end
redis.call('set', KEYS[2], next, 'px', ARGV[2])
redis.call('rpush', ARGV[3] .. next, 1)
redis.call('pexpire', ARGV[3] .. next, ARGV[2])
"""
_PASS_OVER = """
if redis.call('exists', KEYS[2]) == 1 then return end
redis.call('lpop', KEYS[1])
local next = redis.call('lindex', KEYS[1], 0)
if not next then return end
redis.call('set', KEYS[2], next, 'px', ARGV[2])
redis.call('rpush', ARGV[3] .. next, 1)
redis.call('pexpire', ARGV[3] .. next, ARGV[2])
"""


class SharedQueue:
    """Waiting for a conversation among processes, in Redis."""

    # Longer than a turn takes; whose holder was killed, or went on without Redis, leaves the conversation waiting for so long.
    LEASE_SECONDS = 4.0
    ANSWER_SECONDS = 1.0  # a Redis that takes longer is taken for absent
    REST_SECONDS = 5.0  # after a failure Redis is left alone for so long, lest every turn wait for it
    WAKE = "idcard:wake:"

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis

        asked = Redis.from_url(url, socket_connect_timeout=self.ANSWER_SECONDS, socket_timeout=self.ANSWER_SECONDS)
        self._enter, self._leave, self._pass_over = map(asked.register_script, (_ENTER, _LEAVE, _PASS_OVER))
        # Those who wait keep a connection each, which may be silent for as long as they wait.
        self._waited = Redis.from_url(url, socket_connect_timeout=self.ANSWER_SECONDS, socket_timeout=self.LEASE_SECONDS + 2)
        self._resting_until = 0.0

    async def enter(self, conversation_id: str) -> Optional[str]:
        """The ticket, once its turn has come; None where Redis cannot be asked. Raises LockError after PATIENCE_SECONDS."""
        if time.monotonic() < self._resting_until:
            return None
        ticket = uuid.uuid4().hex
        try:
            if not await self._run(self._enter, conversation_id, ticket):
                await asyncio.wait_for(self._wait(conversation_id, ticket), PATIENCE_SECONDS)
            return ticket
        except asyncio.TimeoutError:
            await self.leave(conversation_id, ticket)
            raise LockError("The conversation is held by another process for too long.") from None
        except asyncio.CancelledError:
            await self.leave(conversation_id, ticket)
            raise
        except Exception as error:
            self._rest(error)
            return None

    async def leave(self, conversation_id: str, ticket: str) -> None:
        try:
            await self._run(self._leave, conversation_id, ticket)
        except Exception as error:
            self._rest(error)

    async def _wait(self, conversation_id: str, ticket: str) -> None:
        """Sleep until woken; look after a holder that may have died whenever its lease can have run out."""
        while not await self._waited.blpop(self.WAKE + ticket, timeout=self.LEASE_SECONDS):
            await self._run(self._pass_over, conversation_id, ticket)

    async def _run(self, script: Any, conversation_id: str, ticket: str) -> Any:
        keys = (f"idcard:queue:{conversation_id}", f"idcard:lease:{conversation_id}")
        return await script(keys=keys, args=(ticket, int(1000 * self.LEASE_SECONDS), self.WAKE))

    def _rest(self, error: Exception) -> None:
        self._resting_until = time.monotonic() + self.REST_SECONDS
        alarm("Redis cannot be used; conversations are locked in this process only", error)
