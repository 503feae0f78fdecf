"""Erases a conversation from whichever tracker store keeps it. Rasa's own stores have no method for that (3.6.21)."""
import inspect

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore


async def erase(store: TrackerStore, sender: str) -> None:
    """Leave nothing of the sender's conversation. Raises TypeError for a store that it does not know how to erase from."""
    while hasattr(store, "_tracker_store"):  # Rasa's wrappers
        store = store._tracker_store
    if hasattr(store, "delete"):
        deleted = store.delete(sender)
        if inspect.isawaitable(deleted):
            await deleted
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
