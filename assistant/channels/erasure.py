"""Erases a conversation from whichever tracker store keeps it. Rasa's own stores have no method for that (3.6.21)."""
import inspect
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore


async def erase(store: TrackerStore, sender: str) -> Any:
    """Leave nothing of the sender's conversation; the receipt of a store that gives one.

    Raises TypeError for a store that it does not know how to erase from.
    """
    while hasattr(store, "_tracker_store"):  # Rasa's wrappers
        store = store._tracker_store
    if hasattr(store, "delete"):
        deleted = store.delete(sender)
        return await deleted if inspect.isawaitable(deleted) else deleted
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(sender, None)
    elif isinstance(store, SQLTrackerStore):
        with store.session_scope() as session:
            if session.bind.dialect.name == "sqlite":  # which may leave deleted rows in its file
                session.connection().exec_driver_sql("PRAGMA secure_delete=ON")
            session.query(store.SQLEvent).filter(store.SQLEvent.sender_id == sender).delete()
            session.commit()
    else:
        raise TypeError(f"no way to erase from {type(store).__name__}")
