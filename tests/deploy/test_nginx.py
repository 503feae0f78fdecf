"""The edge of deploy/nginx in a real nginx: who gets in, what is passed on, what is limited, what is said and what is kept."""
from __future__ import annotations

import http.client
import ssl
from typing import Iterator

import pytest

from assistant import tracing
from assistant.channels.web.errors import KINDS
from tests.deploy.edge import CONSOLE, FEW_CONNECTIONS, FROM_ELSEWHERE, POLICY, SITE, Edge, Upstream, ask, public_paths

pytestmark = pytest.mark.services

BURST, STAFF_BURST = 200, 60  # of idcard.conf
PUBLIC = ["/", "/?city=x", "/chat", "/chat/start", "/widget/client.js", "/pages/site.css", "/webhooks/web/health",
          "/webhooks/web/messages?after=3", "/webhooks/wechat/webhook?signature=a&openid=b"]
HIDDEN = ["/conversations", "/conversations/x/tracker", "/model", "/model/parse", "/version", "/status", "/domain", "/webhooks/rest/webhook",
          "/webhooks/wechat/", "/webhooks/wechat/webhook/more", "/metrics", "/chatter", "/.git/config", "/login/"]
DISGUISED = ["/conversations/x/../../chat/tracker", "/conversations/%2e%2e/chat", "/widget/..%2fmodel", "/widget/%5c..", "//chat"]
SHAM = "203.0.113.7"  # of the block for documentation


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    server = Edge()
    server.start()
    yield server
    server.close()


def test_nginx_takes_the_configuration(edge: Edge) -> None:
    checked = edge.check()
    assert checked.returncode == 0 and "[warn]" not in checked.stderr, checked.stderr


def test_http_leads_to_https_of_the_same_name(edge: Edge) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", edge.http, timeout=30)
    answer = ask(connection, "/chat?city=x", headers={"Host": SITE})
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{SITE}/chat?city=x")


def test_another_name_gets_neither_page_nor_certificate(edge: Edge) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        ask(http.client.HTTPConnection("127.0.0.1", edge.http, timeout=30), "/", headers={"Host": "elsewhere.example"})
    with pytest.raises(ssl.SSLError):
        edge.connect("elsewhere.example")


@pytest.mark.parametrize("path", PUBLIC)
def test_what_is_public_reaches_the_assistant_as_it_was_sent(edge: Edge, path: str) -> None:
    answer = edge.call(path)
    assert answer.status == 200 and answer.json["path"] == path and answer.json["upstream"] in ("first", "second")


def test_every_public_path_is_tried_here() -> None:
    assert all(any(path.startswith(public) for path in PUBLIC) for public in public_paths()) and len(public_paths()) == 7


@pytest.mark.parametrize("path", [*HIDDEN, *DISGUISED])
def test_nothing_else_reaches_it(edge: Edge, path: str) -> None:
    answer = edge.call(path)
    assert answer.status == 404 and b"upstream" not in answer.body


def test_a_large_body_is_refused_in_the_words_of_the_protocol(edge: Edge) -> None:
    answer = edge.call("/webhooks/web/message", "POST", b"x" * 1_000_000)
    assert answer.status == 413 and answer.json["error"] == {"code": "too_large", "message": KINDS["too_large"].message}
    assert edge.call("/chat", "POST", b"x" * 1_000_000).status == 413
    assert edge.call("/chat", "POST", b"x" * 60_000).status == 200


@pytest.mark.parametrize("path", ["/", "/webhooks/web/health", "/nowhere"])
def test_every_answer_tells_the_browser_to_be_careful_and_says_it_once(edge: Edge, path: str) -> None:
    headers = edge.call(path).headers
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert headers.get_all("Content-Security-Policy") == (None if path == "/nowhere" else [POLICY])
    assert headers["Server"] == "nginx"


def test_nobody_chooses_the_address_they_are_taken_for(edge: Edge) -> None:
    sham = {"X-Forwarded-For": SHAM, "Forwarded": f"for={SHAM}", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "http"}
    passed = edge.call("/chat", headers=sham).json["headers"]
    assert passed["x-forwarded-for"] == "127.0.0.1" and passed["x-forwarded-proto"] == "https" and passed["host"] == SITE
    assert "forwarded" not in passed and "x-forwarded-host" not in passed


def test_every_request_has_an_id_of_the_edges_own_which_is_also_in_its_log(edge: Edge) -> None:
    passed = edge.call("/chat", headers={"X-Request-ID": "mine" * 8}).json["headers"]
    assert tracing.AS_OF_NGINX.fullmatch(passed["x-request-id"]) and passed["x-request-id"] in edge.log()


def test_a_conversation_stays_with_its_process_however_it_shows_its_token(edge: Edge) -> None:
    used = set()
    for number in range(12):
        token = f"token-{number}"
        ways = {edge.call("/chat", headers=headers).json["upstream"]
                for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"a=b; idcard-chat={token}"},
                                {"Authorization": f"Bearer {token}", "X-Forwarded-For": SHAM})}
        assert len(ways) == 1
        used |= ways
    assert used == {"first", "second"}


def test_a_flood_is_told_when_to_go_on_and_others_are_served(edge: Edge) -> None:
    connection = edge.connect(source="127.0.0.2")
    answers = [ask(connection, "/webhooks/web/health") for _ in range(2 * BURST)]
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers[:BURST]} == {200} and refused
    error = refused[0].json["error"]
    assert error == {"code": "rate_limited", "message": KINDS["rate_limited"].message, "retry_after": 5}
    assert refused[0].headers.get_all("Retry-After") == ["5"]
    assert edge.call("/webhooks/web/health", source="127.0.0.3").status == 200


