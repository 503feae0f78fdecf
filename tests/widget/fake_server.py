"""A double of the web channel (docs/web-protocol.md) with a scripted bot, and of a host site that embeds the widget.

The two listen on ports of their own, so that the widget talks across origins as it does in life.
"""
from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable, Optional
from urllib.parse import parse_qs, urlsplit

from tests.widget.script import GREETING, replies_to

WIDGET = Path(__file__).resolve().parents[2] / "widget"
KINDS = {".js": "text/javascript", ".css": "text/css"}
API = "/webhooks/web"
Reply = tuple[int, dict]


def error(status: int, code: str, message: str = "", **more) -> Reply:
    return status, {"error": {"code": code, "message": message, **more}}


@dataclass
class Session:
    messages: list[dict] = field(default_factory=list)
    turns: dict[str, list[dict]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)

    def add(self, author: str, said: dict) -> dict:
        message = {"seq": len(self.messages) + 1, "from": author, "at": "2026-11-21T09:30:00+08:00", **said}
        titles = message.pop("titles", ())
        if titles:
            message["buttons"] = [{"title": title, "token": secrets.token_hex(8)} for title in titles]
            self.buttons.update((button["token"], button["title"]) for button in message["buttons"])
        self.messages.append(message)
        return message

    @property
    def said(self) -> list[str]:
        """What the citizen said, in order, as often as it arrived."""
        return [message["text"] for message in self.messages if message["from"] == "user"]


class Bot:
    """What the server knows. `answers` goes before the script; `refuse` is the error of the next messages."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.answers: dict[str, list[dict]] = {}
        self.ratings: list[dict] = []
        self.refuse: list[Reply] = []
        self.refuse_session: Optional[Reply] = None
        self.expired: set[str] = set()  # tokens that may only erase
        self.erasures = 0
        self.delay = threading.Event()  # while it is clear, messages wait
        self.delay.set()

    @property
    def session(self) -> Session:
        """The session begun last."""
        return list(self.sessions.values())[-1]

    def handle(self, method: str, path: str, token: str, body: dict) -> Reply:
        url = urlsplit(path)
        call = method, url.path.removeprefix(API)
        if call == ("POST", "/message"):
            self.delay.wait(20)
        with self.lock:
            if call == ("POST", "/session"):
                return self.refuse_session or self._begin()
            session = self.sessions.get(token)
            if session is None or token in self.expired and call[0] != "DELETE":
                return error(401, "bad_session")
            if call == ("GET", "/messages"):
                after = int(parse_qs(url.query)["after"][0])
                return 200, {"messages": session.messages[after:], "busy": False}
            if call == ("POST", "/message"):
                return self._message(session, body)
            if call == ("POST", "/feedback"):
                self.ratings.append(body)
                return 200, {"messages": [session.add("bot", {"text": "谢谢您的评价。", "custom": {"kind": "smalltalk"}})]}
            if call == ("DELETE", "/session"):
                del self.sessions[token]
                self.erasures += 1
                return 200, {"receipt": {"id": f"R-{self.erasures}", "erased_at": "2026-11-21T09:31:00+08:00", "messages": len(session.messages)}}
        return error(404, "not_found")

    def _begin(self) -> Reply:
        token = secrets.token_hex(16)
        self.sessions[token] = session = Session()
        return 201, {"token": token, "expires_in": 86400, "messages": [session.add("bot", GREETING)]}

    def _message(self, session: Session, body: dict) -> Reply:
        identity = body["client_msg_id"]
        if identity in session.turns:
            return 200, {"messages": session.turns[identity]}
        if self.refuse:
            return self.refuse.pop(0)
        if "button" in body and body["button"] not in session.buttons:
            return error(409, "stale_button", "这个选项已经过去了，请选最新的。")
        text = body["text"] if "text" in body else session.buttons[body["button"]]
        own = session.add("user", {"text": text, "client_msg_id": identity})
        said = self.answers.get(text) or replies_to(text)
        session.turns[identity] = [own, *(session.add("bot", dict(reply)) for reply in said)]
        return 200, {"messages": session.turns[identity]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, content: bytes, kind: str, headers: Optional[dict] = None) -> None:
        self.send_response(status)
        origin = self.headers.get("Origin")
        if origin:
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
            self.send_header("Access-Control-Allow-Methods", "GET, POST, DELETE")
            self.send_header("Access-Control-Max-Age", "600")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.serve(self, urlsplit(self.path).path, body)

    do_GET = do_POST = do_DELETE = do_OPTIONS = respond  # noqa: N815


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, serve: Callable[[_Handler, str, bytes], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.serve = serve
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def bot_server(bot: Bot) -> Server:
    """The API and the widget's files."""
    def serve(handler: _Handler, path: str, body: bytes) -> None:
        if handler.command == "OPTIONS":
            handler.answer(204, b"", "text/plain")
        elif path.startswith("/widget/"):
            file = WIDGET / Path(path).name
            handler.answer(200, file.read_bytes(), KINDS[file.suffix], {"Cache-Control": "no-cache"})
        else:
            token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
            status, answer = bot.handle(handler.command, handler.path, token, json.loads(body or b"{}"))
            handler.answer(status, json.dumps(answer, ensure_ascii=False).encode(), "application/json")
    return Server(serve)


def site_server(pages: dict[str, tuple[str, dict]]) -> Server:
    """A city's site: path -> (HTML, further headers)."""
    def serve(handler: _Handler, path: str, _body: bytes) -> None:
        html, headers = pages.get(path, ("", {}))
        handler.answer(200 if html else 404, html.encode(), "text/html; charset=utf-8", headers)
    return Server(serve)
