"""Every conversation of tests/conversations, through the trained model and the real actions."""
from collections import Counter

import pytest

from idcard.knowledge import load
from tests.conversations.cases import KINDS, Case, read_cases, read_known_failures

CASES = read_cases()
KNOWN_FAILURES = read_known_failures()
LEAST = 10  # cases of each kind


def _param(case: Case):
    """A known failure must fail: mending it turns it red until it is taken out of _known_failures.yml."""
    known = case.name in KNOWN_FAILURES
    marks = [pytest.mark.xfail(raises=AssertionError, strict=True, reason=KNOWN_FAILURES[case.name])] if known else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.model
@pytest.mark.parametrize("case", [_param(case) for case in CASES])
def test_conversation(case: Case, dialogue, run_async, monkeypatch) -> None:
    from tests.conversations.play import Conversation, play

    monkeypatch.setenv("IDCARD_AS_OF", case.as_of)
    transcript, wrong = play(case, Conversation(dialogue, run_async))
    assert not wrong, "\n".join(["", *wrong, "", *transcript])


def test_every_kind_has_enough_cases() -> None:
    found = Counter(case.kind for case in CASES)
    assert set(found) == set(KINDS)
    assert {kind: number for kind, number in found.items() if number < LEAST} == {}


def test_names_are_unique() -> None:
    assert [name for name, number in Counter(case.name for case in CASES).items() if number > 1] == []


def test_known_failures_are_cases() -> None:
    assert set(KNOWN_FAILURES) - {case.name for case in CASES} == set()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case_uses_the_vocabulary(case: Case) -> None:
    """A misspelt fact, clause or station would fail for the wrong reason, or in a known failure not be noticed."""
    knowledge = load()
    stations = {station.title for station in knowledge.stations}
    topics = {*knowledge.topics, "超出范围", "转人工", "不清楚"}
    for expect in (turn.expect for turn in case.turns):
        assert set(expect.get("cites", ())) <= set(knowledge.clauses)
        assert set(expect.get("stations", ())) <= stations
        assert {*expect.get("topics", ()), expect.get("topic", "补领")} <= topics
        assert expect.get("asks") is None or expect["asks"] in knowledge.model.facts
        for name, value in expect.get("facts", {}).items():
            if value is not None:
                knowledge.model.check(name, value)
