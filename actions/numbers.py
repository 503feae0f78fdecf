"""Numbers that citizens send although nobody asked: they are told once, kindly, that it is not needed."""
from __future__ import annotations

from dataclasses import replace

from actions import conversation
from actions.answering import Turn
from actions.state import State
from idcard.knowledge import Knowledge
from idcard.privacy import kinds
from idcard.private_numbers import CARD, ID, PASSPORT, PHONE

UNASKED = {ID, PHONE, CARD, PASSPORT}


def noted(knowledge: Knowledge, before: State, turn: Turn, text: str) -> Turn:
    """The turn, with the note where `text` is the first of the conversation that has a number in it; a question stays last."""
    if before.numbers_noted or not UNASKED.intersection(kinds(text, knowledge.public)):
        return replace(turn, state=replace(turn.state, numbers_noted=before.numbers_noted))
    said, note = turn.replies, conversation.phrase(knowledge, "不用发号码")
    at = len(said) - bool(said[-1].asks or said[-1].buttons)
    return Turn((*said[:at], note, *said[at:]), replace(turn.state, numbers_noted=True))
