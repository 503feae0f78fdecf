"""One turn of a web session: in line behind the one before, written down before and after, never taken twice.

Rasa saves a turn once, at its end, together with the client's id of the message. So of a turn that died with its process it is
known whether it happened: its retry is answered from the tracker, or by Rasa anew (docs/adr/0010-web-channel.md).
"""
import asyncio
import hashlib
import logging
import time
from typing import Any, Awaitable, Callable, Dict, List, Tuple

from sqlalchemy.exc import IntegrityError

from assistant.alarms import kind_and_place
from assistant.channels.web.dialogue import WebDialogue
from assistant.channels.web.errors import HOTLINE, WebError
from assistant.channels.web.sessions import button_of
from assistant.channels.web.store import Begun, GoneError, Message, MessageStore
from assistant.dialogue import SILENCE
from assistant.typed_text import safe_text
from idcard.knowledge import load
from idcard.privacy import mask

logger = logging.getLogger(__name__)

SECONDS = 15.0  # from the arrival of a message to its reply, or to an apology
GRACE = 2.0  # then so long to find out whether it was answered at the last moment
ABANDONED = SECONDS + 5  # after so long no process is at a message any more
MOST_IN_LINE = 4  # one that is answered and three that wait
APOLOGY = {"text": f"对不起，这句话我没能及时答上来。请过一会儿再问一次；急的话可以打{HOTLINE}政务服务热线。", "custom": {"kind": "apology"}}


