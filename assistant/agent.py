"""Rasa's agent, save that nothing is answered before it is stored, and that nobody is left without an answer.

Rasa sends each message of a reply as soon as an action has produced it, then saves; where that fails it goes on in memory. Here
the reply waits for the save. Where a turn fails as a whole, the citizen gets an apology and the operator an alarm.
"""
import copy
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Awaitable, Callable, List, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain

from assistant import tracing
from assistant.alarms import alarm
from assistant.graph_runner import PlannedGraphRunner
from assistant.lock_store import TooManyWaiting
from assistant.storage.events import StaleHistory
from assistant.tracker_store import TakenBefore

if TYPE_CHECKING:
    from rasa.core.utils import AvailableEndpoints

MOST_TRIES = 4  # at a turn: while Redis is away nothing keeps two processes from a conversation at once
# `saved` tells a channel that it may hand in the same message again.
APOLOGY = {
    "text": "对不起，系统这会儿出了点故障，您刚才这句话没有记下来。请过一会儿再发一次；着急的话，可以直接打受理点的电话，或者12345热线。",
    "custom": {"kind": "apology", "saved": False},
}
TOO_FAST = {
    "text": "您发得有点快，前面几句我还没答完，这句没有记下来。等我答完了，请再发一次。",
    "custom": {"kind": "apology", "saved": False},
}


async def until_fresh(call: Callable[[], Awaitable[None]]) -> None:
    """`await call()`, once more where another process has meanwhile gone on with the conversation that it reads and saves.

    Raises StaleHistory where that happens MOST_TRIES times.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return await call()
        except StaleHistory:
            pass
    await call()


class CarefulAgent(Agent):
    """What Rasa's channels and server use of an agent, with turns that are stored before they are answered."""

    @classmethod
    async def of(cls, model: Path, endpoints: "AvailableEndpoints") -> "CarefulAgent":
        """The agent as the endpoints say, with the model loaded."""
        broker = await EventBroker.create(endpoints.event_broker)
        agent = cls(
            generator=endpoints.nlg,
            tracker_store=TrackerStore.create(endpoints.tracker_store, event_broker=broker),
            lock_store=LockStore.create(endpoints.lock_store),
            action_endpoint=endpoints.action,
        )
        agent.load_model(str(model))
        agent.processor.parse_message = tracing.understanding(agent.processor.parse_message)
        agent.processor.graph_runner = PlannedGraphRunner(agent.processor.graph_runner)
        return agent

    @staticmethod
    def _create_tracker_store(store: Optional[TrackerStore], domain: Domain) -> TrackerStore:
        """The store as it is. Rasa would wrap it in one that forgets instead of failing."""
        return store or InMemoryTrackerStore(domain)

    async def handle_message(self, message: UserMessage) -> Optional[List[dict]]:
        """Take a turn and send its reply, or an apology where it could not be taken or stored."""
        reply = _HeldReply(message.output_channel)
        with tracing.turn(reply.name()) as turn:
            try:
                await self._take_turn(message, reply)
                turn.answered([said for _, said in reply.messages])
            except TooManyWaiting:
                turn.refused("too_fast")
                reply.replace(message.sender_id, TOO_FAST)
            except Exception as error:
                turn.refused("unsaved")
                alarm("A turn failed and is not stored", error)
                reply.replace(message.sender_id, APOLOGY)
        await reply.send()
        channel = message.output_channel
        return channel.messages if isinstance(channel, CollectingOutputChannel) else None

    async def _take_turn(self, message: UserMessage, reply: "_HeldReply") -> None:
        held = copy.copy(message)
        held.output_channel = reply
        async with AsyncExitStack() as held_conversation:
            with tracing.stage("waiting"):
                await held_conversation.enter_async_context(self.lock_store.lock(message.sender_id))
            try:
                await self._process(held, reply)
            except TakenBefore as taken:
                reply.messages = [(message.sender_id, said) for said in taken.reply]

    async def _process(self, message: UserMessage, reply: "_HeldReply") -> None:
        async def take() -> None:
            reply.messages.clear()  # of a try that came too late; nothing of it has been sent or stored
            await self.processor.handle_message(message)

        await until_fresh(take)


class _HeldReply:
    """What a turn uses of an output channel; keeps the messages of the reply until they may go to the real one."""

    def __init__(self, channel: OutputChannel) -> None:
        self.channel = channel
        self.messages: List[Tuple[str, dict]] = []

    def name(self) -> str:
        return self.channel.name()

    async def send_response(self, recipient_id: str, message: dict) -> None:
        self.messages.append((recipient_id, message))

    def replace(self, recipient_id: str, message: dict) -> None:
        self.messages = [(recipient_id, copy.deepcopy(message))]

    async def send(self) -> None:
        for recipient_id, message in self.messages:
            await self.channel.send_response(recipient_id, message)
