"""The conversations of tests/conversations over the simulated platform: the trained model, real actions, real encryption.

What the citizen sees is text; the twins that a case expects are taken on their way, and each must be seen whole.
"""
import re
from collections import Counter

import pytest

from assistant.channels.wechat.timing import Timing
from tests.assistant.channels.wechat.platform import Platform, openid
from tests.assistant.channels.wechat.served import Served, account_for
from tests.conversations.cases import Case, read_cases, read_known_failures
from tests.conversations.play import Conversation, play

OF_EACH_KIND = 3
LONGEST_TYPED = 2000  # characters
PATIENT = Timing(passive=60, turn=60)  # what is tested is not the speed of this machine


class Tapped:
    """The agent, and what it said last."""

    def __init__(self, agent) -> None:
        self.agent, self.messages, self.sender = agent, [], ""

    def __getattr__(self, name: str):
        return getattr(self.agent, name)

    async def handle_message(self, message) -> None:
        await self.agent.handle_message(message)
        self.messages, self.sender = message.output_channel.messages, message.sender_id


class OverWeChat(Conversation):
    """A citizen with a phone."""

    def __init__(self, dialogue, run_async, platform: Platform, tapped: Tapped, user: str) -> None:
        super().__init__(dialogue, run_async)
        self.platform, self.tapped, self.user = platform, tapped, user

    def say(self, text: str) -> "list[dict]":
        return self._answered(self.platform.say(self.user, text))

    def press(self, title: str) -> "list[dict]":
        """Clicks the link, or types the number where the reply was too long for links."""
        try:
            return self._answered(self.platform.click(self.user, title))
        except KeyError:
            number = re.search(rf"【(\d+)】{re.escape(title)}$", self.platform.texts(self.user)[-1], re.MULTILINE)
            if number is None:
                raise
            return self.say(number.group(1))

    def _answered(self, push) -> "list[dict]":
        self.tapped.messages = []
        shown = self.run(push).text
        self.sender = self.tapped.sender
        for message in self.tapped.messages:
            assert message["text"].replace("<", "＜") in shown, f"not shown whole: {message['text']}"
        return self.tapped.messages or [{"text": shown, "custom": {"kind": "clarify"}}]


@pytest.fixture(scope="module")
def tapped(dialogue):
    return Tapped(dialogue.agent)


@pytest.fixture(scope="module")
def slow_platform(tapped, run_async):
    platform = run_async(Platform(slack=60).start())
    served = run_async(Served(tapped, account_for(platform.credentials, platform.api_base), PATIENT).start())
    platform.webhook = served.webhook
    yield platform
    run_async(served.stop())
    run_async(platform.stop())


def _cases() -> "list[tuple[int, Case]]":
    """With their numbers; without those that fail anyway, and those with more than a phone lets anybody type."""
    known = read_known_failures()
    return [(number, case) for number, case in enumerate(read_cases())
            if case.name not in known and all(len(turn.say) <= LONGEST_TYPED for turn in case.turns)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        seen: Counter = Counter()
        chosen = []
        for number, case in _cases():
            seen[case.kind] += 1
            if metafunc.config.getoption("--all-over-wechat") or seen[case.kind] <= OF_EACH_KIND:
                chosen.append(pytest.param(number, case, id=case.name))
        metafunc.parametrize("number, case", chosen)


@pytest.mark.model
def test_conversation_over_wechat(number: int, case: Case, dialogue, tapped, slow_platform, run_async, monkeypatch) -> None:
    monkeypatch.setenv("IDCARD_AS_OF", case.as_of)
    conversation = OverWeChat(dialogue, run_async, slow_platform, tapped, openid(6000000 + number))
    transcript, wrong = play(case, conversation)
    assert not wrong, "\n".join(["", *wrong, "", *transcript])
    assert slow_platform.prompts() == 0
