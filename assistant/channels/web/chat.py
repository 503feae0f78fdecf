"""What can be done in a conversation on the website, the same for the API and for the page without JavaScript."""
import asyncio
import secrets
import time
from typing import Any, Dict, List, Optional, Tuple

from sqlalchemy.exc import SQLAlchemyError

from assistant.alarms import alarm
from assistant.channels.web import requests, sessions
from assistant.channels.web.dialogue import WebDialogue
from assistant.channels.web.errors import HOTLINE, WebError
from assistant.channels.web.store import MOST_SEQ, Message, MessageStore, now
from assistant.channels.web.turns import ABANDONED, Turns
from idcard.knowledge import load

RATINGS = ("好评", "差评")
PROBE = "补领身份证多少钱"
PROBE_SECONDS = 10  # a health check reads a sentence at most so often
TIDY_SECONDS = 600


class Chat:
    def __init__(self, store: MessageStore, dialogue: WebDialogue) -> None:
        self.store, self.dialogue = store, dialogue
        self.turns = Turns(store, dialogue)
        self.probed, self.is_well = 0.0, False

    async def begin(self, city: str) -> Tuple[str, List[Message]]:
        """A new session's token and its messages: the greeting."""
        if city and city not in load().cities:
            raise WebError("bad_request", f"这个网站上的在线咨询还没有设好。请先打{HOTLINE}政务服务热线。")
        if self.dialogue.agent is None:
            raise WebError("not_ready")
        token = sessions.new_token()
        return token, await asyncio.to_thread(self.store.begin_session, sessions.session_of(token), city, self.dialogue.greeting())

    async def send(self, session: str, given: Dict[str, Any]) -> List[Message]:
        """The turn of {"client_msg_id", "text"} or {"client_msg_id", "button"}."""
        identity = requests.client_msg_id(given.get("client_msg_id"))
        if ("text" in given) == ("button" in given):
            raise WebError("bad_request")
        if self.dialogue.agent is None:
            raise WebError("not_ready")
        if "button" in given:
            return await self.turns.button(session, identity, given["button"])
        text = requests.written(given["text"])
        if not text:
            raise WebError("bad_request", "请先写点什么再发。")
        return await self.turns.text(session, identity, text)

    async def after(self, session: str, seq: int) -> Tuple[List[Message], bool]:
        """The messages after `seq`, and whether one is being answered, here or by another process."""
        return self._and_busy(session, await asyncio.to_thread(self.store.after, session, seq))

    async def newest(self, session: str) -> Tuple[List[Message], bool]:
        """As after(), but the end of a conversation that is longer than a page."""
        return self._and_busy(session, await asyncio.to_thread(self.store.newest, session))

    def _and_busy(self, session: str, found: List[Message]) -> Tuple[List[Message], bool]:
        return found, self.turns.busy(session) or any(not one.answered and one.age < ABANDONED for one in found)

    async def move(self, session: str, identity: Any, city: str) -> List[Message]:
        """The turn in which a citizen who comes from another city's site changes over to it. Raises WebError."""
        if city not in load().cities:
            raise WebError("bad_request")
        await asyncio.to_thread(self.store.move, session, city)
        return await self.send(session, {"client_msg_id": identity, "text": f"我在{city}"})

    async def rate(self, session: str, given: Dict[str, Any]) -> List[Message]:
        """Thanks for {"seq", "rating", "reason"?}."""
        if given.get("rating") not in RATINGS or not 0 < given.get("seq", 0) <= MOST_SEQ:
            raise WebError("bad_request")
        reason = requests.written(given.get("reason", ""), requests.LONGEST_REASON)
        return await self.turns.feedback(session, given["seq"], given["rating"], reason)

    async def city(self, session: str) -> Optional[str]:
        """The city of the session's site, "" for none; None for a session that is not known (any more)."""
        return await asyncio.to_thread(self.store.city, session)

    async def erase(self, session: str) -> dict:
        receipt, count = await self.turns.erase(session)
        return {"id": receipt or secrets.token_hex(8), "erased_at": now().isoformat("T", "seconds"), "messages": count}

    async def check(self) -> None:
        """Raises WebError not_ready unless a sentence is understood and the database answers."""
        if time.monotonic() - self.probed > PROBE_SECONDS or not self.is_well:
            self.probed, self.is_well = time.monotonic(), False
            try:
                await self.dialogue.agent.parse_message(PROBE)
                await asyncio.to_thread(self.store.check)
            except Exception:
                raise WebError("not_ready") from None
            self.is_well = True

    async def tidy(self) -> None:
        """Forget what no token opens any more, again and again, for as long as the service runs."""
        while True:
            try:
                await asyncio.to_thread(self.store.tidy)
            except SQLAlchemyError as error:
                alarm("Old sessions of the website could not be deleted", error)
            await asyncio.sleep(TIDY_SECONDS)
