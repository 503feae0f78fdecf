"""The console's own tables, and Rasa's events as it reads them."""
from console.models.conversations import Conversation, Cursor, Daily, HeldEvents, Turn
from console.models.events import LegalHold, RasaEvent
from console.models.guarding import AuditEntry, AuditHead, DeletionRequest, RetentionClock, RetentionRun
from console.models.people import Account, SavedView
from console.models.reviews import Correction, Note, Replay, ReplayDifference, Verdict

__all__ = ["Account", "AuditEntry", "AuditHead", "Conversation", "Correction", "Cursor", "Daily", "DeletionRequest", "HeldEvents",
           "LegalHold", "Note", "RasaEvent", "Replay", "ReplayDifference", "RetentionClock", "RetentionRun", "SavedView", "Turn", "Verdict"]
