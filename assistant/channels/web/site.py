"""What holds for every request: who may call from where, how often, what every response says to the browser, typed errors."""
import ipaddress
import logging
from functools import partial
from json import dumps
from typing import Optional

from sanic.exceptions import MethodNotSupported, NotFound, PayloadTooLarge, SanicException, ServerError
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sanic_cors.extension import SANIC_CORS_EVALUATED

from assistant import keys, settings
from assistant.alarms import kind_and_place
from assistant.channels.limits import Limit, Limits
from assistant.channels.web.errors import WebError

logger = logging.getLogger(__name__)

API = "/webhooks/web/"
PUBLIC_FILES = "/widget/"
MINUTE = 60
# An address may stand for a whole housing estate or a mobile operator; a session is one person.
LIMITS = {
    "begin": (None, Limit(120, MINUTE)),
    "send": (Limit(30, MINUTE), Limit(600, MINUTE)),
    "read": (Limit(300, MINUTE), Limit(3000, MINUTE)),
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Site:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.allowed_origins = settings.allowed_origins()
        self.proxies = settings.trusted_proxies()

    async def admit(self, request: Request, kind: str, session: str = "") -> None:
        """Count a call. Raises WebError rate_limited, with the seconds to wait, beyond the limits of its kind."""
        of_session, of_address = LIMITS[kind]
        wait = await self.limits.wait(f"{kind}:{keys.pseudonym('web address', neighbourhood(self.address(request)))}", of_address)
        if not wait and session and of_session:
            wait = await self.limits.wait(f"{kind}:{session}", of_session)
        if wait:
            raise WebError("rate_limited", retry_after=wait)

    def address(self, request: Request) -> str:
        """The caller's: of the connection, or the one before our proxies in X-Forwarded-For; what others write there is ignored."""
        told = ",".join(value for name, value in request.headers.items() if name.lower() == "x-forwarded-for")  # a proxy may add a line of its own
        hops = [*filter(None, map(str.strip, told.split(","))), request.ip]
        while len(hops) > 1 and self._is_proxy(hops[-1]):
            hops.pop()
        return hops[-1]

    def scheme(self, request: Request) -> str:
        """http or https, as the visitor called; our proxies tell it in X-Forwarded-Proto."""
        is_told = self._is_proxy(request.ip) and request.headers.get("x-forwarded-proto") == "https"
        return "https" if is_told else request.scheme

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in self.proxies)
        except ValueError:
            return False

    def origin(self, request: Request) -> str:
        """The origin that the browser names; "" where it names none. Raises WebError for one that may not call."""
        origin = request.headers.get("origin", "")
        if origin and origin not in self.allowed_origins and not _is_own(request, origin):
            raise WebError("wrong_origin")
        return origin

    async def before(self, request: Request) -> None:
        """Refuses a foreign origin before anything else looks at the request."""
        setattr(request.ctx, SANIC_CORS_EVALUATED, "1")  # Rasa's own CORS would allow credentials
        if request.path.startswith(API):
            self.origin(request)

    async def after(self, request: Request, response: HTTPResponse) -> None:
        """Headers. A preflight comes here straight from Rasa's own CORS, which allows nothing; what is allowed is added."""
        if request.method == "OPTIONS":
            response.status = 204
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        for name in ("Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"):
            response.headers.pop(name, None)  # Rasa's own, on errors
        if not request.path.startswith((API, PUBLIC_FILES)):
            return
        response.headers["Vary"] = ", ".join(filter(None, (response.headers.get("vary"), "Origin")))
        try:
            origin = self.origin(request)
        except WebError:
            return
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"


def neighbourhood(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the /64 of an IPv6 address, all of which one connection may use by turns."""
    try:
        parsed = ipaddress.ip_address(address)
        if parsed.version == 4:
            return address
        return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))
    except ValueError:  # no proxy of ours would tell that
        return address


def _is_own(request: Request, origin: str) -> bool:
    return bool(request.host) and origin in (f"http://{request.host}", f"https://{request.host}")


def as_web_error(error: Exception) -> WebError:
    """The typed error for whatever went wrong; what is our fault goes to the log by kind and place, never to the caller."""
    if isinstance(error, WebError):
        return error
    if isinstance(error, PayloadTooLarge):
        return WebError("too_large")
    if isinstance(error, (NotFound, MethodNotSupported)):
        return WebError("not_found")
    if isinstance(error, SanicException) and not isinstance(error, ServerError):  # no HTTP, or a caller who has gone
        return WebError("bad_request")
    logger.error("A request failed: %s", kind_and_place(error))
    return WebError("failed")


def as_json(body: dict, status: int = 200, headers: Optional[dict] = None) -> HTTPResponse:
    """Chinese as it is: escaped it would be twice as long."""
    return json(body, status, headers, dumps=partial(dumps, ensure_ascii=False, separators=(",", ":")))


def refusal(error: WebError) -> HTTPResponse:
    return as_json(error.body(), error.status, {} if error.retry_after is None else {"Retry-After": str(error.retry_after)})
