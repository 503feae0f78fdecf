"""The action behind every rule: the form that answers and asks for facts."""
from __future__ import annotations

import logging
import os
from datetime import date
from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.state import ASKED, TRIES, read_message, read_state, slot_values
from actions.turn import respond
from idcard import masked_logs
from idcard.knowledge import load
from idcard.replies import Reply

logger = logging.getLogger(__name__)


def today() -> date:
    """The date for which answers are given: today, or IDCARD_AS_OF (ISO) to preview another day."""
    given = os.environ.get("IDCARD_AS_OF")
    return date.fromisoformat(given) if given else date.today()


def take_turn(dispatcher: CollectingDispatcher, tracker: Tracker) -> Dict[Text, Any]:
    """Reply to the latest message; returns the slots after the turn."""
    knowledge = load()
    state = read_state(knowledge, tracker.slots)
    turn = respond(knowledge, state, read_message(knowledge, tracker.latest_message), today())
    for reply in turn.replies:
        utter(dispatcher, reply)
        logger.debug("Trace %s: %s %s %s", _trace_id(tracker), reply.kind, reply.topic, reply.outcome)
    return slot_values(knowledge, turn.state)


def _trace_id(tracker: Tracker) -> str:
    """As the assistant gives it; it is in the assistant's log as well."""
    return (tracker.latest_message.get("metadata") or {}).get("trace_id", "-")


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Send one Reply: its text, its buttons, and its twin as custom JSON."""
    buttons = [{"title": title, "payload": title} for title in reply.buttons] or None
    dispatcher.utter_message(text=reply.text, buttons=buttons, json_message=reply.twin())


class ValidateConsultForm(Action):
    """Runs at every turn of consult_form: answers, and requests exactly the fact that the core still needs."""

    def __init__(self) -> None:
        """An action server logs by itself what goes wrong, and with it what citizens wrote."""
        masked_logs.install()

    def name(self) -> Text:
        return "validate_consult_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[Dict]:
        """Events for every changed slot; requested_slot always last, None when nothing is left to ask.

        TRIES is set at every turn: Rasa takes a turn that sets nothing but requested_slot for a rejected form
        (rasa/core/actions/forms.py, validate) and would let another action answer a second time.
        """
        try:
            slots = take_turn(dispatcher, tracker)
        except Exception:
            logger.error("Trace %s: the turn failed.", _trace_id(tracker))  # what and where is logged by whoever runs the action
            raise
        asked = slots.pop(ASKED)
        changed = [SlotSet(name, value) for name, value in slots.items()
                   if name == TRIES or tracker.slots.get(name) != value]
        return [*changed, SlotSet(ASKED, asked)]

