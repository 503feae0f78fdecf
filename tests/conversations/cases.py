"""The conversation cases: data in <kind>/*.yml, read here into Case and Turn.

A case is a sentence that names it and a list of turns. A turn is what the citizen does (`say` a text, with `times` that
text repeated, or `press` a button offered in the reply before) and what to `expect` of all messages of the reply together:

    topic, topics   the topic of some message; several topics in this order
    city            the one city the messages speak of
    asks            the fact of the one open question; null: nothing is asked
    outcome         the decision, or where nothing is decided the outcome of some message
    cites           clauses that are all cited
    stations        stations that are all listed; []: none is
    kinds           kinds of message that all occur
    facts           what is known after the turn, by name; null: not known
    not_said        words that stand in no text

Wording is never expected, only forbidden.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

import yaml

FOLDER = Path(__file__).parent
KINDS = ("happy_path", "corrections", "digressions", "cancellations", "clarifications", "invalid_input", "out_of_scope",
         "multi_topic", "memory", "safety")
EXPECTATIONS = {"topic": str, "topics": list, "city": str, "asks": (str, type(None)), "outcome": str, "cites": list,
                "stations": list, "kinds": list, "facts": dict, "not_said": list}
TODAY = "2026-11-21"


@dataclass(frozen=True)
class Turn:
    say: str  # what is typed, or with `pressed` the title of the button
    pressed: bool
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    as_of: str
    turns: tuple[Turn, ...]


def read_cases() -> list[Case]:
    """Every case, in the order of the files. Raises ValueError naming the file and the case of a mistake."""
    return [_case(raw, path) for path in sorted(FOLDER.glob("*/*.yml")) for raw in _yaml(path)]


def read_known_failures() -> dict[str, str]:
    """Name of a case -> why it fails at present."""
    return _yaml(FOLDER / "_known_failures.yml") or {}


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _case(raw: Mapping[str, Any], path: Path) -> Case:
    where = f"{path.parent.name}/{path.name}: {raw.get('name', 'a case without a name')}"
    _only(raw, {"name", "as_of", "turns"}, where)
    return Case(raw["name"], path.parent.name, str(raw.get("as_of", TODAY)), tuple(_turn(turn, where) for turn in raw["turns"]))


def _turn(raw: Mapping[str, Any], where: str) -> Turn:
    _only(raw, {"say", "times", "press", "expect"}, where)
    if ("say" in raw) == ("press" in raw):
        raise ValueError(f"{where}: a turn has either `say` or `press`")
    expect = raw.get("expect") or {}
    _only(expect, set(EXPECTATIONS), where)
    for key, value in expect.items():
        if not isinstance(value, EXPECTATIONS[key]):
            raise ValueError(f"{where}: {key} must not be {value!r}")
    if "press" in raw:
        return Turn(str(raw["press"]), True, expect)
    return Turn(str(raw["say"]) * raw.get("times", 1), False, expect)


def _only(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    if set(raw) - known:
        raise ValueError(f"{where}: unknown key {', '.join(sorted(set(raw) - known))}")
