"""Many citizens writing at once, and what each of them should then see: every answer, once, in order, and never the prompt."""
from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from typing import Callable, Sequence

from assistant.channels.wechat import wording
from tests.assistant.channels.wechat.platform import Platform, Push

MENU_ID = re.compile(r"&msgmenuid=[0-9]+")


@dataclass
class Outcome:
    """What went wrong, as openids, and how long passive replies took, in seconds of the platform's clock."""

    prompts: int = 0
    wrong: "list[str]" = field(default_factory=list)  # citizens who see something else than their answers, each once and in order
    announced: int = 0  # times that the channel said it sends something again
    passive: "list[float]" = field(default_factory=list)
    sent: int = 0  # messages by the API
    repeated: int = 0  # pushes that took more than one attempt

    def __str__(self) -> str:
        p50, p95 = statistics.median(self.passive), statistics.quantiles(self.passive, n=20)[-1]
        return (f"{len(self.passive)} passive replies (p50 {p50:.2f} s, p95 {p95:.2f} s, max {max(self.passive):.2f} s), {self.sent} sent, "
                f"{self.repeated} pushed more than once; {self.prompts} prompts, {len(self.wrong)} citizens with answers lost, "
                f"doubled or out of order, {self.announced} answers given again with a word of excuse")


@dataclass
class Load:
    """`texts` of each citizen and their answers; a share of pushes doubled, a share of calls of the API refused."""

    texts: "dict[str, Sequence[str]]"
    answers: "Callable[[str], Sequence[str]]"  # openid -> the answers, in order
    per_second: float
    doubled: float = 0.05
    refused: float = 0.05
    seed: int = 7

    async def run(self, platform: Platform, seconds_after: float, midway: "Callable | None" = None, closing: str = "") -> Outcome:
        """`midway` is called when half of the messages were written; then up to `seconds_after` for what is still to be sent.

        `closing` is written by whoever still misses something: what a killed process may have sent comes with the next message.
        """
        chance, pushes = random.Random(self.seed), []
        platform.fault = lambda path: chance.choice(["502", "-1", "revoked", "45009"]) if path != "stable_token" and chance.random() < self.refused else ""
        total, began = sum(map(len, self.texts.values())), time.monotonic()

        async def citizen(user: str, first: float) -> None:
            for number, text in enumerate(self.texts[user]):
                await asyncio.sleep(max(0.0, first + number * len(self.texts) / self.per_second - (time.monotonic() - began)))
                pushes.append(await platform.say(user, text, overlap=chance.random() < self.doubled))

        async def interrupt() -> None:
            await asyncio.sleep(total / self.per_second / 2)
            await midway()

        work = [citizen(user, index / self.per_second) for index, user in enumerate(self.texts)]
        await asyncio.gather(*work, *([interrupt()] if midway else []))
        await self._wait(platform, seconds_after)
        for user in self._wrong(platform) if closing else ():
            await platform.say(user, closing)
        await self._wait(platform, seconds_after)
        return self._outcome(platform, pushes)

    async def _wait(self, platform: Platform, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._wrong(platform) and time.monotonic() < end:
            await asyncio.sleep(0.1)

    def _wrong(self, platform: Platform) -> "list[str]":
        return [user for user in self.texts if self._is_wrong(seen(platform, user), self.answers(user))]

    @staticmethod
    def _is_wrong(text: str, answers: Sequence[str]) -> bool:
        """Whether an answer is lost, or unannounced doubled or out of order."""
        announced, places = text.count(wording.SENT_AGAIN), [text.find(answer) for answer in answers]
        return (-1 in places or any(text.count(answer) > 1 + announced for answer in answers)
                or places != sorted(places) and not announced)

    def _outcome(self, platform: Platform, pushes: "list[Push]") -> Outcome:
        return Outcome(platform.prompts(), self._wrong(platform),
                       sum(seen(platform, user).count(wording.SENT_AGAIN) for user in self.texts), [push.seconds / platform.scale for push in pushes if push.text],
                       sum(shown.way == "api" for user in self.texts for shown in platform.screen[user]),
                       sum(push.attempts > 1 for push in pushes))


def seen(platform: Platform, user: str) -> str:
    """All that a citizen sees, however it was cut into messages."""
    return MENU_ID.sub("", "\n\n".join(platform.texts(user)))


def brain_texts(users: Sequence[str], each: int) -> "dict[str, Sequence[str]]":
    """Messages for the brain of served.py, no two alike; one in ten takes longer than the platform waits."""
    return {user: [f"{'等5号' if (index + number) % 10 == 0 else ''}{index}之{number}" for number in range(each)]
            for index, user in enumerate(users)}
