"""Criterion 1: what is not the platform's is refused before any work, without a word why."""
import base64
import time
from xml.etree import ElementTree

import pytest

from assistant import settings
from assistant.channels.wechat import WeChatInput
from assistant.channels.wechat.account import Account
from tests.assistant.channels.wechat.platform import Credentials, Platform, openid
from tests.assistant.channels.wechat.served import Brain, Served, account_for


USER = openid(1000000)
FIELDS = {"MsgType": "text", "Content": "多少钱"}


def _now(seconds: int = 0) -> str:
    return str(int(time.time()) + seconds)


class Pushed:
    """One push, to be spoilt before it is sent."""

    def __init__(self, platform: Platform, credentials: Credentials = Credentials(), timestamp: str = "", body: str = "") -> None:
        maker = Platform(credentials=credentials)
        self.query, self.body = maker.sealed(body or maker.message(USER, FIELDS), "42", timestamp or _now())
        self.platform = platform

    async def send(self):
        async with self.platform.http.post(self.platform.webhook, params=self.query, data=self.body) as response:
            return response.status, await response.read()


def _without(name):
    return lambda push: push.query.pop(name)


def _with(name, value):
    return lambda push: push.query.__setitem__(name, value)


def _twice(name):
    def spoil(push):
        push.query = [*push.query.items(), (name, push.query[name])]
    return spoil


def _body(change):
    def spoil(push):
        push.body = change(push.body)
    return spoil


def _flip(body: str) -> str:
    encrypted = ElementTree.fromstring(body).findtext("Encrypt")
    changed = bytearray(base64.b64decode(encrypted))
    changed[40] ^= 1
    return body.replace(encrypted, base64.b64encode(changed).decode())


PLAIN_BODY = Platform().message(USER, FIELDS)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;&b;&b;</Encrypt></xml>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><ToUserName>gh_0123456789ab</ToUserName><Encrypt>&a;</Encrypt></xml>'
SPOILT = {
    **{f"without {name}": _without(name) for name in ("timestamp", "nonce", "encrypt_type", "msg_signature")},
    **{f"{name} twice": _twice(name) for name in ("timestamp", "nonce", "encrypt_type", "msg_signature")},
    "an empty signature": _with("msg_signature", ""),
    "another signature": _with("msg_signature", "0" * 40),
    "a signature in capitals": lambda push: push.query.__setitem__("msg_signature", push.query["msg_signature"].upper()),
    "the signature of the address": lambda push: push.query.__setitem__("msg_signature", push.query["signature"]),
    "another time than signed": _with("timestamp", _now(1)),
    "encryption of another kind": _with("encrypt_type", "raw"),
    "a changed byte": _body(_flip),
    "an unencrypted message": _body(lambda _: PLAIN_BODY),
    "an unencrypted message with a legal address": lambda push: (push.query.pop("msg_signature"), push.query.pop("encrypt_type"),
                                                                   setattr(push, "body", PLAIN_BODY)),
    "entities that grow": _body(lambda _: BOMB),
    "a file as an entity": _body(lambda _: FILE),
    "no XML": _body(lambda _: "{}"),
    "an empty body": _body(lambda _: ""),
    "a body of a megabyte": _body(lambda body: body.replace("</xml>", f"<x>{'x' * 2 ** 20}</x></xml>")),
}


def _is_refused(platform, brain, run_async, push: Pushed) -> None:
    assert run_async(push.send()) == (403, b"")
    assert brain.turns == []
    assert run_async(platform.say(USER, "还在吗")).text == "答：还在吗"


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_push_is_refused(spoil, served, platform, brain, run_async) -> None:
    push = Pushed(platform)
    spoil(push)
    _is_refused(platform, brain, run_async, push)


@pytest.mark.parametrize("seconds", [-301, 302])
def test_a_push_of_another_time_is_refused(seconds: int, served, platform, brain, run_async) -> None:
    _is_refused(platform, brain, run_async, Pushed(platform, timestamp=_now(seconds)))


@pytest.mark.parametrize("credentials", [Credentials(app_id="wx" + "f" * 16), Credentials(token="anotherT0ken"), Credentials(aes_key="B" * 43),
                                         Credentials(original_id="gh_ffffffffffff")], ids=["app id", "token", "key", "account"])
def test_a_push_of_another_account_is_refused(credentials, served, platform, brain, run_async) -> None:
    _is_refused(platform, brain, run_async, Pushed(platform, credentials))


def test_another_account_inside_is_refused(served, platform, brain, run_async) -> None:
    inside = Platform(credentials=Credentials(original_id="gh_ffffffffffff")).message(USER, FIELDS)
    _is_refused(platform, brain, run_async, Pushed(platform, body=inside))


