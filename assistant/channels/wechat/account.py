"""The official account's settings, from the environment."""
import os
import re
from dataclasses import dataclass, field
from typing import Optional

from assistant import settings

OFFICIAL_API = "https://api.weixin.qq.com"
SAFE, PLAIN = "safe", "plain"
# setting -> what it must look like, and in words
REQUIRED = {
    "IDCARD_WECHAT_APPID": (r"wx[0-9a-zA-Z]{6,30}", "the AppID, wx and 16 letters and digits"),
    "IDCARD_WECHAT_APPSECRET": (r"\S{16,128}", "the AppSecret, 32 letters and digits"),
    "IDCARD_WECHAT_TOKEN": (r"[0-9a-zA-Z]{3,32}", "the Token, 3 to 32 letters and digits"),
    "IDCARD_WECHAT_AES_KEY": (r"[0-9a-zA-Z]{43}", "the EncodingAESKey, 43 letters and digits"),
    "IDCARD_WECHAT_ORIGINAL_ID": (r"gh_\w{4,32}", "the original id, gh_ and 12 letters and digits"),
}


@dataclass(frozen=True)
class Account:
    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    original_id: str
    mode: str = SAFE
    api_base: str = OFFICIAL_API

    @classmethod
    def from_environment(cls) -> "Optional[Account]":
        """None where no account is given. Raises SettingError for one that is incomplete or cannot be right."""
        given = {name: os.environ.get(name, "") for name in REQUIRED}
        if not any(given.values()):
            return None
        for name, (form, words) in REQUIRED.items():
            if not re.fullmatch(form, given[name], re.ASCII):
                raise settings.SettingError(
                    f"{name} is {'not what it should be' if given[name] else 'missing'}: {words}. See docs/tasks/connect-wechat.md.")
        mode = os.environ.get("IDCARD_WECHAT_MODE") or SAFE
        if mode not in (SAFE, PLAIN) or (mode == PLAIN and settings.in_service()):
            raise settings.SettingError(
                f"IDCARD_WECHAT_MODE is {mode!r}: write {SAFE}; {PLAIN} is for test accounts, and never in service.")
        return cls(*given.values(), mode, (os.environ.get("IDCARD_WECHAT_API_BASE") or OFFICIAL_API).rstrip("/"))
