"""Rasa's tracker of one conversation, without going through all of its events again and again."""
import copy
from typing import List, Tuple

from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker


class Tracker(DialogueStateTracker):
    """A tracker that goes through its events less often; they are only ever added to."""

    _applied: Tuple[int, List[Event]] = (0, [])  # how many events there were, and which of them applied

    def applied_events(self) -> List[Event]:
        """Rasa asks for them several times between one event and the next."""
        if self._applied[0] != len(self.events):
            self._applied = (len(self.events), super().applied_events())
        return list(self._applied[1])

    def copy(self) -> "Tracker":
        """As it is; Rasa replays every event, twice per turn and more."""
        copied = copy.copy(self)
        copied.events = self.events.copy()
        copied.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        copied.active_loop = copy.copy(self.active_loop)  # the rest is replaced by new events, never changed
        return copied