class Line:
    """The turns of one session, one after the other."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.length = 0


class Turns:
    def __init__(self, store: MessageStore, dialogue: WebDialogue) -> None:
        self.store, self.dialogue = store, dialogue
        self.lines: Dict[str, Line] = {}
        self.running: Dict[Tuple[str, str], asyncio.Task] = {}

    def busy(self, session: str) -> bool:
        return session in self.lines

    async def text(self, session: str, client_msg_id: str, text: str) -> List[Message]:
        """The turn that `text` begins, from the first call with this id on the same. Raises WebError."""
        shown, said = mask(text, load().public), safe_text(text) or SILENCE
        return await self._take(session, client_msg_id, lambda due: self._answer(session, client_msg_id, shown, said, due))

    async def button(self, session: str, client_msg_id: str, token: str) -> List[Message]:
        """The turn that a button begins. Raises WebError, stale_button for one of a question that has been passed."""
        return await self._take(session, client_msg_id, lambda due: self._answer_button(session, client_msg_id, token, due))

    async def feedback(self, session: str, seq: int, rating: str, reason: str) -> List[Message]:
        """Thanks for a rating of message `seq`; the same rating again is the same."""
        identity = f"rating:{seq}:{hashlib.sha256(f'{rating}{reason}'.encode()).hexdigest()[:16]}"
        return await self._take(session, identity, lambda _: self._rate(session, identity, seq, rating, reason))

    async def erase(self, session: str) -> Tuple[str, int]:
        """Forget the session here and in Rasa; the id of Rasa's receipt, and how many messages could be replayed."""
        return await self._take(session, "erase:", lambda _: self._erase(session))

    async def finish(self) -> None:
        """Wait for the turns that are running, also those whose clients have gone."""
        if self.running:
            await asyncio.wait(self.running.values(), timeout=SECONDS)

    async def _take(self, session: str, identity: str, work: Callable[[float], Awaitable[Any]]) -> Any:
        """The result of `work(due)` in its turn. It is a task of its own: a client that goes away does not stop it."""
        key = (session, identity)
        if key not in self.running:
            line = self.lines.setdefault(session, Line())
            if line.length == MOST_IN_LINE:
                raise WebError("busy", retry_after=2)
            line.length += 1
            self.running[key] = task = asyncio.get_running_loop().create_task(self._in_line(line, work))
            task.add_done_callback(lambda done: self._leave(key, done))
        return await asyncio.shield(self.running[key])

    async def _in_line(self, line: Line, work: Callable[[float], Awaitable[Any]]) -> Any:
        due = time.monotonic() + SECONDS
        async with line.turn:
            return await work(due)

    def _leave(self, key: Tuple[str, str], done: asyncio.Task) -> None:
        del self.running[key]
        line = self.lines[key[0]]
        line.length -= 1
        if not line.length:
            del self.lines[key[0]]
        if not done.cancelled():
            done.exception()  # whoever still waits is told; asyncio need not complain when nobody does

    async def _answer_button(self, session: str, client_msg_id: str, token: str, due: float) -> List[Message]:
        known = await _thread(self.store.turn, session, client_msg_id)
        if known and known[0].answered:
            return known
        button = await self._button(session, token)
        return await self._answer(session, client_msg_id, button["title"], button["payload"], due)

    async def _answer(self, session: str, client_msg_id: str, shown: str, said: str, due: float) -> List[Message]:
        """The turn of what is `said` to the assistant and `shown` to the citizen."""
        begun = await _thread(self.store.begin_turn, session, client_msg_id, shown)
        own = begun.turn[0]
        if own.answered:
            return begun.turn
        if not begun.is_new:  # another process is at it, or its process died
            if own.age < ABANDONED:
                raise WebError("busy", retry_after=1 + int(ABANDONED - own.age))
            replies = await self.dialogue.replied(session, message_id(session, own.client_msg_id))
            if replies:
                return await self._keep(session, self.store.end_turn, own, replies)
        return await self._ask(session, own, said, self._city(begun), due)

    def _city(self, begun: Begun) -> str:
        """The city of the site where the assistant may not know it: at first, after a long silence, where all was to be forgotten, and where
        the turn before failed. Else ""."""
        goes_on = begun.last and begun.last[0].age <= self.dialogue.session_seconds and not any(
            reply.custom.get("kind") == "apology" or reply.text == load().phrases["重新开始"].text for reply in begun.last)
        return "" if goes_on else begun.city

    async def _ask(self, session: str, own: Message, said: str, city: str, due: float) -> List[Message]:
        try:
            replies = await asyncio.wait_for(self._reply(session, own, said, city), max(0.0, due - time.monotonic()))
        except asyncio.TimeoutError:
            logger.error("A turn took more than %s seconds and was stopped.", SECONDS)
            replies = await self._answered_after_all(session, own)
        except Exception as error:
            logger.error("A turn failed: %s", kind_and_place(error))
            replies = await self._answered_after_all(session, own)
        return await self._keep(session, self.store.end_turn, own, replies or [APOLOGY])

    async def _answered_after_all(self, session: str, own: Message) -> List[dict]:
        """The reply of a turn that was stored while it was being stopped: the next one goes on from it, so the citizen must know it."""
        try:
            return await asyncio.wait_for(self.dialogue.replied(session, message_id(session, own.client_msg_id)), GRACE)
        except Exception as error:
            logger.error("What became of a turn cannot be told: %s", kind_and_place(error))
            return []

    async def _keep(self, session: str, write: Callable, *arguments: Any) -> List[Message]:
        """What `write` writes down. Where another process has erased the session meanwhile, what Rasa has heard since goes as well."""
        try:
            return await asyncio.to_thread(write, session, *arguments)
        except GoneError:
            await self.dialogue.forget(session)
            raise WebError("bad_session") from None

    async def _reply(self, session: str, own: Message, said: str, city: str) -> List[dict]:
        if city:
            await self.dialogue.begin(session, city)
        return await self.dialogue.ask(session, said, message_id(session, own.client_msg_id))

    async def _button(self, session: str, token: str) -> dict:
        found = button_of(session, token)
        message = await _thread(self.store.message, session, found[0]) if found else None
        if message is None or found[1] >= len(message.buttons):
            raise WebError("bad_session" if await _thread(self.store.city, session) is None else "stale_button")
        asks = message.custom.get("asks")
        newest = await _thread(self.store.last_question, session) if asks else None
        if asks and (newest is None or asks != newest.custom["asks"]):
            raise WebError("stale_button")  # it would be taken for an answer to the newer question
        return message.buttons[found[1]]

    async def _rate(self, session: str, identity: str, seq: int, rating: str, reason: str) -> List[Message]:
        known = await _thread(self.store.turn, session, identity)
        if known:
            return known
        rated = await _thread(self.store.message, session, seq)
        if rated is None or rated.author != "bot":
            raise WebError("bad_request")
        (asked, *_) = await _thread(self.store.after, session, rated.turn - 1)
        about = {"id": message_id(session, identity), "rating": rating, "reason": mask(reason, load().public), "text": rated.text,
                 "message_id": message_id(session, asked.client_msg_id) if asked.client_msg_id else ""}
        thanks = await self.dialogue.rate(session, {key: value for key, value in about.items() if value})
        try:
            return await self._keep(session, self.store.add, identity, thanks)
        except IntegrityError:  # another process has thanked meanwhile
            return await _thread(self.store.turn, session, identity)

    async def _erase(self, session: str) -> Tuple[str, int]:
        count = await _thread(self.store.erase, session)  # first: from here on no process writes down a turn of it
        return await self.dialogue.forget(session), count


def message_id(session: str, client_msg_id: str) -> str:
    """The id of a message in Rasa's tracker, of a form that the masking of what is stored leaves alone."""
    return hashlib.sha256(f"{session}/{client_msg_id}".encode()).hexdigest()[:32]


async def _thread(call: Callable, *arguments: Any) -> Any:
    """The database in a thread: a slow one holds up its session, not everybody."""
    try:
        return await asyncio.to_thread(call, *arguments)
    except GoneError:
        raise WebError("bad_session") from None
