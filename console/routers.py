"""Which database a table is in: RasaEvent in the assistant's, everything else in the console's."""
from typing import Any, Optional


class EventsRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "rasa" if model.__name__ == "RasaEvent" else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, model_name: Optional[str] = None, **hints: Any) -> bool:
        """The assistant's database is never migrated from here."""
        return db == "default"
