"""Who may open what: every address × every role × every method, from the list of addresses; and how one gets in."""
from __future__ import annotations

import argparse
import itertools
import re
import time
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django_otp.oath import totp

from console import __main__, addresses, audit, environment
from console.access import ANYONE, SIGNED_IN
from console.models import Account, AuditEntry, Turn
from console.models.people import EXTRA_RIGHTS, ROLES, check_grants
from tests.console import made_events as made
from tests.console.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("console")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VALUES = {"key": 1, "event": 1, "number": "S20261121-0001", "purpose": "训练"}
SLUGS = {"measure-csv": {"key": "volume"}}


def patterns() -> list[URLPattern]:
    return list(get_resolver().url_patterns)


def address(pattern: URLPattern) -> str:
    wanted = {**VALUES, **SLUGS.get(pattern.name, {})}
    return reverse(pattern.name, kwargs={name: wanted[name] for name in pattern.pattern.converters})


def test_every_view_says_who_may_open_it() -> None:
    for pattern in patterns():
        access = pattern.callback.access
        assert access.grants and set(access.grants) <= {*ROLES, ANYONE, SIGNED_IN}, pattern.name
        assert not access.also or access.also in EXTRA_RIGHTS
        assert set(access.methods) <= {"GET", "POST"}
        assert access.action or pattern.name == "home", f"{pattern.name} leaves no record"


def test_only_signing_in_is_open_to_everybody() -> None:
    assert {pattern.name for pattern in patterns() if pattern.callback.access.grants == (ANYONE,)} == {"login", "code"}


def test_what_changes_something_takes_no_get() -> None:
    changing = {"judge", "judge-group", "handle", "note", "reveal", "hold", "ask-deletion", "decide", "export", "set-clock", "clean", "reset", "logout",
                "save-view", "drop-view", "check-audit", "audit-csv", "export-conversations", "shortcuts"}
    assert {pattern.name for pattern in patterns() if pattern.callback.access.methods == ("POST",)} == changing


@pytest.mark.parametrize("grants", [(role, *extra) for role in ROLES for extra in ((), EXTRA_RIGHTS)], ids="+".join)
def test_each_role_may_do_what_is_declared_and_nothing_else(staff, grants) -> None:
    """Every role alone, and with the extra rights, on every address with every method."""
    client = staff(*grants)
    for pattern, method in itertools.product(patterns(), METHODS):
        access, answer = pattern.callback.access, client.generic(method, address(pattern))
        if method not in access.methods:
            assert answer.status_code == 405, (pattern.name, method)
            continue
        open_to_all = access.grants in ((ANYONE,), (SIGNED_IN,))
        allowed = open_to_all or set(grants) & set(access.grants) and (not access.also or access.also in grants)
        assert (answer.status_code != 403) == bool(allowed), (pattern.name, method)
        assert pattern.name in ("code", "logout") or answer.get("Location") != reverse("login"), f"{pattern.name}: not signed in any more"
        if pattern.name == "logout":
            client = staff(*grants)


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_without_signing_in_there_is_only_the_login(pattern) -> None:
    access = pattern.callback.access
    for method in METHODS:
        answer = Client().generic(method, address(pattern))
        if method not in access.methods:
            assert answer.status_code == 405
        elif access.grants != (ANYONE,):
            assert (answer.status_code, answer["Location"]) == (302, reverse("login"))


def test_a_password_alone_opens_nothing(staff) -> None:
    signed_in = staff("查看")
    session = signed_in.session
    session.pop("otp_device_id")
    session.save()
    assert signed_in.get(reverse("conversations"))["Location"] == reverse("login")


def code(device) -> str:
    device.refresh_from_db()
    device.throttle_reset()
    device.last_t = -1
    device.save()
    return f"{totp(device.bin_key):06}"


def test_password_then_code_lets_in(staff) -> None:
    device = staff("查看").device
    client = Client()
    assert client.post(reverse("login"), {"username": "wang", "password": PASSWORD})["Location"] == reverse("code")
    assert client.get(reverse("queues"))["Location"] == reverse("login")
    assert client.post(reverse("code"), {"code": "000000"}).status_code == 401
    assert client.post(reverse("code"), {"code": code(device)})["Location"] == reverse("home")
    assert client.get(reverse("queues")).status_code == 200


