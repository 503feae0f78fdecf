"""Whose address counts, and what becomes of an error."""
from __future__ import annotations

from types import SimpleNamespace

import pytest
from sanic.compat import Header
from sanic.exceptions import InvalidUsage, NotFound, PayloadTooLarge, RequestTimeout, ServerError, ServiceUnavailable

from assistant.channels.limits import Limits
from assistant.channels.web.errors import KINDS, WebError
from assistant.channels.web.site import Site, as_web_error, neighbourhood


@pytest.mark.parametrize("proxies, peer, forwarded, address", [
    ("", "192.0.2.1", None, "192.0.2.1"),
    ("", "192.0.2.1", "198.51.100.1", "192.0.2.1"),  # no proxy of ours: anybody may write that
    ("10.0.0.0/8", "10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.0/8", "10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # what the caller wrote before our proxy
    ("10.0.0.0/8", "10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two proxies of ours
    ("10.0.0.0/8", "10.0.0.1", None, "10.0.0.1"),
    ("10.0.0.0/8", "10.0.0.1", "rubbish", "rubbish"),
    ("::1", "::1", "2001:db8::1", "2001:db8::1"),
])
def test_an_address_is_believed_from_our_own_proxies_only(proxies, peer, forwarded, address, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_TRUSTED_PROXIES", proxies)
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert Site(Limits()).address(SimpleNamespace(ip=peer, headers=headers)) == address


@pytest.mark.parametrize("lines, address", [
    (["203.0.113.9", "198.51.100.1"], "198.51.100.1"),  # the caller's own line, and the one that the proxy has added
    (["203.0.113.9, 203.0.113.8", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
    (["198.51.100.1"], "198.51.100.1"),
])
def test_of_several_lines_the_last_counts(lines: list, address: str, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_TRUSTED_PROXIES", "10.0.0.0/8")
    headers = Header([("x-forwarded-for", line) for line in lines])
    assert Site(Limits()).address(SimpleNamespace(ip="10.0.0.1", headers=headers)) == address


def test_an_ipv6_connection_is_one_caller_whichever_of_its_addresses_it_uses() -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff:ffff:ffff:ffff") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"
    assert neighbourhood("rubbish") == "rubbish"


@pytest.mark.parametrize("error, code", [
    (WebError("busy"), "busy"), (PayloadTooLarge(""), "too_large"), (NotFound(""), "not_found"), (InvalidUsage(""), "bad_request"),
    (RequestTimeout(""), "bad_request"), (ServiceUnavailable(""), "bad_request"), (ServerError("secret"), "failed"),
    (RuntimeError("secret"), "failed"), (UnicodeDecodeError("utf-8", b"secret", 0, 1, "secret"), "failed"),
])
def test_every_error_has_its_type_and_tells_nothing_else(error, code: str, caplog) -> None:
    found = as_web_error(error)
    assert (found.code, found.status) == (code, KINDS[code].status)
    assert "secret" not in str(found.body()) + caplog.text
    assert ("A request failed" in caplog.text) == (code == "failed")