def test_a_log_of_a_refusal_tells_no_more_than_its_kind(served, platform, run_async, caplog) -> None:
    push = Pushed(platform)
    _with("msg_signature", "0" * 40)(push)
    run_async(push.send())
    assert "wrong signature" in caplog.text and USER not in caplog.text and "多少钱" not in caplog.text


# ---- the address check ------------------------------------------------------------------------------------

async def _get(platform, **query):
    async with platform.http.get(platform.webhook, params=query) as response:
        return response.status, response.content_type, await response.text()


def test_the_address_check_is_echoed_as_it_is(served, platform, run_async) -> None:
    query = {"timestamp": _now(), "nonce": "7", "echostr": "4375120948345356249"}
    query["signature"] = platform.sign(query["timestamp"], query["nonce"])
    assert run_async(_get(platform, **query)) == (200, "text/plain", "4375120948345356249")


@pytest.mark.parametrize("change", [{"signature": "0" * 40}, {"timestamp": _now(-400)}, {"nonce": ""}, {"echostr": ""}])
def test_a_wrong_address_check_is_refused(change: dict, served, platform, run_async) -> None:
    query = {"timestamp": _now(), "nonce": "7", "echostr": "1", **{name: value for name, value in change.items() if name != "signature"}}
    query["signature"] = change.get("signature", platform.sign(query["timestamp"], query["nonce"]))
    assert run_async(_get(platform, **query))[::2] == (403, "")


# ---- the account ------------------------------------------------------------------------------------------

@pytest.fixture
def environment(monkeypatch):
    given = Credentials()
    for name, value in {"APPID": given.app_id, "APPSECRET": given.app_secret, "TOKEN": given.token, "AES_KEY": given.aes_key,
                        "ORIGINAL_ID": given.original_id}.items():
        monkeypatch.setenv(f"IDCARD_WECHAT_{name}", value)
    return monkeypatch


def test_a_complete_account_is_taken_in_safe_mode(environment) -> None:
    assert Account.from_environment() == account_for(Credentials(), "https://api.weixin.qq.com")


@pytest.mark.parametrize("name, value", [("APPID", "1234"), ("APPSECRET", ""), ("TOKEN", "no/token"), ("AES_KEY", "A" * 42), ("AES_KEY", ""),
                                         ("ORIGINAL_ID", "my-account"), ("MODE", "compatible")])
def test_an_account_that_cannot_work_stops_the_start(name: str, value: str, environment) -> None:
    environment.setenv(f"IDCARD_WECHAT_{name}", value)
    with pytest.raises(settings.SettingError, match=f"IDCARD_WECHAT_{name}") as caught:
        Account.from_environment()
    assert value == "" or name == "MODE" or value not in str(caught.value)


def test_plain_mode_is_refused_in_service(environment) -> None:
    environment.setenv("IDCARD_WECHAT_MODE", "plain")
    assert Account.from_environment().mode == "plain"
    environment.setenv("IDCARD_STAGE", "service")
    with pytest.raises(settings.SettingError, match="plain"):
        Account.from_environment()


def test_an_account_shows_no_secret() -> None:
    shown = repr(account_for(Credentials(), "http://127.0.0.1"))
    assert not any(secret in shown for secret in (Credentials().app_secret, Credentials().token, Credentials().aes_key))


def test_without_an_account_the_address_is_not_there(environment, platform, run_async) -> None:
    for name in ("APPID", "APPSECRET", "TOKEN", "AES_KEY", "ORIGINAL_ID"):
        environment.delenv(f"IDCARD_WECHAT_{name}")
    served = Served(Brain(), None)
    served.channel = WeChatInput.from_credentials(None)
    served = run_async(served.start())
    platform.webhook = served.webhook
    assert run_async(_get(platform)) == (404, "text/plain", "not configured")
    assert run_async(Pushed(platform).send()) == (404, b"not configured")
    assert served.channel.get_output_channel() is None
    run_async(served.stop())


def test_a_test_account_in_plain_mode_is_answered_in_plain(platform, run_async) -> None:
    platform.plain = True
    served = run_async(Served(Brain(), account_for(platform.credentials, platform.api_base, "plain")).start())
    platform.webhook = served.webhook
    assert run_async(platform.say(USER, "多少钱")).text == "答：多少钱"
    push = Pushed(platform)
    push.query, push.body = {**push.query, "signature": "0" * 40}, PLAIN_BODY
    assert run_async(push.send()) == (403, b"")
    run_async(served.stop())