def test_a_code_serves_once(staff) -> None:
    device = staff("查看").device
    given = code(device)
    for expected in (302, 401):
        client = Client()
        client.post(reverse("login"), {"username": "wang", "password": PASSWORD})
        assert client.post(reverse("code"), {"code": given}).status_code == expected


def try_password(password: str, address: str = "10.1.1.1"):
    return Client(REMOTE_ADDR=address).post(reverse("login"), {"username": "wang", "password": password}).status_code


def test_five_wrong_passwords_lock_the_account_where_they_came_from(staff) -> None:
    """Not everywhere: else whoever knows a name could keep its owner out."""
    staff("查看")
    assert [try_password("wrong") for _ in range(5)][-1] == 429
    assert try_password(PASSWORD) == 429
    assert try_password(PASSWORD, "10.1.1.2") == 302


def test_what_was_mistyped_before_a_right_login_is_forgotten(staff) -> None:
    device = staff("查看").device
    for _ in range(3):
        client = Client()
        for _ in range(3):
            client.post(reverse("login"), {"username": "wang", "password": "wrong"})
        assert client.post(reverse("login"), {"username": "wang", "password": PASSWORD})["Location"] == reverse("code")
        assert client.post(reverse("code"), {"code": code(device)})["Location"] == reverse("home")


@pytest.mark.parametrize("by", ["administrator", "command line"])
def test_a_reset_unlocks_and_gives_new_keys(staff, by, capsys) -> None:
    locked = staff("查看").account
    for _ in range(5):
        try_password("wrong")
    if by == "administrator":
        new = staff("安全管理", name="zhao").post(reverse("reset", args=[locked.pk])).context["password"]
    else:
        assert __main__.CHORES["reset"](argparse.Namespace(username="wang")) == 0
        new = capsys.readouterr().out.split()[2]
    assert try_password(PASSWORD) == 401 and try_password(new) == 302
    assert AuditEntry.objects.filter(action="重置登录", subject="wang").exists()


def test_a_name_that_nobody_has_is_not_written_down(staff) -> None:
    """It may be a password in the wrong field."""
    Client().post(reverse("login"), {"username": PASSWORD, "password": "x"})
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.result) == ("登录：密码", "拒绝") and PASSWORD not in f"{entry.subject}{entry.detail}"


def test_looking_at_the_login_page_does_not_fill_the_record() -> None:
    for _ in range(3):
        Client().get(reverse("login"))
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("peer, forwarded, own", [
    ("10.9.9.9", "", "10.9.9.9"),
    ("10.9.9.9", "203.0.113.7", "10.9.9.9"),  # whoever is no proxy of ours may write there what they like
    ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
    ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
    ("127.0.0.1", "203.0.113.7, 127.0.0.1", "203.0.113.7"),
    ("127.0.0.1", "<script>", "127.0.0.1"),
])
def test_the_address_is_the_last_one_that_no_proxy_of_ours_has(monkeypatch, peer, forwarded, own) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", (ip_network("127.0.0.1"),))
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert addresses.client_address(request) == own


def test_only_the_listed_networks_reach_the_console(staff, monkeypatch) -> None:
    client = staff("查看")
    assert client.get(reverse("queues"), REMOTE_ADDR="198.51.100.1").status_code == 200
    monkeypatch.setattr(settings, "STAFF_NETWORKS", (ip_network("10.0.0.0/8"), ip_network("::1")))
    for address, status in (("10.2.3.4", 200), ("::ffff:10.2.3.4", 200), ("::1", 200), ("198.51.100.1", 403), ("", 403)):
        assert client.get(reverse("queues"), REMOTE_ADDR=address).status_code == status, address
    assert Client().get("/static/console/console.css", REMOTE_ADDR="198.51.100.1").status_code == 403


