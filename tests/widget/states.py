"""The states of the widget that are looked at: name -> how a citizen gets there from the open panel."""
from __future__ import annotations

from typing import Callable

from tests.widget.citizen import Citizen
from tests.widget.fake_server import Bot
from tests.widget.script import FIRST

State = Callable[[Citizen, Bot], object]


def _decided(citizen: Citizen) -> Citizen:
    return citizen.says(FIRST, "1", "2", "1")


def _complaint(citizen: Citizen, _bot: Bot) -> None:
    citizen.says("工本费").button("没用").click()


def _changing(citizen: Citizen, _bot: Bot) -> None:
    citizen.says(FIRST, "1", "2").button("改这个回答").first.click()


def _asked_to_erase(citizen: Citizen, _bot: Bot) -> None:
    citizen.button("设置").click()
    citizen.button("清除我的记录").click()


def _erased(citizen: Citizen, bot: Bot) -> None:
    _asked_to_erase(citizen, bot)
    citizen.button("确定清除").click()
    citizen.button("开始新的对话").wait_for()


def _offline(citizen: Citizen, _bot: Bot) -> None:
    citizen.context.set_offline(True)
    citizen.types("工本费").find(".banner a").wait_for()


def _thinking(citizen: Citizen, bot: Bot) -> None:
    bot.delay.clear()
    citizen.types("工本费").find(".thinking").wait_for()


STATES: dict[str, State] = {
    "closed": lambda citizen, bot: citizen.button("关闭").click(),
    "begun": lambda citizen, bot: None,
    "asked": lambda citizen, bot: citizen.says(FIRST, "1"),
    "decided": lambda citizen, bot: _decided(citizen),
    "stations": lambda citizen, bot: _decided(citizen).says("光谷"),
    "changing": _changing,
    "complaint": _complaint,
    "warned": lambda citizen, bot: citizen.find("textarea").fill("我的电话是138" + "00000000"),
    "thinking": _thinking,
    "offline": _offline,
    "settings": lambda citizen, bot: citizen.button("设置").click(),
    "asked to erase": _asked_to_erase,
    "erased": _erased,
    "in English": lambda citizen, bot: citizen.prefers(language="en").says(FIRST),
}
