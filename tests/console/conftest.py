"""The console on databases of its own. Each test runs in a transaction of both that is taken back."""
from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Iterator

import pytest

EVENTS = """CREATE TABLE events (id bigint PRIMARY KEY, sender_id varchar(255) NOT NULL, type_name varchar(255) NOT NULL, timestamp double
 precision, intent_name varchar(255), action_name varchar(255), data text)"""
HOLDS = "CREATE TABLE holds (first_event bigint PRIMARY KEY, last_event bigint NOT NULL, sender_id varchar(255) NOT NULL)"
PASSWORD = "river-lantern-orchard-42"


def set_up() -> Path:
    """Django on SQLite files in a temporary folder, or on the PostgreSQL databases that CONSOLE_TEST_URLS names ("events console").

    While modules are collected, because models cannot be imported before; the environment is left as it was.
    """
    folder = Path(tempfile.mkdtemp(prefix="idcard-console-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "idcard.db").touch()
    urls = os.environ.get("CONSOLE_TEST_URLS", f"sqlite:///{folder}/idcard.db sqlite:///{folder}/console.db").split()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SETTINGS_MODULE", "console.settings")
        patch.setenv("IDCARD_DATABASE_URL", urls[0])
        patch.setenv("IDCARD_CONSOLE_DATABASE_URL", urls[1])
        patch.delenv("IDCARD_STAGE", raising=False)
        import django
        from django.conf import settings
        from django.test.utils import setup_test_environment

        settings.LOGGING_CONFIG = None  # it would close the handlers of libraries, and with absl's the stream that pytest captures
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
        django.setup()
        setup_test_environment(debug=False)
    return folder


FOLDER = set_up()


@pytest.fixture(scope="session")
def console_tables() -> Path:
    """Console and events, both empty."""
    make_tables()
    return FOLDER


@pytest.fixture(autouse=True)
def own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDCARD_SECRET_KEY", "test-key-of-the-console-0123456789-abcdefghij")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "console.settings")


def make_tables() -> None:
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, interactive=False)
    with connections["rasa"].cursor() as cursor:
        cursor.execute(EVENTS)
        cursor.execute("CREATE INDEX ix_events_sender_id ON events (sender_id)")
        cursor.execute(HOLDS)


@pytest.fixture
def console(console_tables: Path) -> Iterator[Path]:
    """Everything the test writes is taken back."""
    from django.db import transaction

    with transaction.atomic(), transaction.atomic(using="rasa"):
        yield console_tables
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="rasa")


@pytest.fixture
def project(console: Path) -> Callable[[], None]:
    """Projects all events there are."""
    def run() -> None:
        from console import projector
        from idcard.knowledge import load

        while projector.step(load()):
            pass
        projector.recount_dirty_days()
    return run


@pytest.fixture
def staff(console: Path) -> Callable[..., "Client"]:  # noqa: F821
    """A client that is signed in with these grants, second factor and all; `.account` is who it is."""
    def sign_in(*grants: str, name: str = "wang") -> "Client":  # noqa: F821
        from django.test import Client
        from django_otp import DEVICE_ID_SESSION_KEY
        from django_otp.plugins.otp_totp.models import TOTPDevice

        from console.models import Account

        account = Account.objects.filter(username=name).first() or Account(username=name, name=name)
        account.grants, account.must_change_password = list(grants), False
        account.set_password(PASSWORD)
        account.save()
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        device = TOTPDevice.objects.get_or_create(user=account, name="手机", confirmed=True)[0]
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
        Account.objects.filter(pk=account.pk).update(session_key=session.session_key)
        client.account, client.device = account, device
        return client
    return sign_in
