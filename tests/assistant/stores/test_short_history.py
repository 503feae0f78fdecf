"""What Rasa sees of a long conversation: few events, and the same replies as from all of them."""
import pytest

from assistant import short_history
from tests.conversations.cases import read_cases

pytestmark = pytest.mark.model

MOST_MESSAGES = 30


def messages(kind: str) -> list:
    """What is typed in all conversation cases of a kind, as one long conversation."""
    return [turn.say for case in read_cases() if case.kind == kind for turn in case.turns][:MOST_MESSAGES]


@pytest.mark.parametrize("kind", ["memory", "corrections", "cancellations"])
def test_a_long_conversation_is_answered_as_if_rasa_saw_all_of_it(
        kind: str, dialogue, run_async, restart, sqlite_url, monkeypatch) -> None:
    monkeypatch.setattr(short_history, "KEPT_TURNS", 1)
    monkeypatch.setattr(short_history, "MOST_TURNS", 1)
    with_all_events, ours = dialogue.agent.tracker_store, restart()
    for text in messages(kind):
        restart.use(with_all_events)
        expected = run_async(dialogue.send(text, kind))
        restart.use(ours)
        assert run_async(dialogue.send(text, kind)) == expected, text


def test_the_number_of_events_stays_small(dialogue, run_async, restart, sqlite_url) -> None:
    store = restart()
    longest = 0
    for text in messages("memory"):
        run_async(dialogue.send(text, "a"))
        longest = max(longest, len(run_async(store.retrieve("a")).events))
    few = 6 * 20  # a turn is some 13 events, what is known some 20
    assert longest < few
    assert len(run_async(store.retrieve_full_tracker("a")).events) > 2 * few
