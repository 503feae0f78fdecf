"""Which database a table is in: those that the assistant makes in its own, everything else in the console's."""
from typing import Any, Optional


class EventsRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default" if model._meta.managed else "rasa"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: Optional[str] = None, **hints: Any) -> bool:
        """The assistant's database is never migrated from here."""
        return db == "default"
