"""A conversation as Rasa needs it for its next turn: what is known, and the latest turns, instead of every event since it began.

Rasa copies and replays the whole session several times per turn. A session that begins with the slots and the form of an earlier
one is nothing new to Rasa (it starts them so itself where slots are carried over), so what lies further back is told that way.
"""
from typing import List, Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# A rule looks at one turn; forms look at the one before as well. Shortening costs about as much as a turn of ten events, hence
# not at every turn.
KEPT_TURNS = 2
MOST_TURNS = 4


def shortened(tracker: DialogueStateTracker, domain: Domain) -> Optional[DialogueStateTracker]:
    """A tracker in the same state with the latest KEPT_TURNS turns; None while there are no more than MOST_TURNS."""
    events = list(tracker.events)
    messages = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(messages) <= MOST_TURNS or tracker.is_paused():
        return None
    cut = messages[-KEPT_TURNS]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], domain.slots, domain=domain)
    short = type(tracker).from_events(tracker.sender_id, [*_summary(before, domain), *events[cut:]], domain.slots, domain=domain)
    short.model_id, short.assistant_id = tracker.model_id, tracker.assistant_id
    return short


def _summary(tracker: DialogueStateTracker, domain: Domain) -> List[Event]:
    """Events that lead to the state of a tracker that waits for a message."""
    at = tracker.events[-1].timestamp
    initial = {slot.name: slot.initial_value for slot in domain.slots}
    slots = [SlotSet(name, value, timestamp=at) for name, value in tracker.current_slot_values().items()
             if value != initial[name]]
    loop = [ActiveLoop(tracker.active_loop_name, timestamp=at)] if tracker.active_loop_name else []
    return [SessionStarted(timestamp=at), *loop, *slots, ActionExecuted(ACTION_LISTEN_NAME, timestamp=at)]
