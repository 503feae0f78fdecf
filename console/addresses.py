"""From which address somebody calls, and from which the console may be called at all."""
from __future__ import annotations

import ipaddress
import logging
from typing import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from console.environment import Network

LOG = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The caller's own address. Behind our proxies it is the last one in X-Forwarded-For that is none of theirs."""
    hops = [request.META.get("REMOTE_ADDR", ""), *reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(","))]
    own = ""
    for hop in map(str.strip, hops):
        if not _is_address(hop):
            break
        own = hop
        if not _is_among(hop, settings.TRUSTED_PROXIES):
            break
    return own


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_among(address: str, networks: Iterable[Network]) -> bool:
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)  # ::ffff:10.0.0.1 is 10.0.0.1
    return any((mapped or found) in network for network in networks)


class NetworksMiddleware:
    """Refuses whoever calls from outside IDCARD_CONSOLE_NETWORKS, before anything else is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = client_address(request)
        if not settings.STAFF_NETWORKS or address and _is_among(address, settings.STAFF_NETWORKS):
            return self.get_response(request)
        LOG.warning("Refused a call from %s: not in IDCARD_CONSOLE_NETWORKS.", address or "an unknown address")
        return HttpResponseForbidden("这里只能从内部网络访问。", content_type="text/plain; charset=utf-8")
