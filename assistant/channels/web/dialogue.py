"""The Rasa side of the web channel: hand over a message, look a turn up, record feedback, forget a sender."""
from typing import Any, Awaitable, Callable, Dict, Iterable, List, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.agent import until_fresh
from assistant.channels.erasure import erase
from assistant.dialogue import CollectedReply
from assistant.stored_reply import stored_reply
from idcard.knowledge import load

CHANNEL = "web"


class WebDialogue:
    """What the channel needs of the loaded assistant; `agent` is asked each time, because Rasa loads it after the channels."""

    def __init__(self, agent: Callable[[], Optional[Agent]], on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> None:
        self._agent = agent
        self.on_new_message = on_new_message

    @property
    def agent(self) -> Optional[Agent]:
        """None while it is being loaded."""
        agent = self._agent()
        return agent if agent and agent.is_ready() else None

    @staticmethod
    def greeting() -> dict:
        """What a session begins with: the greeting, and buttons to begin."""
        return {"text": load().phrases["问候"].text, "buttons": [{"title": title, "payload": title} for title in load().phrases["帮助"].buttons],
                "custom": {"kind": "smalltalk"}}

    @property
    def session_seconds(self) -> float:
        """After so long a silence Rasa begins a new session of the same sender."""
        return self.agent.domain.session_config.session_expiration_time * 60

    async def ask(self, sender: str, text: str, message_id: str) -> List[dict]:
        """The reply: messages with text, buttons and custom, absent keys left out."""
        reply = CollectedReply(CHANNEL)
        await self.on_new_message(UserMessage(text, reply, sender, input_channel=CHANNEL, message_id=message_id))
        return reply.messages

    async def replied(self, sender: str, message_id: str) -> List[dict]:
        """What was replied to this message in a turn that Rasa finished; [] where it never did."""
        tracker = await self.agent.tracker_store.retrieve(sender)
        return stored_reply(tracker.events, message_id) if tracker else []

    async def begin(self, sender: str, city: str) -> None:
        """A conversation on the site of a city, which the citizen then need not name; another one that was named stays."""
        slot = load().model.facts["所在城市"].slot
        await self._record(sender, lambda tracker: () if tracker.get_slot(slot) else (SlotSet(slot, city),))

    async def rate(self, sender: str, feedback: Dict[str, str]) -> dict:
        """Record {"id", "rating", "reason"?, …}, once for each id, and thank for it.

        The thanks are an utterance of the bot that takes part in no rule: an open question is not disturbed. The slots are those that a
        rating in words sets; a reason that is missing is not asked for.
        """
        thanks = {"text": load().phrases[feedback["rating"]].text, "custom": {"kind": "smalltalk", "topic": feedback["rating"]}}
        events = (SlotSet("rating", feedback["rating"]), SlotSet("rating_reason", feedback.get("reason")),
                  BotUttered(thanks["text"], metadata={"feedback": feedback}))
        await self._record(sender, lambda tracker: () if _is_rated(tracker, feedback["id"]) else events)
        return thanks

    async def forget(self, sender: str) -> str:
        """Leave nothing of the conversation; the id of the receipt that staff can look up (`python -m assistant.storage`)."""
        async with self.agent.lock_store.lock(sender):
            receipt = await erase(self.agent.tracker_store, sender)
        return getattr(receipt, "id", "")

    async def _record(self, sender: str, what: Callable[[DialogueStateTracker], Iterable[Event]]) -> None:
        """Add the events that `what` makes of the tracker."""
        async def add() -> None:
            tracker = await self.agent.processor.fetch_tracker_and_update_session(sender)
            tracker.update_with_events(list(what(tracker)), self.agent.domain)
            await self.agent.tracker_store.save(tracker)

        async with self.agent.lock_store.lock(sender):
            await until_fresh(add)


def _is_rated(tracker: DialogueStateTracker, identity: str) -> bool:
    return any(isinstance(event, BotUttered) and (event.metadata.get("feedback") or {}).get("id") == identity for event in tracker.events)
