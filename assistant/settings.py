"""Every setting that comes from the environment: one table, the same as in `.env.example` (a test compares them)."""
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple


class Setting(NamedTuple):
    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("IDCARD_AS_OF", "", "date the answers are given for, as YYYY-MM-DD; empty: today"),
    Setting("IDCARD_REDIS_URL", "", "redis://HOST:PORT/0 where several server processes share the conversations; empty: one process"),
    Setting("IDCARD_REMOTE_ACTIONS", "", "1: call the action server of endpoints.yml instead of running the actions here"),
    Setting("IDCARD_STAGE", "development", "service: for the public; then weak or missing secrets stop the start"),
    Setting("IDCARD_SECRET_KEY", "", "signs sessions and hides senders, 32 characters or more; empty in development: made once, in var/"),
    Setting("IDCARD_WECHAT_AES_KEY", "", "WeChat: the EncodingAESKey"),
    Setting("IDCARD_WECHAT_API_BASE", "", "WeChat: where its API is; empty: the official address"),
    Setting("IDCARD_WECHAT_APPID", "", "WeChat: the AppID; empty: the channel is off"),
    Setting("IDCARD_WECHAT_APPSECRET", "", "WeChat: the AppSecret"),
    Setting("IDCARD_WECHAT_MODE", "safe", "WeChat: safe; plain for a test account, in development only"),
    Setting("IDCARD_WECHAT_ORIGINAL_ID", "", "WeChat: the original id, gh_…"),
    Setting("IDCARD_WECHAT_TOKEN", "", "WeChat: the Token"),
)
STAGES = ("development", "service")
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
    if stage() not in STAGES:
        raise SettingError(f"IDCARD_STAGE is {stage()!r}: write one of {', '.join(STAGES)}.")


def remote_actions() -> bool:
    return os.environ.get("IDCARD_REMOTE_ACTIONS", "") == "1"


def stage() -> str:
    return os.environ.get("IDCARD_STAGE") or STAGES[0]


def in_service() -> bool:
    """Whether the public uses this process: what is convenient in development is refused then."""
    return stage() == "service"
