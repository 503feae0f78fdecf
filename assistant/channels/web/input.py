"""The channel as Rasa knows it, and the calls of its protocol.

Sender, channel and metadata are chosen here; of the client only its words, its buttons and its signed session count.
"""
from typing import Any, Awaitable, Callable, Dict, List, Text

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from assistant import metrics, settings
from assistant.channels.web import requests, sessions
from assistant.channels.limits import Limits
from assistant.channels.web.chat import Chat
from assistant.channels.web.dialogue import WebDialogue
from assistant.channels.web.errors import WebError
from assistant.channels.web.pages import Pages
from assistant.channels.web.site import API, Site, as_json, as_web_error, refusal
from assistant.channels.web.store import Message, MessageStore


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
        chat = Chat(_store(), dialogue)
        pages = Pages(site, chat)

        async def keep_tidy(app: Sanic, _loop: Any) -> None:
            app.add_task(chat.tidy(), name="tidy")  # Sanic ends only tasks that have a name

        for method, path, handler in (*Api(site, chat).routes(), *pages.routes()):
            if method == "GET":
                app.add_route(handler, path, methods=["GET", "HEAD"], name=f"{method} {path}")
            else:
                app.add_route(_bounded(handler), path, methods=[method], name=f"{method} {path}", stream=True)
        app.register_listener(keep_tidy, "after_server_start")
        app.register_listener(lambda *_: chat.turns.finish(), "before_server_stop")
        metrics.watch_queue("web", lambda: len(chat.turns.running))
        app.register_middleware(site.before, "request")
        app.register_middleware(pages.front, "request")  # Rasa has taken the route / for its own greeting
        app.register_middleware(site.after, "response")
        app.error_handler.add(Exception, lambda request, error: _refuse(pages, request, as_web_error(error)))


def _bounded(handler: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Awaitable[HTTPResponse]]:
    """Reads the body itself, up to the limit of this channel: Sanic's own is one for all of them."""
    async def read_and_handle(request: Request) -> HTTPResponse:
        request.stream.request_max_size = requests.LARGEST_BODY
        await request.receive_body()
        return await handler(request)
    return read_and_handle


def _store() -> MessageStore:
    try:
        return MessageStore(settings.database_url())
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise settings.SettingError(f"IDCARD_DATABASE_URL: the database cannot be used ({reason}).") from None


def _refuse(pages: Pages, request: Request, error: WebError) -> HTTPResponse:
    metrics.REFUSED.labels("web", error.code).inc()
    return refusal(error) if request is None or request.path.startswith("/webhooks/") else pages.error(error)


class Api:
    """The calls of docs/web-protocol.md."""

    def __init__(self, site: Site, chat: Chat) -> None:
        self.site, self.chat = site, chat

    def routes(self) -> tuple:
        return (("POST", API + "session", self.begin), ("DELETE", API + "session", self.erase),
                ("POST", API + "message", self.send), ("GET", API + "messages", self.messages),
                ("POST", API + "feedback", self.feedback), ("GET", API + "health", self.health))

    async def begin(self, request: Request) -> HTTPResponse:
        await self.site.admit(request, "begin")
        given = requests.read_body(request.body, {"city": str})
        token, messages = await self.chat.begin(given.get("city", ""))
        session = sessions.session_of(token)
        return as_json({"token": token, "expires_in": sessions.SESSION_SECONDS,
                     "messages": sessions.public(session, messages)}, 201)

    async def send(self, request: Request) -> HTTPResponse:
        session = await self._signed(request, "send")  # a turn finds out by itself whether it is still known
        given = requests.read_body(request.body, {"client_msg_id": str, "text": str, "button": str})
        return _messages(session, await self.chat.send(session, given))

    async def messages(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "read")
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 10) or set(request.args) - {"after"}:
            raise WebError("bad_request")
        found, is_busy = await self.chat.after(session, int(after))
        return as_json({"messages": sessions.public(session, found), "busy": is_busy})

    async def feedback(self, request: Request) -> HTTPResponse:
        session = await self._session(request, "send")
        given = requests.read_body(request.body, {"seq": int, "rating": str, "reason": str})
        return _messages(session, await self.chat.rate(session, given))

    async def erase(self, request: Request) -> HTTPResponse:
        """Also with a token that has expired: what was said is kept for longer, and only who holds the token can say whose it is."""
        session = sessions.session_of(_token(request), even_expired=True)
        await self.site.admit(request, "send", session or "")
        if session is None:
            raise WebError("bad_session")
        return as_json({"receipt": await self.chat.erase(session)})

    async def health(self, _request: Request) -> HTTPResponse:
        await self.chat.check()
        return as_json({"status": "ok"})

    async def _session(self, request: Request, kind: str) -> str:
        """The session of the caller's token, while it is known here. Raises WebError."""
        session = await self._signed(request, kind)
        if await self.chat.city(session) is None:
            raise WebError("bad_session")
        return session

    async def _signed(self, request: Request, kind: str) -> str:
        """The session of the caller's token, known or not. Raises WebError."""
        session = sessions.session_of(_token(request))
        await self.site.admit(request, kind, session or "")
        if session is None:
            raise WebError("bad_session")
        return session


def _token(request: Request) -> str:
    """What the caller shows as a token; "" where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _messages(session: str, found: List[Message]) -> HTTPResponse:
    return as_json({"messages": sessions.public(session, found)})
