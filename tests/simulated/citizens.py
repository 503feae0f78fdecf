"""Simulated citizens: who they are (a full set of facts), what they want, what they say unasked and how they stray.

A citizen knows nothing of the assistant but its replies: the fact that is asked (`asks` of the twin) and the buttons. The
words come from wordings.yml, the facts from the independent reading of the documents in tests/clerk.py.
"""
from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Iterator, Mapping

import yaml

from idcard.consult import Consultation, consult
from idcard.facts import Value
from idcard.knowledge import Knowledge
from tests.clerk import PREFECTURES, dimensions

TODAY = date(2026, 11, 21)
TOPICS = ("能否异地办理", "临时身份证", "市内跨区办理")
# Households between which the documents tell; each stands for its like.
HOMES = {"武汉": ("武汉", "恩施", "甘孜", "成都", "信阳", "乌鲁木齐"), "济宁": ("济宁", "青岛", "信阳")}
COUNTIES = (("邹城市", "曲阜市"), ("任城区", "兖州区"), ("邹城市", "邹城市"))
PLACES = ("所在城市", "所在区县", "户籍省份", "户籍城市", "户籍区县")
MOST_TOLD = 3  # facts told unasked
REUSE = "沿用前面说的"


@lru_cache(maxsize=None)
def wordings() -> dict:
    return yaml.safe_load(Path(__file__).with_name("wordings.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    """What a citizen wants, and the truth about them."""

    topic: str
    city: str
    facts: Mapping[str, Value]


@dataclass
class Citizen:
    case: Case
    chance: random.Random
    wrong: dict[str, Value] = field(default_factory=dict)  # said wrongly, to be corrected
    relative: str = ""  # for whom they ask afterwards

    def opening(self) -> tuple[str, set[str]]:
        """The first sentence, and the facts it tells."""
        told = ["所在城市"] if self.chance.random() < 0.8 else []
        others = [name for name in self.case.facts if self._told(name)]
        told += self.chance.sample(others, min(len(others), self.chance.randint(0, MOST_TOLD)))
        told = _without_contradiction(told, self.case.facts)
        self.chance.shuffle(told)
        parts = [self.telling(name) for name in told]
        parts.insert(self.chance.randint(0, len(parts)), self._pick(wordings()["questions"][self.case.topic]).format(
            city=self.case.city))
        separator = self._pick(["，", " ", "，"])
        return self._pick(wordings()["greetings"]) + separator.join(parts), set(told)

    def telling(self, name: str, right: bool = False) -> str:
        """A sentence that tells the fact unasked; wrongly where they are mistaken and `right` is not set."""
        value = self.case.facts[name] if right else self.wrong.get(name, self.case.facts[name])
        return self._pick(_of(name, value)["told"]).format(place=value)

    def answer(self, name: str, buttons: Mapping[str, str]) -> tuple[str, bool]:
        """(what is said or pressed, whether it is pressed) in reply to the question for `name`."""
        value = self.wrong.get(name, self.case.facts[name])
        words = _of(name, value)
        if words.get("button") in buttons and self.chance.random() < 0.5:
            return words["button"], True
        return self._pick(words["answers"]).format(place=value), False

    def correction(self, name: str) -> str:
        return self._pick(wordings()["corrections"]).format(told=self.telling(name, right=True))

    def digression(self) -> dict:
        return self._pick(wordings()["digressions"])

    def strays(self, likely: float) -> bool:
        return self.chance.random() < likely

    def _told(self, name: str) -> bool:
        return name != "所在城市" and bool(_of(name, self.wrong.get(name, self.case.facts[name]))["told"])

    def _pick(self, choices: list):
        return self.chance.choice(choices)


def _of(name: str, value: Value) -> dict:
    words = wordings()["facts"][name]
    return words if name in PLACES else words[value]


def _without_contradiction(told: list[str], facts: Mapping[str, Value]) -> list[str]:
    """Of facts of which one contains the other the most exact one; nothing about a registration that is not there."""
    home = [name for name in ("户籍区县", "户籍城市", "户籍省份") if name in told]
    registered = [name for name in ("是否当天登记", "是否登记流动人口") if name in told]
    if not facts.get("是否登记流动人口"):
        registered = ["", *registered]
        told = [name for name in told if name != "是否当天登记"]
    return [name for name in told if name not in home[1:] and (name not in registered[1:] or not registered[0])]


def every_case(knowledge: Knowledge) -> Iterator[Case]:
    """One case for each way through the tables: each fact that is asked, with each value that makes a difference.

    What a way does not ask is filled in at random: it must make no difference.
    """
    chance = random.Random(0)
    for city, topic in product(HOMES, TOPICS):
        parts = _parts(city)
        for way in _ways(knowledge, topic, city, parts, {}):
            filled = [chance.choice(_agreeing(part, way)) for part in parts]
            yield Case(topic, city, {"所在城市": city, **{name: value for part in filled for name, value in part.items()}})


def _ways(knowledge: Knowledge, topic: str, city: str, parts: list[list[dict]], known: dict) -> Iterator[dict]:
    """The facts of every consultation that starts with `known` and is answered in every possible way."""
    found = consult(knowledge, topic, city, known, TODAY)
    if isinstance(found, Consultation):
        yield known
        return
    part = next(part for part in parts if any(found.fact in facts for facts in part))
    for value in dict.fromkeys(facts[found.fact] for facts in _agreeing(part, known)):
        yield from _ways(knowledge, topic, city, parts, {**known, found.fact: value})


def _agreeing(part: list[dict], known: Mapping[str, Value]) -> list[dict]:
    return [facts for facts in part if all(known.get(name, value) == value for name, value in facts.items())]


def _parts(city: str) -> list[list[dict]]:
    """What may vary independently: the household with its counties, then the dimensions of the reception table."""
    homes = [{"户籍省份": province, "户籍城市": home} for province, cities in PREFECTURES.items() for home in cities
             if home in HOMES[city]]
    if city == "济宁":
        homes = [{**home, "所在区县": here, **({"户籍区县": own} if home["户籍城市"] == city else {})}
                 for home in homes for own, here in (COUNTIES if home["户籍城市"] == city else COUNTIES[:1])]
    return [homes, *(part for part in dimensions("reception", city) if "户籍省份" not in part[0])]


def expected(knowledge: Knowledge, case: Case) -> str:
    """The outcome of deciding the whole truth at once."""
    found = consult(knowledge, case.topic, case.city, case.facts, TODAY)
    assert isinstance(found, Consultation), case
    return found.decision.outcome


def citizens(knowledge: Knowledge, number: int, seed: int) -> Iterator[Citizen]:
    """`number` citizens: the cases in turn, each time with other words and other whims."""
    cases = list(every_case(knowledge))
    random.Random(seed).shuffle(cases)
    for index in range(number):
        chance = random.Random(f"{seed}/{index}")
        case = cases[index % len(cases)]
        citizen = Citizen(case, chance, relative=chance.choice(wordings()["relatives"]) if chance.random() < 0.1 else "")
        if chance.random() < 0.25:
            citizen.wrong = _mistake(citizen, chance)
        yield citizen


def _mistake(citizen: Citizen, chance: random.Random) -> dict[str, Value]:
    """One fact that is first said wrongly; only what can be corrected in a sentence of its own."""
    facts = citizen.case.facts
    wrong = {"办理类型": ["换领", "补领"], "是否有居住证": [True, False], "是否登记流动人口": [True, False],
             "居住凭证": ["劳动合同或执照", "居住证明", "无"], "有效身份证件": ["护照", "驾驶证", "无"]}
    possible = [(name, value) for name, values in wrong.items() for value in values
                if name in facts and value != facts[name] and _of(name, facts[name])["told"] and _of(name, value)["answers"]]
    return dict([chance.choice(possible)]) if possible else {}


