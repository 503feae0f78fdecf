"""A hundred simulated citizens; `make simulate` runs two thousand and prints the figures."""
from __future__ import annotations

import pytest

from idcard.knowledge import load
from tests.simulated.citizens import HOMES, TODAY, TOPICS, citizens, every_case, wordings

DIALOGUES, SEED = 100, 4
MOST_QUESTIONS, USUAL_QUESTIONS = 8, 4


@pytest.mark.model
def test_simulated_citizens_get_the_decision_of_the_tables(dialogue, run_async, monkeypatch) -> None:
    from tests.simulated.play import play

    monkeypatch.setenv("IDCARD_AS_OF", TODAY.isoformat())
    failed = []
    figures = run_async(play(dialogue, load(), citizens(load(), DIALOGUES, SEED), failed.append))
    assert not failed, "\n\n".join("\n".join([*one.transcript, *one.faults, *one.repeated]) for one in failed[:3])
    assert figures.right == DIALOGUES
    assert figures.median_questions <= USUAL_QUESTIONS and figures.most_questions <= MOST_QUESTIONS


def test_the_cases_reach_every_outcome_that_the_tables_give_today() -> None:
    """An outcome that no simulated citizen meets would go untested."""
    from tests.simulated.citizens import expected

    knowledge = load()
    cases = list(every_case(knowledge))
    for city in HOMES:
        met = {expected(knowledge, case) for case in cases if case.city == city}
        tables = [table for table in knowledge.tables.values() if table.city == city
                  and (table.topic in TOPICS or table.policy == "residence_conditions")]
        given = {row.outcome for table in tables for row in table.rows if row.holds_on(TODAY) and row.outcome}
        assert met == given


def test_the_same_seed_gives_the_same_citizens() -> None:
    one, other = ([citizen.opening() for citizen in citizens(load(), 20, 7)] for _ in range(2))
    assert one == other
    assert one != [citizen.opening() for citizen in citizens(load(), 20, 8)]


def test_every_fact_can_be_answered_in_words_and_with_a_button_that_exists() -> None:
    facts = load().model.facts
    for name, words in wordings()["facts"].items():
        for value in facts[name].values if facts[name].buttons and name != "所在城市" else ():
            assert len(words[value]["answers"]) >= 2, (name, value)
            assert words[value]["button"] in {button.title for button in facts[name].buttons}
