"""How a line of the log looks: plain for people, or one JSON object for programs; both with the trace id of the turn."""
import json
import logging
from datetime import datetime, timezone

from assistant import settings, tracing


def formatter() -> logging.Formatter:
    """By the setting IDCARD_LOG_FORMAT."""
    return JsonLines() if settings.log_format() == "json" else Plain("%(asctime)s %(levelname)s %(trace)s %(message)s")


class Plain(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.trace = tracing.trace_id() or "-"
        return super().formatMessage(record)


class JsonLines(logging.Formatter):
    """Keys: at (UTC), level, logger, trace_id, message; error with its traceback; of a turn those of tracing.py. Absent ones are left out."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"), "level": record.levelname,
                "logger": record.name, "trace_id": tracing.trace_id(), "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info or record.exc_text:
            line["error"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value not in ("", None)}, ensure_ascii=False)
