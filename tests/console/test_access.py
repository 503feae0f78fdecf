"""Who may open what: every address × every role × every method, from the list of addresses; and how one gets in."""
from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django_otp.oath import totp

from console.access import ANYONE, SIGNED_IN
from console.models import Account, AuditEntry
from console.models.people import EXTRA_RIGHTS, ROLES, check_grants
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
    changing = {"judge", "handle", "note", "reveal", "hold", "ask-deletion", "decide", "export", "set-clock", "clean", "reset", "logout",
                "save-view", "drop-view", "check-audit", "audit-csv", "conversations-csv", "shortcuts"}
    assert {pattern.name for pattern in patterns() if pattern.callback.access.methods == ("POST",)} == changing


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.name)
def test_each_role_may_do_what_is_declared_and_nothing_else(staff, pattern) -> None:
    """Every role alone, and with the extra rights; every method."""
    access, everything = pattern.callback.access, (*ROLES, *EXTRA_RIGHTS)
    for method in METHODS:
        if method not in access.methods:
            assert staff(*everything).generic(method, address(pattern)).status_code == 405
            continue
        for grants in [(role, *extra) for role in ROLES for extra in ((), EXTRA_RIGHTS)]:
            answer = staff(*grants).generic(method, address(pattern))
            open_to_all = access.grants in ((ANYONE,), (SIGNED_IN,))
            allowed = open_to_all or set(grants) & set(access.grants) and (not access.also or access.also in grants)
            assert (answer.status_code != 403) == bool(allowed), (method, grants)


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


def test_five_wrong_passwords_lock_the_account(staff) -> None:
    staff("查看")
    client = Client()
    for _ in range(5):
        answer = client.post(reverse("login"), {"username": "wang", "password": "wrong"})
    assert answer.status_code == 429
    assert client.post(reverse("login"), {"username": "wang", "password": PASSWORD}).status_code == 429


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


def test_nobody_takes_the_last_key_from_themselves(staff) -> None:
    client = staff("安全管理")
    answer = client.post(reverse("account", args=[client.account.pk]), {"name": "wang", "grants": ["查看"], "is_active": "on"})
    assert answer.status_code == 400 and Account.objects.get().grants == ["安全管理"]


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


def test_a_form_without_its_token_is_refused(staff) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("login"), {"username": "wang", "password": PASSWORD}).status_code == 403
