"""The access token of the platform's API: fetched once, shared by all, renewed before it ends and when it is refused."""
import asyncio
import secrets
from typing import Awaitable, Callable, NamedTuple

from assistant.channels.wechat.state import State

NAME, FETCHING = "access token", "access token being fetched"
EARLY_SECONDS = 240  # before its end; the platform lets the old one live on for five minutes
POLL_SECONDS = 0.05


class NewToken(NamedTuple):
    token: str
    seconds: int  # until it ends


class TokenKeeper:
    """`fetch` gets a token from the platform, as often as it is called, within `seconds`; a process that takes longer has died."""

    def __init__(self, state: State, fetch: Callable[[], Awaitable[NewToken]], seconds: float) -> None:
        self._state, self._fetch, self._seconds = state, fetch, seconds
        self._lock = asyncio.Lock()

    async def token(self, refused: str = "") -> str:
        """A token that holds; `refused` is one that the platform has just turned down. What `fetch` raises is passed on.

        However many ask at once, in however many processes: one fetches.
        """
        async with self._lock:
            if refused and await self._state.get(NAME) == refused:
                await self._state.drop(NAME)
            return await self._state.get(NAME) or await self._fetched()

    async def _fetched(self) -> str:
        me = secrets.token_hex(8)
        while await self._state.claim(FETCHING, me, self._seconds) != me:
            await asyncio.sleep(POLL_SECONDS)
            standing = await self._state.get(NAME)
            if standing:
                return standing
        try:
            standing = await self._state.get(NAME)  # another process may have been quicker
            if not standing:
                new = await self._fetch()
                standing = new.token
                await self._state.put(NAME, standing, max(1, new.seconds - EARLY_SECONDS))
            return standing
        finally:
            await self._state.drop(FETCHING)
