"""What the console takes from the environment: its secret and its two databases. The table of settings is in assistant/settings.py."""
from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any, Union
from urllib.parse import parse_qsl, quote, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
EVENTS_URL, CONSOLE_URL = "sqlite:///var/idcard.db", "sqlite:///var/console.db"
LEAST_CHARACTERS = 32
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class SettingError(Exception):
    """A setting that cannot be used; the message is for the person who set it."""


def read_env_file(path: Path = Path(".env")) -> None:
    """NAME=VALUE lines of `path`, where the environment does not say otherwise."""
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    for name, value in pairs:
        os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def in_service() -> bool:
    """Whether the public's conversations are behind this console: conveniences of development are refused then."""
    return os.environ.get("IDCARD_STAGE") == "service"


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, from IDCARD_SECRET_KEY, or in development from a secret made once in var/."""
    given = os.environ.get("IDCARD_SECRET_KEY", "")
    if given and len(given) < LEAST_CHARACTERS:
        raise SettingError(f"IDCARD_SECRET_KEY is too short: {LEAST_CHARACTERS} characters or more, by chance.")
    if not given and in_service():
        raise SettingError("IDCARD_SECRET_KEY is missing.")
    return hmac.digest(given.encode() or _development_secret(ROOT / "var/console.key"), f"console {purpose}".encode(), "sha256")


def _development_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_bytes()


def database(variable: str, default: str, must_exist: bool = False) -> dict[str, Any]:
    """Django's description of the database at a URL: sqlite:///relative/path, sqlite:////absolute/path or postgresql://….

    `must_exist`: an SQLite file that is not there stays absent instead of being made empty.
    """
    url = os.environ.get(variable) or default
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = ROOT / unquote(parts.path[1:])
        # What is deleted is overwritten too.
        options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON"}
        if must_exist:
            options["uri"] = True
        else:
            _make_private_file(path)
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": f"file:{quote(str(path))}?mode=rw" if must_exist else path, "OPTIONS": options}
    if parts.scheme in ("postgresql", "postgres", "postgresql+psycopg2"):
        return {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path[1:]), "HOST": parts.hostname or "",
                "PORT": parts.port or "", "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""),
                "OPTIONS": dict(parse_qsl(parts.query)), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    raise SettingError(f"{variable} must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, not {parts.scheme}://…")


def _make_private_file(path: Path) -> None:
    """Readable by its owner alone: it holds secrets of authenticators. SQLite gives its companions the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def networks(variable: str) -> tuple[Network, ...]:
    """The addresses or networks that a setting lists with commas."""
    listed = [one.strip() for one in os.environ.get(variable, "").split(",") if one.strip()]
    try:
        return tuple(ipaddress.ip_network(one) for one in listed)
    except ValueError as error:
        raise SettingError(f"{variable}: {error}. Write addresses or networks, such as 127.0.0.1,10.0.0.0/8.") from None


def retention_days() -> int:
    """For how long the assistant keeps what was said, which is as long as there is something to show here."""
    return int(os.environ.get("IDCARD_RETENTION_DAYS") or 180)


def hosts() -> list[str]:
    """Names under which the console may be called: this machine, and what IDCARD_CONSOLE_HOSTS lists with commas."""
    given = os.environ.get("IDCARD_CONSOLE_HOSTS", "")
    return ["127.0.0.1", "localhost", "[::1]", *(name.strip() for name in given.split(",") if name.strip())]
