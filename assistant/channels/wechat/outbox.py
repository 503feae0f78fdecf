"""Answers that could not be given as the reply to their message: sent by the API, or kept for the citizen's next message.

One list for each citizen, oldest first, behind one lock: answers keep their order, and nothing is given twice.
"""
import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import AsyncIterator, List, Protocol

from assistant.channels.wechat import replies, wording
from assistant.channels.wechat.api import Outcome
from assistant.channels.wechat.state import State
from assistant.channels.wechat.timing import Timing

KEPT_SECONDS = 30 * 60  # as long as the assistant uses what a citizen has told; an older answer is no answer any more
FORBIDDEN_SECONDS = 24 * 3600  # then the account may have been certified


class Sender(Protocol):
    async def send(self, openid: str, text: str) -> Outcome: ...


class Outbox:
    """`state` holds, for each citizen, [text, may have been sent] of what waits."""

    def __init__(self, state: State, sender: Sender, timing: Timing) -> None:
        self._state, self._sender, self._timing = state, sender, timing

    @asynccontextmanager
    async def lock(self, user: str, seconds: float) -> AsyncIterator[bool]:
        """Whether, within `seconds`, everything about this citizen's answers was left to the caller alone."""
        name, me, loop = f"lock:{user}", secrets.token_hex(8), asyncio.get_running_loop()
        until = loop.time() + seconds
        while not (held := await self._state.claim(name, me, self._timing.lock) == me) and loop.time() < until:
            await asyncio.sleep(self._timing.poll)
        try:
            yield held
        finally:
            if held and await self._state.get(name) == me:
                await self._state.drop(name)

    async def add(self, user: str, texts: List[str]) -> None:
        """Behind what waits. The caller holds the lock."""
        if texts:
            await self._keep(user, [*await self._waiting(user), *([text, False] for text in texts)])

    async def merged(self, user: str, texts: List[str]) -> List[str]:
        """What waits and then `texts`, as few texts as possible."""
        waiting = await self._waiting(user)
        again = [wording.SENT_AGAIN] if any(tried for _, tried in waiting) else []
        return replies.pack([*again, *(text for text, _ in waiting), *texts])

    async def replace(self, user: str, texts: List[str]) -> None:
        """Let these wait instead of all that does. The caller holds the lock."""
        await self._keep(user, [[text, False] for text in texts])

    async def is_empty(self, user: str) -> bool:
        return not await self._waiting(user)

    async def may_send(self) -> bool:
        """Whether the account may send by itself, as far as is known."""
        return await self._state.get("forbidden") is None

    async def send(self, user: str, openid: str, delay: float = 0) -> None:
        """Send what waits, in order; what the platform may take later is tried again some times, then kept."""
        await asyncio.sleep(delay)
        for pause in (*self._timing.pauses, None):
            async with self.lock(user, self._timing.lock) as held:
                if held and await self._send_all(user, openid):
                    return
            if pause is not None:
                await asyncio.sleep(pause)

    async def erase(self, user: str) -> None:
        async with self.lock(user, self._timing.lock):
            await self._state.drop(f"outbox:{user}")

    async def _send_all(self, user: str, openid: str) -> bool:
        """False where it is worth trying again soon. What may have been sent is not sent again unasked: the next message brings it."""
        while await self.may_send():
            waiting = await self._waiting(user)
            at = next((index for index, (_, tried) in enumerate(waiting) if not tried), None)
            if at is None:
                return True
            before, (text, _), behind = waiting[:at], waiting[at], waiting[at + 1:]
            await self._keep(user, [*before, [text, True], *behind])
            await self._state.keep(f"lock:{user}", self._timing.lock)
            outcome = await self._sender.send(openid, text)
            if outcome is Outcome.UNSURE:
                continue
            await self._keep(user, [*before, *_after(outcome, text), *behind])
            if outcome is Outcome.FORBIDDEN:
                await self._state.put("forbidden", True, FORBIDDEN_SECONDS)
            if outcome in (Outcome.FAILED, Outcome.NOT_NOW):
                return outcome is Outcome.NOT_NOW
        return True

    async def _waiting(self, user: str) -> List[list]:
        return await self._state.get(f"outbox:{user}") or []

    async def _keep(self, user: str, waiting: List[list]) -> None:
        if waiting:
            await self._state.put(f"outbox:{user}", waiting, KEPT_SECONDS)
        else:
            await self._state.drop(f"outbox:{user}")


def _after(outcome: Outcome, text: str) -> List[list]:
    """What waits in place of a text that was tried."""
    if outcome in (Outcome.SENT, Outcome.GONE):
        return []
    if outcome is Outcome.TOO_LONG:
        return [[piece, False] for piece in replies.split(text, len(text.encode()) // 2)]
    return [[text, False]]
