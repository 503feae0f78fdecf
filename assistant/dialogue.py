"""Talks to the loaded assistant without HTTP: the same model and actions as the server, for the terminal and for tests."""
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional

from assistant import start
from assistant.typed_text import safe_text

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.core.trackers import DialogueStateTracker


SILENCE = "……"  # what a blank message becomes: it gets a reply like any other that says nothing


class Dialogue:
    """One assistant and any number of conversations with it, each known by its sender.

    A reply is a list of messages in the form an action sends them: {"text": …, "buttons": […], "custom": {…}}, absent keys
    left out. (Rasa's own collecting channel would cut one message into several and split its text at blank lines.)
    """

    def __init__(self, agent: "Agent") -> None:
        self.agent = agent

    @classmethod
    async def load(cls, model: Path, endpoints: "Optional[AvailableEndpoints]" = None) -> "Dialogue":
        """The model with its actions in this process and conversations in memory, unless `endpoints` says otherwise."""
        start.load_rasa()
        return cls(await start.load_agent(model, endpoints or start.read_endpoints(None, remote_actions=False)))

    async def send(self, text: str, sender: str) -> List[dict]:
        """The reply to what a person typed; a typed intent such as /restart is just text."""
        return await self._handle(safe_text(text) or SILENCE, sender)

    async def press(self, payload: str, sender: str) -> List[dict]:
        """The reply to a button, given the payload it carries."""
        return await self._handle(payload, sender)

    async def tracker(self, sender: str) -> "DialogueStateTracker":
        """The state of a conversation: slots, events, active form."""
        return await self.agent.tracker_store.get_or_create_tracker(sender)

    async def _handle(self, text: str, sender: str) -> List[dict]:
        from rasa.core.channels.channel import UserMessage

        reply = CollectedReply("terminal")
        await self.agent.handle_message(UserMessage(text, reply, sender, input_channel=reply.name()))
        return reply.messages


class CollectedReply:
    """What Rasa needs of an output channel, keeping each message whole."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.messages: List[dict] = []

    def name(self) -> str:
        return self.channel

    async def send_response(self, _recipient: str, message: dict) -> None:
        self.messages.append({key: message[key] for key in ("text", "buttons", "custom") if message.get(key)})
