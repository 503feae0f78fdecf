"""What operators and their programs ask, on an address of its own (IDCARD_OPERATIONS) that no citizen reaches.

    /metrics  what metrics.py counts
    /health   200 while the event loop turns
    /ready    200 while a sentence is understood and the store answers; 503 from the moment on at which the server is told to stop

It answers from a thread: also when the event loop is held up, and then says so.
"""
import asyncio
import threading
from typing import Any, Callable, Coroutine, Iterable, Tuple
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from assistant import metrics

PATIENCE_SECONDS = 5.0
Check = Callable[[], Coroutine[Any, Any, bool]]


class _Handler(WSGIRequestHandler):
    timeout = 10  # seconds for a request to come

    def log_message(self, *_: Any) -> None:
        """Nobody reads a line for every scrape."""


class Operations:
    """Bound when it is made (raises OSError), answering from `start` on."""

    def __init__(self, host: str, port: int) -> None:
        self._server = make_server(host, port, self._answer, ThreadingWSGIServer, _Handler)
        self._metrics = make_wsgi_app()
        self.is_stopping = False

    def start(self, loop: asyncio.AbstractEventLoop, is_ready: Check) -> None:
        self._loop, self._is_ready = loop, is_ready
        metrics.READY.set_function(lambda: float(self.ready()))
        threading.Thread(target=self._server.serve_forever, name="operations", daemon=True).start()

    def healthy(self) -> bool:
        return self._in_loop(lambda: asyncio.sleep(0, True))

    def ready(self) -> bool:
        return not self.is_stopping and self._in_loop(self._is_ready)

    def _in_loop(self, check: Check) -> bool:
        """Whether it is so; what is broken, or takes too long, is not: the reason is in the log of what broke."""
        try:
            return asyncio.run_coroutine_threadsafe(asyncio.wait_for(check(), PATIENCE_SECONDS), self._loop).result(PATIENCE_SECONDS)
        except Exception:
            return False

    def _answer(self, environ: dict, respond: Callable[[str, list], Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return self._metrics(environ, respond)
        status, body = self._status(path)
        respond(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [body]

    def _status(self, path: str) -> Tuple[str, bytes]:
        checks = {"/health": self.healthy, "/ready": self.ready}
        if path not in checks:
            return "404 Not Found", b"not found\n"
        return ("200 OK", b"ok\n") if checks[path]() else ("503 Service Unavailable", b"no\n")
