"""The platform's API: one token for all, renewed once; every error code has its outcome; the menu."""
import asyncio
import json
import logging

import pytest

from assistant.channels.wechat import menu, publish_menu
from assistant.channels.wechat.api import Api, ApiError, Outcome
from assistant.channels.wechat.state import state_at
from idcard.knowledge import load
from tests.assistant.channels.wechat.platform import openid
from tests.assistant.channels.wechat.served import account_for

USER = openid(2000000)


@pytest.fixture
def api(platform, state_url, run_async):
    async def clean() -> Api:
        state = state_at(state_url)
        await state.drop("access token")
        return Api(account_for(platform.credentials, platform.api_base), state, timeout=0.5)
    platform._grant(USER, {"MsgType": "text"})
    api = run_async(clean())
    yield api
    run_async(api.close())


def test_twenty_at_once_need_one_token(api, platform, run_async) -> None:
    platform.quota[USER] = 20, float("inf")

    async def work():
        return await asyncio.gather(*(api.send(USER, f"第{number}条") for number in range(20)))
    assert run_async(work()) == [Outcome.SENT] * 20
    assert platform.calls["stable_token"] == 1


def test_two_processes_with_one_store_need_one_token(platform, redis_url, run_async) -> None:
    async def work():
        apis = [Api(account_for(platform.credentials, platform.api_base), state_at(redis_url), 5) for _ in range(2)]
        await apis[0]._tokens._state.drop("access token")
        outcomes = await asyncio.gather(*(one.send(USER, "两个进程") for one in apis))
        for one in apis:
            await one.close()
        return outcomes
    platform._grant(USER, {"MsgType": "text"})
    assert run_async(work()) == [Outcome.SENT] * 2
    assert platform.calls["stable_token"] == 1


def test_a_revoked_token_is_renewed_and_the_text_sent_once(api, platform, run_async) -> None:
    assert run_async(api.send(USER, "一")) is Outcome.SENT
    platform.tokens.clear()
    assert run_async(api.send(USER, "二")) is Outcome.SENT
    assert platform.texts(USER) == ["一", "二"] and platform.calls["stable_token"] == 2


@pytest.mark.parametrize("code", ["40001", "42001"])
def test_a_token_refused_for_ever_costs_two_calls_for_tokens(code: str, api, platform, run_async) -> None:
    platform.fault = lambda path: code if path == "message/custom/send" else ""
    assert run_async(api.send(USER, "一")) is Outcome.FAILED
    assert platform.calls["stable_token"] <= 2 and platform.calls["message/custom/send"] == 2


def test_a_busy_platform_is_asked_again(api, platform, run_async) -> None:
    faults = ["", "-1", "-1", ""]
    platform.fault = lambda _path: faults.pop(0)
    assert run_async(api.send(USER, "一")) is Outcome.SENT
    assert platform.texts(USER) == ["一"]


@pytest.mark.parametrize("fault, outcome", [
    ("40003", Outcome.GONE), ("43004", Outcome.GONE), ("45015", Outcome.NOT_NOW), ("45047", Outcome.NOT_NOW), ("45002", Outcome.TOO_LONG),
    ("48001", Outcome.FORBIDDEN), ("40200", Outcome.FORBIDDEN), ("45009", Outcome.FAILED), ("-1", Outcome.FAILED), ("502", Outcome.FAILED),
    ("not json", Outcome.FAILED), ("hang", Outcome.UNSURE), ("sent but silent", Outcome.UNSURE), ("reset", Outcome.UNSURE),
])
def test_every_fault_has_its_outcome(fault: str, outcome: Outcome, api, platform, run_async) -> None:
    platform.fault = lambda path: fault if path == "message/custom/send" else ""
    assert run_async(api.send(USER, "一")) is outcome


@pytest.mark.parametrize("fault", ["502", "hang", "reset", "not json", "40125"])
def test_without_a_token_nothing_was_sent(fault: str, api, platform, run_async) -> None:
    platform.fault = lambda path: fault if path == "stable_token" else ""
    assert run_async(api.send(USER, "一")) is Outcome.FAILED
    assert platform.calls["message/custom/send"] == 0


def test_no_log_holds_secret_token_openid_or_text(api, platform, run_async, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    faults = iter(["", "502", "", "hang", "40125"])
    platform.fault = lambda _path: next(faults, "")
    for _ in range(4):
        run_async(api.send(USER, "不能写进日志的话"))
    assert "error code" in caplog.text
    for secret in (platform.credentials.app_secret, "TOKEN0001", USER, "不能写进日志的话"):
        assert secret not in caplog.text


# ---- the menu -------------------------------------------------------------------------------------------

def test_the_menu_is_one_that_the_platform_takes() -> None:
    buttons = menu.definition(load())["button"]
    assert len(buttons) <= 3
    for button in buttons:
        assert len(button["name"].encode()) <= 16 and 1 <= len(button["sub_button"]) <= 5
        for entry in button["sub_button"]:
            assert entry["type"] == "click" and len(entry["name"].encode()) <= 60 and len(entry["key"].encode()) <= 128
            assert menu.said_by(load(), entry["key"]) == entry["key"]
    assert menu.said_by(load(), "/restart") is None


@pytest.fixture
def account_in_environment(monkeypatch, platform, tmp_path):
    given = platform.credentials
    monkeypatch.chdir(tmp_path)  # no .env
    for name, value in {"APPID": given.app_id, "APPSECRET": given.app_secret, "TOKEN": given.token, "AES_KEY": given.aes_key,
                        "ORIGINAL_ID": given.original_id, "API_BASE": platform.api_base}.items():
        monkeypatch.setenv(f"IDCARD_WECHAT_{name}", value)


def test_the_menu_is_published(platform, run_async, account_in_environment, capsys) -> None:
    assert run_async(asyncio.to_thread(publish_menu.main)) == 0
    assert platform.menus == [json.loads(json.dumps(menu.definition(load())))]


def test_a_menu_that_is_not_taken_is_explained(platform, run_async, account_in_environment, capsys) -> None:
    platform.fault = lambda path: "40164" if path == "stable_token" else ""
    assert run_async(asyncio.to_thread(publish_menu.main)) == 1
    shown = capsys.readouterr().err
    assert "40164" in shown and "connect-wechat.md" in shown and "Traceback" not in shown


def test_without_an_account_there_is_no_menu(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IDCARD_WECHAT_APPID", raising=False)
    assert publish_menu.main() == 1
    assert "connect-wechat.md" in capsys.readouterr().err


def test_an_api_error_tells_its_code_and_no_content(api, platform, run_async) -> None:
    platform.fault = lambda path: "40018" if path == "menu/create" else ""
    with pytest.raises(ApiError, match="^menu/create: error code 40018$"):
        run_async(api.create_menu({"button": []}))
