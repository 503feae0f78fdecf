"""The channel as Rasa knows it: two routes, and the life of what stands behind them."""
import asyncio
import logging
import os
import time
from typing import Any, Awaitable, Callable, List, Optional

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, raw, text

from assistant import metrics
from assistant.channels import erasure
from assistant.channels.wechat import wording
from assistant.channels.wechat.account import Account
from assistant.channels.wechat.api import Api
from assistant.channels.wechat.codec import Refused
from assistant.channels.wechat.conversation import Conversations, Job, job_for
from assistant.channels.wechat.delivery import Delivery
from assistant.channels.wechat.outbox import Outbox
from assistant.channels.wechat.reception import LARGEST_BODY, Query, Reception
from assistant.channels.wechat.state import State, state_at
from assistant.channels.wechat.timing import Timing
from assistant.dialogue import CollectedReply
from assistant.alarms import kind_and_place
from assistant.stored_reply import stored_reply
from idcard.knowledge import Knowledge, load

logger = logging.getLogger(__name__)

NAME = "wechat"
NOTHING_TO_SAY = "success"  # what the platform wants to read then; it is never encrypted
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class WeChatInput(InputChannel):
    """An official account; without one in the environment its address answers 404."""

    def __init__(self, account: Optional[Account], redis_url: str = "", timing: Timing = Timing()) -> None:
        self._account, self._redis_url, self._timing = account, redis_url, timing
        self._connection: "Optional[_Connection]" = None

    @classmethod
    def name(cls) -> str:
        return NAME

    @classmethod
    def from_credentials(cls, _credentials: Optional[dict]) -> "WeChatInput":
        """Secrets come from the environment only. Raises SettingError for an account that cannot work."""
        return cls(Account.from_environment(), os.environ.get("IDCARD_REDIS_URL", ""))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        blueprint = Blueprint("wechat_webhook")
        account = self._account
        if account is None:
            blueprint.add_route(_not_configured, "/webhook", methods=["GET", "POST"])
            return blueprint
        reception, knowledge = Reception(account), load()

        @blueprint.listener("before_server_start")
        async def connect(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            self._connection = _Connection(account, self._redis_url, self._timing, RasaAssistant(app, on_new_message), knowledge)
            self._connection.delivery.start()
            metrics.watch_queue(NAME, self._connection.delivery.waiting)

        @blueprint.listener("before_server_stop")
        async def disconnect(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            await self._connection.close()

        @blueprint.get("/webhook")
        async def greet(request: Request) -> HTTPResponse:
            try:
                return text(reception.greet(_query(request)))
            except Refused as refusal:
                return _refused(refusal)

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                message = reception.read(_query(request), await _body(request))
            except Refused as refusal:
                return _refused(refusal)
            job = job_for(message, account.app_id, knowledge, time.time())
            answer = await _answer(self._connection.delivery, job) if job else None
            if answer is None:
                return text(NOTHING_TO_SAY)
            return raw(reception.reply(_query(request), message, answer), content_type="application/xml; charset=utf-8")

        return blueprint

    def get_output_channel(self) -> Optional[OutputChannel]:
        return WeChatOutput(self._connection.delivery) if self._connection else None


class WeChatOutput(OutputChannel):
    """For what Rasa says unasked, such as reminders."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    @classmethod
    def name(cls) -> str:
        return NAME

    async def send_response(self, recipient_id: str, message: dict) -> None:
        await self._delivery.push(recipient_id, [message])


class RasaAssistant:
    """The loaded assistant, behind the port of conversation.py."""

    def __init__(self, app: Sanic, on_new_message: OnNewMessage) -> None:
        self._app, self._on_new_message = app, on_new_message

    async def answer(self, said: str, sender: str, message_id: str) -> List[dict]:
        before = await self._answered(sender, message_id)
        if before:
            return before
        reply = CollectedReply(NAME)
        await self._on_new_message(UserMessage(said, reply, sender, input_channel=NAME, message_id=message_id))
        return reply.messages or [{"text": wording.APOLOGY}]

    async def erase(self, sender: str) -> None:
        await erasure.erase(self._store, sender)

    async def _answered(self, sender: str, message_id: str) -> List[dict]:
        """What was answered to this message by a process that died before it could deliver; [] for a new message."""
        tracker = await self._store.retrieve(sender)
        return stored_reply(tracker.events, message_id) if tracker else []

    @property
    def _store(self) -> TrackerStore:
        return self._app.ctx.agent.tracker_store


class _Connection:
    """What an account needs while the server runs."""

    def __init__(self, account: Account, redis_url: str, timing: Timing, assistant: RasaAssistant, knowledge: Knowledge) -> None:
        self._state: State = state_at(redis_url)
        self._api = Api(account, self._state, timing.api)
        conversations = Conversations(assistant, self._state, knowledge)
        self.delivery = Delivery(conversations, Outbox(self._state, self._api, timing), self._state, timing)

    async def close(self) -> None:
        await self.delivery.stop()
        await self._api.close()
        await self._state.close()


def _query(request: Request) -> Query:
    return dict(request.args)  # Sanic's own mapping would hide a repeated parameter


async def _body(request: Request) -> bytes:
    """The body, read no further than it may be long."""
    body = b""
    async for part in request.stream:
        body += part
        if len(body) > LARGEST_BODY:
            raise Refused("too large")
    return body


async def _answer(delivery: Delivery, job: Job) -> Optional[str]:
    try:
        return await delivery.answer(job)  # Sanic cancels this when the platform closes the connection
    except Exception as error:
        logger.error("A WeChat message could not be taken up: %s", kind_and_place(error))
        return wording.APOLOGY


def _refused(refusal: Refused) -> HTTPResponse:
    metrics.REFUSED.labels(NAME, str(refusal)).inc()
    logger.warning("A request to the WeChat address was refused: %s", refusal)
    return text("", status=403)


async def _not_configured(_request: Request) -> HTTPResponse:
    return text("not configured", status=404)
