"""The calls to the platform's API that the channel needs, and what its answers mean for a message.

The platform answers HTTP 200 to everything and puts an error code into the body. Texts go as UTF-8: it does not read \\u escapes.
"""
import asyncio
import enum
import json
import logging
from typing import Any, Mapping, Optional

import aiohttp

from assistant.channels.wechat.account import Account
from assistant.channels.wechat.state import State
from assistant.channels.wechat.token import NewToken, TokenKeeper

logger = logging.getLogger(__name__)

BUSY_TRIES = 3


class Outcome(enum.Enum):
    """What became of a message."""

    SENT = "sent"
    UNSURE = "no answer came: it may have been sent"
    FAILED = "not sent; may succeed later"
    NOT_NOW = "not sent; the citizen must write first"
    FORBIDDEN = "not sent; this account may not send at all"
    TOO_LONG = "not sent; too long"
    GONE = "not sent; the citizen cannot be reached"


BUSY = -1
TOKEN_REFUSED = {40001, 40014, 41001, 42001}
MEANINGS = {
    40003: Outcome.GONE, 43004: Outcome.GONE, 43019: Outcome.GONE, 48002: Outcome.GONE,
    45015: Outcome.NOT_NOW, 45047: Outcome.NOT_NOW,
    45002: Outcome.TOO_LONG,
    40200: Outcome.FORBIDDEN, 48001: Outcome.FORBIDDEN,
}


class ApiError(Exception):
    """The platform did not do what was asked; the message holds its error code and no content."""

    def __init__(self, code: Optional[int], message: str) -> None:
        super().__init__(message)
        self.code = code


class Api:
    """One account's calls, each of `timeout` seconds at most. `state` holds its access token."""

    def __init__(self, account: Account, state: State, timeout: float) -> None:
        self._account = account
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: Optional[aiohttp.ClientSession] = None
        self._tokens = TokenKeeper(state, self._new_token, timeout * 1.2)

    async def send(self, openid: str, text: str) -> Outcome:
        """Send a text outside of a reply ("customer-service message"). Never raises for what the platform does."""
        try:
            await self.call("message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})
        except aiohttp.ClientConnectorError:
            outcome, code = Outcome.FAILED, None
        except (aiohttp.ClientError, asyncio.TimeoutError):
            outcome, code = Outcome.UNSURE, None
        except ApiError as error:
            outcome, code = MEANINGS.get(error.code, Outcome.FAILED), error.code
        else:
            return Outcome.SENT
        logger.warning("A WeChat message: %s (error code %s)", outcome.value, code)
        return outcome

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Publish the menu below the conversation. Raises ApiError, aiohttp.ClientError, asyncio.TimeoutError."""
        await self.call("menu/create", menu)

    async def call(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The platform's answer; a refused token is renewed once, a busy platform asked again."""
        token = await self._tokens.token()
        has_renewed, tries = False, 1
        while True:
            try:
                return await self._post(f"{path}?access_token={token}", body)
            except ApiError as error:
                if error.code in TOKEN_REFUSED and not has_renewed:
                    token, has_renewed = await self._tokens.token(refused=token), True
                elif error.code == BUSY and tries < BUSY_TRIES:
                    await asyncio.sleep(0.1 * 2 ** tries)
                    tries += 1
                else:
                    raise

    async def close(self) -> None:
        if self._http:
            await self._http.close()

    async def _new_token(self) -> NewToken:
        try:
            answer = await self._post("stable_token", {
                "grant_type": "client_credential", "appid": self._account.app_id, "secret": self._account.app_secret})
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise ApiError(None, f"stable_token: {type(error).__name__}") from None
        if not isinstance(answer.get("access_token"), str) or not isinstance(answer.get("expires_in"), int):
            raise ApiError(None, "stable_token: no token in the answer")
        return NewToken(answer["access_token"], answer["expires_in"])

    async def _post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._http is None:
            # A connection for each call: one kept open that the platform has closed would look like an answer lost.
            self._http = aiohttp.ClientSession(timeout=self._timeout, connector=aiohttp.TCPConnector(force_close=True))
        name = path.partition("?")[0]  # what follows is secret
        async with self._http.post(f"{self._account.api_base}/cgi-bin/{path}", data=json.dumps(body, ensure_ascii=False).encode(),
                                   headers={"Content-Type": "application/json; charset=utf-8"}) as response:
            raw = await response.read()
            status = response.status
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if status != 200 or not isinstance(answer, dict):
            raise ApiError(None, f"{name}: HTTP {status}")
        if answer.get("errcode"):
            raise ApiError(answer["errcode"], f"{name}: error code {answer['errcode']}")
        return answer
