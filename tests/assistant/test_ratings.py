"""What the staff console finds of a conversation: ratings with their reason, and the wish for a person, as slots."""
from __future__ import annotations

import pytest


@pytest.fixture
def talk(dialogue, run_async, monkeypatch):
    from tests.conversations.play import Conversation

    monkeypatch.setenv("IDCARD_AS_OF", "2026-11-21")
    return Conversation(dialogue, run_async)


def slots(talk) -> dict:
    return talk.run(talk.dialogue.tracker(talk.sender)).current_slot_values()


@pytest.mark.model
def test_a_bad_rating_is_kept_with_the_reason_given_along(talk) -> None:
    talk.say("济宁补证多少钱")
    talk.say("差评 讲得太啰嗦了")
    assert (slots(talk)["rating"], slots(talk)["rating_reason"]) == ("差评", "讲得太啰嗦了")


@pytest.mark.model
def test_the_reason_may_be_the_next_message(talk) -> None:
    talk.say("差评")
    assert slots(talk)["rating_reason"] == ""
    talk.say("电话老是打不通")
    assert slots(talk)["rating_reason"] == "电话老是打不通"


@pytest.mark.model
def test_a_question_is_no_reason(talk) -> None:
    talk.say("差评")
    messages = talk.say("那济宁补证多少钱")
    assert slots(talk)["rating"] == "差评" and slots(talk)["rating_reason"] is None
    assert messages[0]["custom"]["outcome"] == "40元"


@pytest.mark.model
def test_who_wants_a_person_is_marked_for_the_staff_also_after_a_fresh_start(talk) -> None:
    talk.say("转人工")
    talk.say("重新开始")
    assert slots(talk)["needs_staff"] is True
