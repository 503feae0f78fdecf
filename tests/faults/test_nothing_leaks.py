"""What citizens send although nobody asked, over every channel: nothing of it is in a database, a log, the metrics or the console."""
from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

from tests import planted
from tests.assistant.channels.wechat.platform import Platform, openid
from tests.faults.serving import ROOT, Server

pytestmark = pytest.mark.model

CARD, OLD_CARD, BANK, WECHAT = planted.card_number("027"), planted.old_card_number(), planted.bank_card(), openid(77)
PHONES = [planted.mobile_number(serial) for serial in range(11, 15)]
# In order: without a city, so that the words are kept until it is known; the city; numbers of all kinds; a rating and its reason.
SAID = (f"补证要带什么，我电话{PHONES[0]}",
        "济宁",
        f"我叫{planted.NAME}，身份证{CARD}，旧身份证号{OLD_CARD}，手机{planted.full_width(PHONES[1])}",
        f"银行卡{BANK}，微信{WECHAT}",
        f"我住在{planted.ADDRESS}，补领多少钱",
        "差评",
        f"电话{PHONES[2]}没人接，我叫{planted.NAME}")
REASON = f"窗口不给办，我叫{planted.NAME}，电话{PHONES[3]}"
PLANTED = (CARD, OLD_CARD, BANK, WECHAT, *PHONES, planted.full_width(PHONES[1]), planted.NAME, planted.ADDRESS)
PROJECT = """
from console.__main__ import set_up
set_up()
from console import projector, serve
from idcard.knowledge import load
serve.prepare()
while projector.step(load()):
    pass
projector.recount_dirty_days()
"""


def found_in(text: str) -> list:
    """What was planted and stands in `text`, also as JSON writes Chinese where it may."""
    return [one for one in PLANTED if one in text or json.dumps(one)[1:-1] in text]


def dump(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture(scope="module")
def told(model_path, tmp_path_factory, run_async) -> Iterator[Server]:
    """A server that logs all it can, after the same conversation over the website, Rasa's rest channel and WeChat."""
    platform = run_async(Platform(slack=30).start())
    given = platform.credentials
    server = Server(model_path, tmp_path_factory.mktemp("planted"), LOG_LEVEL="DEBUG", LOG_LEVEL_LIBRARIES="DEBUG",
                    IDCARD_WECHAT_APPID=given.app_id, IDCARD_WECHAT_APPSECRET=given.app_secret, IDCARD_WECHAT_TOKEN=given.token,
                    IDCARD_WECHAT_AES_KEY=given.aes_key, IDCARD_WECHAT_ORIGINAL_ID=given.original_id,
                    IDCARD_WECHAT_API_BASE=platform.api_base)
    server.start()
    platform.webhook = f"http://127.0.0.1:{server.port}/webhooks/wechat/webhook"
    chat = server.chat()
    server.seen = {"web": [message for text in SAID for message in chat.say(text)],
                   "rest": [message for text in SAID for message in server.say("rest", text)]}
    rated = chat.history()[-1]["seq"]
    assert chat.call("POST", "/feedback", {"seq": rated, "rating": "差评", "reason": REASON}).status == 200
    chat.call("POST", "/message", f'{{"text": "{REASON}", "client_msg_id": "broken'.encode())
    for text in (*SAID, REASON):
        assert not run_async(platform.say(WECHAT, text)).has_failed
    server.seen["wechat"] = [{"text": text} for text in platform.texts(WECHAT)]
    yield server
    server.kill()
    run_async(platform.stop())


def test_the_dialogue_went_on_as_if_all_had_been_read(told: Server) -> None:
    for channel, messages in told.seen.items():
        texts = "\n".join(message.get("text", "") for message in messages)
        assert "40元" in texts and "记下来了" in texts, channel


def test_whoever_sends_numbers_is_told_once_that_none_is_needed(told: Server) -> None:
    for channel, messages in told.seen.items():
        texts = "\n".join(message.get("text", "") for message in messages)
        assert texts.count("不用发给我") == 1, channel


def test_the_database_holds_none_of_it(told: Server) -> None:
    stored = dump(told.database)
    assert "rating_reason" in stored and "open_question" in stored and "没人接" in stored and "窗口不给办" in stored
    assert found_in(stored) == []
    raw = b"".join(file.read_bytes() for file in told.database.parent.glob("idcard.db*"))
    assert [one for one in PLANTED if one.encode() in raw] == []


def test_no_line_of_the_log_holds_any_of_it(told: Server) -> None:
    log = told.log.read_text(encoding="utf-8")
    assert " DEBUG " in log and "processor" in log and len(log) > 100_000
    assert found_in(log) == []


def test_the_console_gets_none_of_it(told: Server, tmp_path) -> None:
    environment = {**told.environment, "DJANGO_SETTINGS_MODULE": "console.settings", "IDCARD_CONSOLE_DATABASE_URL": f"sqlite:///{tmp_path}/console.db"}
    done = subprocess.run([sys.executable, "-c", PROJECT], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    projected = dump(tmp_path / "console.db")
    assert len(re.findall("没人接", projected)) >= 3
    assert found_in(projected + done.stdout + done.stderr) == []


def test_the_terminal_logs_none_of_it(model_path) -> None:
    done = subprocess.run([sys.executable, "-m", "assistant.chat", "--model", str(model_path)], cwd=ROOT, input="\n".join(SAID), text=True,
                          capture_output=True, env={**os.environ, "LOG_LEVEL": "DEBUG"})
    assert done.returncode == 0 and "40元" in done.stdout and "DEBUG" in done.stderr
    assert found_in(done.stderr) == []
