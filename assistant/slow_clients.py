"""Cuts off who sends a request too slowly, also where nothing stands before the server that would.

Sanic counts the time for a request anew with every byte that comes, and the time for its body as time of the answer: a byte every
nine seconds would hold a connection for days.
"""
from time import monotonic
from typing import Optional

from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol


class ImpatientProtocol(HttpProtocol):
    """A request, head and body, has to be there within REQUEST_TIMEOUT seconds of its first byte."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        began, is_arriving = self._time, self._stage() not in (None, Stage.IDLE)
        super().data_received(data)
        if is_arriving:
            self._time = began

    def check_timeouts(self) -> None:
        body_is_missing = self._stage() is Stage.HANDLER and self._http.request_body
        if body_is_missing and monotonic() - self._time > self.request_timeout:
            self.abort()
        else:
            super().check_timeouts()

    def _stage(self) -> Optional[Stage]:
        """None while the connection is so new that Sanic's task for it has not begun."""
        http = getattr(self, "_http", None)
        return http.stage if http is not None else None  # it is false while no handler runs
