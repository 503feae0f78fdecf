"""The channel of the website: docs/web-protocol.md is what it speaks, docs/adr/0010-web-channel.md why it is so.

Sender, channel and metadata are chosen here; of the client only its words, its buttons and its signed session count.
"""
import asyncio
import secrets
import time
from datetime import timedelta
from typing import Any, Awaitable, Callable, Dict, List, Text

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from assistant import settings
from assistant.channels import web_requests, web_sessions
from assistant.channels.limits import Limits
from assistant.channels.web_dialogue import WebDialogue
from assistant.channels.web_errors import WebError
from assistant.channels.web_pages import Pages
from assistant.channels.web_site import API, Site, as_json, as_web_error, refusal
from assistant.channels.web_store import Message, MessageStore, now
from assistant.channels.web_turns import Turns
from idcard.knowledge import load

RATINGS = ("好评", "差评")
PROBE_SECONDS = 10  # a health check reads a sentence at most so often
PROBE = "补领身份证多少钱"
TIDY_SECONDS = 600


class WebInput(InputChannel):
    """`assistant.channels.web.WebInput:` in credentials.yml; it has no options there, see assistant/settings.py."""

    @classmethod
    def name(cls) -> Text:
        return "web"

    def url_prefix(self) -> Text:
        return "/"  # its pages are outside /webhooks/web

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        return _Website("web", on_new_message)


class _Website(Blueprint):
    """Everything the public reaches. It is put into the application itself, because some of it holds for every request."""

    def __init__(self, name: str, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> None:
        super().__init__(name)
        self.ctx.on_new_message = on_new_message

    def register(self, app: Sanic, options: Dict) -> None:
        dialogue = WebDialogue(lambda: getattr(app.ctx, "agent", None), self.ctx.on_new_message)
        site = Site(Limits(settings.redis_url()))
        chat = Chat(MessageStore(settings.database_url()), dialogue)
        pages = Pages(site, chat)
        for method, path, handler in (*Api(site, chat).routes(), *pages.routes()):
            app.add_route(handler, path, methods=[method], name=f"{method} {path}")
        app.register_listener(lambda *_: chat.turns.finish(), "before_server_stop")
        app.config.REQUEST_MAX_SIZE = web_requests.LARGEST_BODY
        app.register_middleware(site.before, "request")
        app.register_middleware(pages.front, "request")  # Rasa has taken the route / for its own greeting
        app.register_middleware(site.after, "response")
        app.error_handler.add(Exception, lambda request, error: _refuse(pages, request, as_web_error(error)))


def _refuse(pages: Pages, request: Request, error: WebError) -> HTTPResponse:
    return refusal(error) if request is None or request.path.startswith("/webhooks/") else pages.error(error)


class Chat:
    """What can be done in a conversation, the same for the API and for the page without JavaScript."""

    def __init__(self, store: MessageStore, dialogue: WebDialogue) -> None:
        self.store, self.dialogue = store, dialogue
        self.turns = Turns(store, dialogue)
        self.tidied = 0.0
        self.probed, self.is_well = 0.0, False

    async def begin(self, city: str) -> "tuple[str, List[Message]]":
        """A new session's token and its messages: the greeting."""
        if city and city not in load().cities:
            raise WebError("bad_request")
        if self.dialogue.agent is None:
            raise WebError("not_ready")
        await self._tidy()
        token = web_sessions.new_token()
        greeting = {**self.dialogue.fixed("utter_help"), **self.dialogue.fixed("utter_greet")}  # its words, with buttons to begin
        return token, await asyncio.to_thread(self.store.begin_session, web_sessions.session_of(token), city, greeting)

    async def send(self, session: str, given: Dict[str, Any]) -> List[Message]:
        """The turn of {"client_msg_id", "text"} or {"client_msg_id", "button"}."""
        identity = web_requests.client_msg_id(given.get("client_msg_id"))
        if ("text" in given) == ("button" in given):
            raise WebError("bad_request")
        if self.dialogue.agent is None:
            raise WebError("not_ready")
        if "button" in given:
            return await self.turns.button(session, identity, given["button"])
        text = web_requests.written(given["text"])
        if not text:
            raise WebError("bad_request", "请先写点什么再发。")
        return await self.turns.text(session, identity, text)

    async def erase(self, session: str) -> dict:
        count = await self.turns.erase(session)
        return {"id": secrets.token_hex(8), "erased_at": now().isoformat("T", "seconds"), "messages": count}

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

    async def _tidy(self) -> None:
        """Forget what no token opens any more."""
        if time.monotonic() - self.tidied > TIDY_SECONDS:
            self.tidied = time.monotonic()
            await asyncio.to_thread(self.store.erase_before, now() - timedelta(seconds=web_sessions.SESSION_SECONDS))


class Api:
    """The calls of docs/web-protocol.md."""

    def __init__(self, site: Site, chat: Chat) -> None:
        self.site, self.chat = site, chat

    def routes(self) -> tuple:
        return (("POST", API + "session", self.begin), ("DELETE", API + "session", self.erase),
                ("POST", API + "message", self.send), ("GET", API + "messages", self.messages),
                ("POST", API + "feedback", self.feedback), ("GET", API + "health", self.health),
                ("OPTIONS", API + "<call>", self.preflight))

    async def begin(self, request: Request) -> HTTPResponse:
        await self.site.admit(request, "begin")
        given = web_requests.read_body(request.body, {"city": str})
        token, messages = await self.chat.begin(given.get("city", ""))
        session = web_sessions.session_of(token)
        return as_json({"token": token, "expires_in": web_sessions.SESSION_SECONDS,
                     "messages": web_sessions.public(session, messages)}, 201)

    async def send(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "send")
        given = web_requests.read_body(request.body, {"client_msg_id": str, "text": str, "button": str})
        return _messages(session, await self.chat.send(session, given))

    async def messages(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "read")
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 10) or set(request.args) - {"after"}:
            raise WebError("bad_request")
        found = await asyncio.to_thread(self.chat.store.after, session, int(after))
        return as_json({"messages": web_sessions.public(session, found), "busy": self.chat.turns.busy(session)})

    async def feedback(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "send")
        given = web_requests.read_body(request.body, {"seq": int, "rating": str, "reason": str})
        if given.get("rating") not in RATINGS or "seq" not in given:
            raise WebError("bad_request")
        reason = web_requests.written(given.get("reason", ""), web_requests.LONGEST_REASON)
        return _messages(session, await self.chat.turns.feedback(session, given["seq"], given["rating"], reason))

    async def erase(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "send")
        return as_json({"receipt": await self.chat.erase(session)})

    async def health(self, _request: Request) -> HTTPResponse:
        await self.chat.check()
        return as_json({"status": "ok"})

    async def preflight(self, _request: Request, call: str) -> HTTPResponse:
        """What a browser asks before it calls from another site; the site adds the headers."""
        return empty()

    async def _session(self, request: Request, kind: str) -> str:
        """The session of the caller's token, while it is known here. Raises WebError."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = web_sessions.session_of(token) if scheme == "Bearer" else None
        await self.site.admit(request, kind, session or "")
        if session is None or await asyncio.to_thread(self.chat.store.city, session) is None:
            raise WebError("bad_session")
        return session


def _messages(session: str, found: List[Message]) -> HTTPResponse:
    return as_json({"messages": web_sessions.public(session, found)})
