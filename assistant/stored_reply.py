"""What was replied to a message, as the events of its conversation tell it: for a message that comes again."""
from typing import Iterable, List

from rasa.shared.core.events import BotUttered, Event, UserUttered

SHOWN = ("text", "buttons", "custom")  # of what an action sends


def stored_reply(events: Iterable[Event], message_id: str) -> List[dict]:
    """The messages of the reply in the form in which an action sends them; [] where there is no such message."""
    reply: List[dict] = []
    found = False
    for event in events:
        if isinstance(event, UserUttered):
            found = event.message_id == message_id
            reply = [] if found else reply
        elif found and isinstance(event, BotUttered):
            said = event.message()
            reply.append({key: said[key] for key in SHOWN if said.get(key)})
    return reply
