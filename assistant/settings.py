"""Every setting that comes from the environment: one table, the same as in `.env.example` (a test compares them)."""
import ipaddress
import os
import re
from datetime import date
from pathlib import Path
from typing import FrozenSet, List, NamedTuple, Optional, Tuple, Union


class Setting(NamedTuple):
    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("IDCARD_ALLOWED_ORIGINS", "", "sites that may embed the chat, each as scheme://host, by commas; its own always may"),
    Setting("IDCARD_AS_OF", "", "date the answers are given for, as YYYY-MM-DD; empty: today"),
    Setting("IDCARD_DATABASE_URL", "sqlite:///var/idcard.db", "where conversations are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"),
    Setting("IDCARD_REDIS_URL", "", "redis://HOST:PORT/0 where several server processes share the conversations; empty: one process"),
    Setting("IDCARD_RETENTION_DAYS", "180", "days after which what was said is deleted"),
    Setting("IDCARD_CONSOLE_DATABASE_URL", "sqlite:///var/console.db",
            "where the staff console keeps its own tables: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"),
    Setting("IDCARD_CONSOLE_HOSTS", "", "names under which the staff console may be called besides this machine's own, by commas"),
    Setting("IDCARD_LOG_FORMAT", "plain", "of the server's log: plain, or json for one JSON object a line; how much it holds is said by LOG_LEVEL"),
    Setting("IDCARD_OPERATIONS", "", "HOST:PORT for metrics, health and readiness, such as 127.0.0.1:9105; not for the public; empty: nowhere"),
    Setting("IDCARD_CONSOLE_NETWORKS", "", "addresses or networks that may call the staff console, by commas; empty: all"),
    Setting("IDCARD_REMOTE_ACTIONS", "", "1: call the action server of endpoints.yml instead of running the actions here"),
    Setting("IDCARD_STAGE", "development", "service: for the public; then weak or missing secrets stop the start"),
    Setting("IDCARD_SECRET_KEY", "", "signs sessions and hides senders, 32 characters or more; empty in development: made once, in var/"),
    Setting("IDCARD_TRUSTED_PROXIES", "", "addresses or networks of the proxies whose X-Forwarded-For is believed, by commas"),
    Setting("IDCARD_WECHAT_AES_KEY", "", "WeChat: the EncodingAESKey"),
    Setting("IDCARD_WECHAT_API_BASE", "", "WeChat: where its API is; empty: the official address"),
    Setting("IDCARD_WECHAT_APPID", "", "WeChat: the AppID; empty: the channel is off"),
    Setting("IDCARD_WECHAT_APPSECRET", "", "WeChat: the AppSecret"),
    Setting("IDCARD_WECHAT_MODE", "safe", "WeChat: safe; plain for a test account, in development only"),
    Setting("IDCARD_WECHAT_ORIGINAL_ID", "", "WeChat: the original id, gh_…"),
    Setting("IDCARD_WECHAT_TOKEN", "", "WeChat: the Token"),
)
STAGES = ("development", "service")
LOG_FORMATS = ("plain", "json")
ENV_FILE = Path(".env")


class SettingError(Exception):
    """A setting that cannot be used; the message is for the person who set it."""


def read_env_file(path: Path = ENV_FILE) -> None:
    """Take NAME=VALUE lines into the environment; what is set there already wins, so one call can override the file."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def check() -> None:
    """Raise SettingError for a value that would otherwise fail later, in front of a citizen."""
    as_of = os.environ.get("IDCARD_AS_OF", "")
    try:
        as_of and date.fromisoformat(as_of)
    except ValueError:
        raise SettingError(f"IDCARD_AS_OF is {as_of!r}: write a date as YYYY-MM-DD, such as 2016-12-01.") from None
    retention_days()
    if stage() not in STAGES:
        raise SettingError(f"IDCARD_STAGE is {stage()!r}: write one of {', '.join(STAGES)}.")
    if log_format() not in LOG_FORMATS:
        raise SettingError(f"IDCARD_LOG_FORMAT is {log_format()!r}: write one of {', '.join(LOG_FORMATS)}.")
    operations()
    allowed_origins()
    trusted_proxies()


def database_url() -> str:
    return os.environ.get("IDCARD_DATABASE_URL") or "sqlite:///var/idcard.db"


def redis_url() -> str:
    """Empty where one process serves alone."""
    return os.environ.get("IDCARD_REDIS_URL", "")


def retention_days() -> int:
    """Raises SettingError for what is no number of days."""
    given = os.environ.get("IDCARD_RETENTION_DAYS") or "180"
    if not given.isdecimal() or int(given) < 1:
        raise SettingError(f"IDCARD_RETENTION_DAYS is {given!r}: write a number of days, 1 or more.")
    return int(given)


def log_format() -> str:
    return os.environ.get("IDCARD_LOG_FORMAT") or LOG_FORMATS[0]


def operations() -> Optional[Tuple[str, int]]:
    """Host and port of what operators and their programs ask; None for nowhere. Raises SettingError."""
    given = os.environ.get("IDCARD_OPERATIONS", "")
    found = re.fullmatch(r"(?P<host>[a-zA-Z0-9.-]+):(?P<port>[0-9]{1,5})", given)
    if given and not (found and int(found["port"]) < 65536):
        raise SettingError(f"IDCARD_OPERATIONS is {given!r}: write an address of this machine and a port, such as 127.0.0.1:9105.")
    return (found["host"], int(found["port"])) if found else None


def remote_actions() -> bool:
    return os.environ.get("IDCARD_REMOTE_ACTIONS", "") == "1"


def stage() -> str:
    return os.environ.get("IDCARD_STAGE") or STAGES[0]


def in_service() -> bool:
    """Whether the public uses this process: what is convenient in development is refused then."""
    return stage() == "service"


def allowed_origins() -> FrozenSet[str]:
    """The origins of other sites that may call, as browsers write them. Raises SettingError."""
    origins = _listed("IDCARD_ALLOWED_ORIGINS")
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", origin):
            raise SettingError(f"IDCARD_ALLOWED_ORIGINS has {origin!r}: write scheme, host and port only, in lower case, such as "
                               "https://www.example.gov.cn; there is no * for all.")
    return frozenset(origins)


def trusted_proxies() -> Tuple[Union[ipaddress.IPv4Network, ipaddress.IPv6Network], ...]:
    """The networks of the own proxies. Raises SettingError."""
    try:
        return tuple(ipaddress.ip_network(one) for one in _listed("IDCARD_TRUSTED_PROXIES"))
    except ValueError as error:
        raise SettingError(f"IDCARD_TRUSTED_PROXIES: {error}. Write addresses or networks, such as 127.0.0.1,10.0.0.0/8.") from None


def _listed(name: str) -> List[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]