def test_a_network_that_is_none_is_explained(monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_CONSOLE_NETWORKS", "10.0.0.0/8, office")
    with pytest.raises(environment.SettingError, match="IDCARD_CONSOLE_NETWORKS.*office"):
        environment.networks("IDCARD_CONSOLE_NETWORKS")


def test_the_consoles_own_file_is_readable_by_its_owner_alone(tmp_path, monkeypatch) -> None:
    """It holds the secrets of authenticators."""
    monkeypatch.setenv("IDCARD_CONSOLE_DATABASE_URL", f"sqlite:///{tmp_path}/new/console.db")
    environment.database("IDCARD_CONSOLE_DATABASE_URL", "")
    assert (tmp_path / "new/console.db").stat().st_mode & 0o777 == 0o600


def test_a_password_survives_no_new_session(staff) -> None:
    """Session fixation: the key changes with the password and again with the code."""
    device, client = staff("查看").device, Client()
    client.get(reverse("login"))
    client.session["planted"] = "by a stranger"
    keys = {client.session.session_key}
    client.post(reverse("login"), {"username": "wang", "password": PASSWORD})
    keys.add(client.session.session_key)
    client.post(reverse("code"), {"code": code(device)})
    keys.add(client.session.session_key)
    assert len(keys) == 3 and "planted" not in client.session


def test_in_development_the_first_login_sets_the_second_factor_up(staff) -> None:
    staff("查看").device.delete()
    client = Client()
    client.post(reverse("login"), {"username": "wang", "password": PASSWORD})
    assert b"otpauth://totp/" in client.get(reverse("code")).content


def test_in_service_only_the_administrator_gives_a_second_factor(staff, monkeypatch) -> None:
    monkeypatch.setattr(settings, "IN_SERVICE", True)
    staff("查看").device.delete()
    client = Client()
    client.post(reverse("login"), {"username": "wang", "password": PASSWORD})
    page = client.get(reverse("code")).content.decode()
    assert "otpauth" not in page and "安全管理员" in page


def test_signing_in_elsewhere_ends_the_session_here(staff) -> None:
    here = staff("查看")
    assert here.get(reverse("queues")).status_code == 200
    staff("查看")
    assert here.get(reverse("queues"))["Location"] == reverse("login")


def test_fifteen_idle_minutes_end_a_session(staff) -> None:
    client = staff("查看")
    client.get(reverse("queues"))
    left = client.session.get_expiry_date().timestamp() - time.time()
    assert settings.SESSION_SAVE_EVERY_REQUEST and 14 * 60 < left <= 15 * 60


def test_a_first_password_has_to_be_changed_before_anything_else(staff) -> None:
    client = staff("查看")
    Account.objects.update(must_change_password=True)
    assert client.get(reverse("queues"))["Location"] == reverse("password")
    new = "meadow-copper-violin-7"
    assert client.post(reverse("password"), {"old": PASSWORD, "new": new, "again": new})["Location"] == reverse("home")
    assert client.get(reverse("queues")).status_code == 200


@pytest.mark.parametrize("new", ["short", "123456789012345", PASSWORD])
def test_a_weak_or_old_password_is_refused(staff, new) -> None:
    answer = staff("查看").post(reverse("password"), {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 400


def test_an_auditor_is_never_an_administrator(staff) -> None:
    client = staff("安全管理")
    answer = client.post(reverse("accounts"), {"username": "both", "name": "两样", "grants": ["审计", "安全管理"]})
    assert answer.status_code == 400 and not Account.objects.filter(username="both").exists()
    with pytest.raises(Exception, match="同一个人"):
        check_grants(["审计", "安全管理"])


def test_a_new_account_gets_password_and_authenticator_once(staff) -> None:
    answer = staff("安全管理").post(reverse("accounts"), {"username": "newcomer", "name": "新同事", "grants": ["查看"]})
    made = Account.objects.get(username="newcomer")
    assert answer.status_code == 200 and made.must_change_password and made.totpdevice_set.filter(confirmed=True).count() == 1
    assert made.check_password(answer.context["password"])


@pytest.mark.parametrize("sent", [{"grants": ["查看"], "is_active": "on"}, {"grants": ["安全管理", "揭示"], "is_active": "on"}, {"grants": ["安全管理"]}])
def test_nobody_takes_the_last_key_from_themselves_nor_another_right(staff, sent) -> None:
    client = staff("安全管理")
    assert client.post(reverse("account", args=[client.account.pk]), {"name": "wang", **sent}).status_code == 400
    assert Account.objects.get().grants == ["安全管理"] and Account.objects.get().is_active


def test_no_page_that_changes_something_answers_a_look(staff) -> None:
    """HEAD and OPTIONS are asked without the form's token."""
    client = staff(*ROLES, *EXTRA_RIGHTS)
    for pattern in patterns():
        assert client.options(address(pattern)).status_code == 405, pattern.name
        if "GET" not in pattern.callback.access.methods:
            assert client.head(address(pattern)).status_code == 405, pattern.name


def test_every_page_forbids_foreign_content_and_caches(staff) -> None:
    answer = staff("查看").get(reverse("queues"))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "http" not in policy
    assert answer["Cache-Control"] == "no-store" and answer["X-Frame-Options"] == "DENY"


def test_what_is_done_and_what_is_refused_stands_in_the_record(staff) -> None:
    client = staff("查看")
    client.get(reverse("conversations"), {"words": "补领"})
    client.get(reverse("audit"))
    search, refused = AuditEntry.objects.order_by("id")
    assert (search.actor, search.action, search.result) == ("wang", "查对话", "成功")
    assert search.detail["filters"] == {"关键词": "补领"}
    assert (refused.action, refused.result) == ("看操作记录", "拒绝")


def test_a_number_that_staff_searched_for_is_not_in_the_record(staff) -> None:
    number = "1" + "38" + "00138000"
    answer = staff("查看").get(reverse("conversations"), {"words": f"电话 {number}", "city": "武汉"})
    assert answer.status_code == 400 and "搜不到" in answer.content.decode()
    audit.record("wang", "查对话", number, {"filters": {"关键词": number}})
    searched, written = AuditEntry.objects.order_by("id")
    assert searched.detail["filters"] == {"城市": "武汉"} and number not in f"{written.subject}{written.detail}"


ODD = ("", "'", "%", "_", "0001-01-01", "9999-12-31", "2026-02", "-1", "9" * 30, "²", "\x00", "<script>alert(1)</script>", "…" * 3000)
SENT = ("words", "since", "until", "month", "city", "channel", "before", "after", "state", "actor", "action", "clause", "model", "reason", "name",
        "query", "days", "what", "verdict", "seen", "version", "assignee", "limit", "text", "purpose", "old", "username", "events", "intent")


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_nothing_that_is_sent_breaks_a_page(staff, project, pattern, monkeypatch) -> None:
    """No 500 on any address, nor where nothing has been said yet; what a citizen or a form said never goes out as a tag."""
    access, grants = pattern.callback.access, [name for name in (*ROLES, *EXTRA_RIGHTS) if name != "审计"]
    client = staff("审计", "导出") if access.grants == ("审计",) else staff(*grants)
    answers = [client.generic(method, address(pattern)) for method in access.methods]
    made.conversation("odd").turn("<script>alert(1)</script>\"><img src=x onerror=alert(2)>", "闲聊", [made.LOST], buttons=["<b>按</b>"])
    project()
    turn = Turn.objects.get()
    monkeypatch.setitem(VALUES, "key", turn.conversation_id), monkeypatch.setitem(VALUES, "event", turn.event)
    for shift in range(0, len(ODD), 3):
        sent = {name: ODD[(number + shift) % len(ODD)] for number, name in enumerate(SENT)}
        answers += [getattr(client, method.lower())(address(pattern), sent) for method in access.methods]
    assert max(answer.status_code for answer in answers) < 500
    pages = "".join(answer.content.decode() for answer in answers if "html" in answer.get("Content-Type", ""))
    assert not re.search("<script>alert|<img src=x|<b>按", pages)


def test_a_form_without_its_token_is_refused(staff) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("login"), {"username": "wang", "password": PASSWORD}).status_code == 403
