"""Conversations in the database (settings: IDCARD_DATABASE_URL), and the latest ones in memory as well.

A turn appends its own events in one transaction. Before a tracker in memory is used again, one query tells whether another
process has gone on with the conversation, and brings what is new. What fails is raised: nothing is kept in memory alone.
"""
import asyncio
import json
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Callable, Iterable, List, NamedTuple, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from assistant import settings
from assistant.short_history import shortened
from assistant.storage import database, events, retention
from assistant.storage.events import StoredEvent, Turn
from assistant.storage.retention import Receipt
from assistant.storage.rows import rows
from assistant.storage.writer import Writer
from assistant.stored_reply import stored_reply
from assistant.tracing import store_call
from assistant.tracker import Tracker

MOST_LIVE = 1000  # conversations kept decoded
PATIENCE_SECONDS = 2.0 * database.WAIT_SECONDS


class Stored(NamedTuple):
    """How much of a tracker is in the database."""

    last_id: Optional[int]  # of the conversation; None where that is not known
    count: int  # of the tracker's events


class TakenBefore(Exception):
    """The conversation has this message already: another process took it while this one was thought dead. `reply` is what it said."""

    def __init__(self, reply: List[dict]) -> None:
        super().__init__()
        self.reply = reply


class EventTrackerStore(TrackerStore):
    """Rasa's tracker store on the `events` table."""

    def __init__(self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None, **_: Any) -> None:
        super().__init__(domain, event_broker)
        self._engine = database.connect(settings.database_url())
        database.create_tables(self._engine)
        self._threads = ThreadPoolExecutor(database.CONNECTIONS, "tracker-store")  # a slow database delays nobody else
        self._writer = Writer(self._in_thread)
        self._live: "OrderedDict[str, DialogueStateTracker]" = OrderedDict()

    @store_call
    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The tracker of the latest session, None where there is no conversation.

        What is in memory is handed out and comes back when it is saved: no two turns share it, and none leaves it half done.
        """
        live = self._live.pop(sender_id, None)
        if live is not None:
            fresh = await self._query(events.from_id, sender_id, live.stored.last_id)
            if fresh and fresh[0].id == live.stored.last_id:
                return self._go_on(live, fresh[1:])
        session = await self._query(events.latest_session, sender_id)
        return self._shortened(self._go_on(self.init_tracker(sender_id), session)) if session else None

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """The tracker with the events of all sessions; for reading, it is not kept in memory."""
        found = await self._query(events.whole_conversation, conversation_id)
        return self._go_on(self.init_tracker(conversation_id), found) if found else None

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """The tracker of a conversation of which nothing is in the database yet."""
        tracker = Tracker(sender_id, self.domain.slots)
        tracker.stored = Stored(0, 0)
        return tracker

    @store_call
    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new in one transaction.

        Raises StaleHistory where the conversation has gone on without this tracker, TakenBefore where it has the same message, and the
        errors of SQLAlchemy.
        """
        stored = getattr(tracker, "stored", Stored(None, 0))  # without it the tracker is not from this store
        count = len(tracker.events)
        new = [event.as_dict() for event in islice(tracker.events, stored.count, count)]
        if not new:
            return
        _check_not_taken(tracker, stored.count)
        written = rows(tracker.sender_id, new)
        columns = [row.columns for row in written]
        turn = Turn(tracker.sender_id, stored.last_id, columns)
        last_id = await asyncio.wait_for(self._writer.append(turn), PATIENCE_SECONDS)
        tracker.stored = Stored(last_id, count)
        if not any(row.is_masked for row in written):  # what was private ends with its turn: the next one reads the masked copy
            self._keep(self._shortened(tracker))
        for event in columns if self.event_broker else ():
            self.event_broker.publish({"sender_id": tracker.sender_id, **json.loads(event["data"])})

    @store_call
    async def delete(self, sender_id: str) -> Receipt:
        """Erase a conversation. A turn that is just being taken then begins a new one."""
        self._live.pop(sender_id, None)
        return await self._query(retention.erase, sender_id)

    async def keep_retention(self) -> None:
        """Delete what is too old, every day; never ends."""
        await retention.keep(self._engine)

    async def keys(self) -> Iterable[str]:
        """The senders of all conversations."""
        return await self._query(events.senders)

    async def _query(self, function: Callable, *arguments: Any) -> Any:
        """Raises TimeoutError where the database does not answer at all, so that the citizen need not wait for it."""
        return await asyncio.wait_for(self._in_thread(function, *arguments), PATIENCE_SECONDS)

    async def _in_thread(self, function: Callable, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, self._engine, *arguments)

    def _go_on(self, tracker: DialogueStateTracker, found: List[StoredEvent]) -> DialogueStateTracker:
        for event in deserialise_events([json.loads(stored.data) for stored in found]):
            tracker.update(event, self.domain)
        if found:
            tracker.stored = Stored(found[-1].id, len(tracker.events))
        return tracker

    def _shortened(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        short = shortened(tracker, self.domain)
        if short:
            short.stored = Stored(tracker.stored.last_id, len(short.events))
        return short or tracker

    def _keep(self, tracker: DialogueStateTracker) -> None:
        self._live[tracker.sender_id] = tracker
        self._live.move_to_end(tracker.sender_id)
        if len(self._live) > MOST_LIVE:
            self._live.popitem(last=False)


def _check_not_taken(tracker: DialogueStateTracker, count: int) -> None:
    """Raise TakenBefore where a message after the first `count` events stands among those, too."""
    new = {event.message_id for event in islice(tracker.events, count, None) if isinstance(event, UserUttered)}
    for event in islice(tracker.events, count):
        if isinstance(event, UserUttered) and event.message_id in new:
            raise TakenBefore(stored_reply(islice(tracker.events, count), event.message_id))
