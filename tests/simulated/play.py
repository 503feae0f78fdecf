"""Lets simulated citizens talk to the loaded assistant and judges what comes of it."""
from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from statistics import median
from typing import Awaitable, Callable, Iterable

from assistant.dialogue import Dialogue
from idcard.knowledge import Knowledge
from tests.conversations.reply_checks import always
from tests.simulated.citizens import REUSE, Citizen, expected, wordings

MOST_TURNS = 30
STRAYING = 0.15  # how likely a question is met with another question
DEEPER = 0.3  # how likely a second one follows it


@dataclass
class Outcome:
    """What became of one dialogue. `faults` are sentences; `questions` the facts that were asked, in order."""

    transcript: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    dead_end: bool = False
    decided: bool = False
    right: bool = False

    @property
    def repeated(self) -> list[str]:
        """Facts that were asked again although they had been answered."""
        return [fact for index, fact in enumerate(self.questions) if fact in self.questions[:index]]


class Talk:
    """One citizen at the counter."""

    def __init__(self, dialogue: Dialogue, knowledge: Knowledge, citizen: Citizen) -> None:
        self.dialogue, self.knowledge, self.citizen = dialogue, knowledge, citizen
        self.sender, self.outcome = uuid.uuid4().hex, Outcome()
        self.messages: list[dict] = []
        self.mistaken: set[str] = set()  # facts said wrongly and not yet corrected

    async def run(self) -> Outcome:
        """The whole dialogue: the matter itself, then perhaps that of a relative."""
        text, told = self.citizen.opening()
        self.mistaken = set(self.citizen.wrong) & told
        await self._say(text)
        await self._to_the_end()
        if self.outcome.right and self.citizen.relative:
            await self._for_a_relative()
        return self.outcome

    async def _to_the_end(self) -> None:
        """Answer what is asked, stray, correct; until a decision on the truth is there."""
        for _ in range(MOST_TURNS):
            if self.mistaken and (self._decided() or self.citizen.strays(0.5)):
                name = self.mistaken.pop()
                del self.citizen.wrong[name]
                await self._say(self.citizen.correction(name))
                continue
            if self._decided():
                break
            fact = self._asked()
            if fact is None:
                self.outcome.dead_end = True
                return
            if await self._strayed(fact):
                continue
            self.outcome.questions.append(fact)
            await self._answer(fact)
        self._judge()

    async def _answer(self, fact: str) -> None:
        if fact in self.citizen.wrong:
            self.mistaken.add(fact)
        said, pressed = self.citizen.answer(fact, self._buttons())
        await (self._press(said) if pressed else self._say(said))

    async def _strayed(self, fact: str) -> bool:
        """Ask something else, perhaps twice; the same question has to come back each time."""
        likely = STRAYING
        while self.citizen.strays(likely):
            other = self.citizen.digression()
            await self._say(other["say"])
            twins = [message.get("custom") or {} for message in self.messages]
            if other.get("topic") and fact != "所在城市" and other["topic"] not in {twin.get("topic") for twin in twins}:
                self.outcome.faults.append(f"{other['say']}: not answered")
            if self._asked() != fact:
                self.outcome.faults.append(f"{other['say']}: {fact} does not come back")
                return True
            likely = DEEPER
        return False

    async def _for_a_relative(self) -> None:
        """The same matter for another person, whose case is the same: the assistant must ask before it supposes so."""
        await self._say(self.citizen.chance.choice(wordings()["also"]).format(who=self.citizen.relative))
        if self._asked() != REUSE:
            self.outcome.faults.append(f"{self.citizen.relative}: does not ask whether the facts hold")
            return
        await self._say(self.citizen.chance.choice(wordings()["reuse"][True]["answers"]))
        if not self._decided():
            self.outcome.faults.append(f"{self.citizen.relative}: not decided although all is said")
        self._judge()

    def _judge(self) -> None:
        decision = self._decided()
        self.outcome.decided = bool(decision)
        wanted = expected(self.knowledge, self.citizen.case)
        self.outcome.right = decision == wanted
        if decision and decision != wanted:
            self.outcome.faults.append(f"{decision} instead of {wanted}")

    def _decided(self) -> str:
        """The outcome of the last decision, where no question is open."""
        twins = [message.get("custom") or {} for message in self.messages]
        outcomes = [twin.get("outcome", "") for twin in twins if twin.get("kind") == "decision"]
        return outcomes[-1] if outcomes and not self._asked() else ""

    def _asked(self) -> str | None:
        return next((message["custom"]["asks"] for message in reversed(self.messages)
                     if (message.get("custom") or {}).get("asks")), None)

    def _buttons(self) -> dict[str, str]:
        return {button["title"]: button["payload"] for message in self.messages for button in message.get("buttons", ())}

    async def _say(self, text: str) -> None:
        await self._turn(text, self.dialogue.send(text, self.sender))

    async def _press(self, title: str) -> None:
        await self._turn(f"[{title}]", self.dialogue.press(self._buttons()[title], self.sender))

    async def _turn(self, shown: str, sending: Awaitable[list[dict]]) -> None:
        self.messages = await sending
        self.outcome.transcript.append(f"群众：{shown}")
        self.outcome.transcript += [f"  助手：{message.get('text', '')}" for message in self.messages]
        self.outcome.faults += always(self.knowledge, self.messages, {})


@dataclass(frozen=True)
class Figures:
    """What many dialogues come to."""

    dialogues: int
    right: int
    repeated: int
    dead_ends: int
    faulty: int
    median_questions: float
    most_questions: int

    def __str__(self) -> str:
        return (f"{self.dialogues} dialogues: {self.right} decided as the tables decide, {self.repeated} repeated questions, "
                f"{self.dead_ends} dead ends, {self.faulty} with other faults; questions: median {self.median_questions:g}, "
                f"most {self.most_questions}")


async def play(dialogue: Dialogue, knowledge: Knowledge, citizens: Iterable[Citizen],
               failed: Callable[[Outcome], None]) -> Figures:
    """Lets each citizen talk; calls `failed` with every dialogue that is not as it should be."""
    outcomes = []
    for citizen in citizens:
        outcome = await Talk(dialogue, knowledge, citizen).run()
        outcomes.append(outcome)
        if not outcome.right or outcome.repeated or outcome.dead_end or outcome.faults:
            failed(outcome)
    questions = [len(set(outcome.questions)) for outcome in outcomes]
    return Figures(len(outcomes), sum(one.right for one in outcomes), sum(len(one.repeated) for one in outcomes),
                   sum(one.dead_end for one in outcomes), sum(bool(one.faults) for one in outcomes),
                   median(questions), max(questions))