def test_the_addresses_of_one_ipv6_line_are_limited_together(edge: Edge) -> None:
    connection = edge.connect(source=FROM_ELSEWHERE)
    answers = [ask(connection, "/webhooks/web/health", headers={"X-Elsewhere": f"2001:db8:1:2::{number:x}"}) for number in range(2 * BURST)]
    assert answers[0].json["headers"]["x-forwarded-for"] == "2001:db8:1:2::" and 429 in {answer.status for answer in answers}
    for other in ("2001:db8:1:3::1", "192.0.2.1"):
        assert edge.call("/webhooks/web/health", headers={"X-Elsewhere": other}, source=FROM_ELSEWHERE).status == 200


def test_what_nginx_itself_refuses_can_be_read_by_the_page_that_asked(edge: Edge, deserted: Edge) -> None:
    page = {"Origin": "https://www.city.example"}
    connection = edge.connect(source="127.0.0.7")
    flooded = [ask(connection, "/webhooks/web/health", headers=page) for _ in range(2 * BURST)]
    large = edge.call("/webhooks/web/message", "POST", b"x" * 1_000_000, page)
    refused = [next(answer for answer in flooded if answer.status == 429), large, deserted.call("/webhooks/web/health", headers=page)]
    assert [answer.status for answer in refused] == [429, 413, 503]
    assert [answer.headers.get_all("Access-Control-Allow-Origin") for answer in refused] == [[page["Origin"]]] * 3
    for passed in (flooded[0], edge.call("/chat", "POST", b"x" * 1_000_000, page), edge.call("/nowhere", headers=page)):
        assert "Access-Control-Allow-Origin" not in passed.headers


def test_one_address_cannot_hold_every_connection(edge: Edge) -> None:
    held = [edge.connect(source="127.0.0.4") for _ in range(FEW_CONNECTIONS)]
    try:
        for connection in held:
            connection.request("GET", "/pages/held", headers={"Authorization": "Bearer one"})
        holder = next(upstream for upstream in edge.upstreams if upstream.held.acquire(timeout=5))
        assert all(holder.held.acquire(timeout=30) for _ in held[1:])
        assert edge.call("/chat", source="127.0.0.4").status == 429
        assert edge.call("/chat", source="127.0.0.5").status == 200
    finally:
        for upstream in edge.upstreams:
            upstream.release.set()
    assert {connection.getresponse().status for connection in held} == {200}


def test_old_tls_is_refused(edge: Edge) -> None:
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = edge.context()
        context.set_ciphers("ALL:@SECLEVEL=0")  # or OpenSSL would not even try
        context.minimum_version = context.maximum_version = version
        with pytest.raises(ssl.SSLError):
            edge.connect(context=context)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = edge.context()
        context.minimum_version = context.maximum_version = version
        assert ask(edge.connect(context=context), "/").status == 200


def test_the_console_has_a_name_and_limits_of_its_own(edge: Edge) -> None:
    answer = edge.call("/login/", name=CONSOLE, headers={"X-Forwarded-Proto": "http"})
    assert answer.json["upstream"] == "console" and answer.json["headers"]["x-forwarded-proto"] == "https"
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    statuses = [edge.call("/login/", name=CONSOLE, source="127.0.0.6").status for _ in range(2 * STAFF_BURST)]
    assert set(statuses[:STAFF_BURST]) == {200} and 429 in statuses


def test_the_log_holds_no_query_no_token_and_no_cookie(edge: Edge) -> None:
    secret = "sham-secret"
    headers = {"Authorization": f"Bearer {secret}", "Cookie": f"idcard-chat={secret}", "Referer": f"https://{SITE}/?{secret}"}
    for path in ("/webhooks/wechat/webhook", "/chat", "/nowhere"):
        edge.call(f"{path}?openid={secret}", headers=headers)
    connection = edge.connect(source="127.0.0.2")  # also where it is refused
    for _ in range(2 * BURST):
        ask(connection, f"/chat?openid={secret}", headers=headers)
    assert "/webhooks/wechat/webhook" in edge.log() and "429" in edge.log() and secret not in edge.log()


def test_a_dead_assistant_is_a_kind_sentence(deserted: Edge) -> None:
    answer = deserted.call("/webhooks/web/health")
    assert answer.status == 503 and answer.json["error"] == {"code": "not_ready", "message": KINDS["not_ready"].message}


@pytest.fixture
def deserted() -> Iterator[Edge]:
    """An edge whose assistants have gone."""
    server = Edge()
    server.start()
    for upstream in server.upstreams:
        upstream.close()
    yield server
    server.close()


def test_while_one_process_after_the_other_is_restarted_everybody_is_answered(restarted: Edge) -> None:
    for number, upstream in enumerate(restarted.upstreams):
        upstream.close()
        assert [restarted.call("/chat", headers={"Authorization": f"Bearer {token}"}).status for token in range(8)] == [200] * 8
        restarted.upstreams[number] = Upstream(upstream.name, upstream.server_port)


@pytest.fixture
def restarted() -> Iterator[Edge]:
    """An edge whose assistants may go and come back."""
    server = Edge()
    server.start()
    yield server
    server.close()
