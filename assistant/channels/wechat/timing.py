"""The channel's patience. The platform waits five seconds for a reply, closes the connection and asks again, three times in all."""
from dataclasses import astuple, dataclass
from typing import Tuple


@dataclass(frozen=True)
class Timing:
    """All in seconds."""

    passive: float = 4.0  # a reply within this is the answer to its message, later ones are sent
    turn: float = 30.0  # the longest that an answer may take
    grace: float = 6.0  # a finished answer waits this long for the platform to ask again
    lease: float = 3.0  # a process that has not been heard of for so long has died
    heartbeat: float = 1.0
    api: float = 5.0  # a call of the platform's API
    lock: float = 15.0  # longer than one text takes to be sent, with all that may be tried again
    poll: float = 0.05
    moment: float = 0.5  # until a reply that is being given has been
    pauses: Tuple[float, ...] = (1.0, 5.0, 20.0)  # between tries to send
    stop: float = 5.0  # what is under way may end before the process does; the platform gives up after 15

    def times(self, factor: float) -> "Timing":
        """The same, slower or faster; tests run on a fast clock."""
        *single, pauses, stop = astuple(self)
        return Timing(*(seconds * factor for seconds in single), tuple(pause * factor for pause in pauses), stop * factor)
