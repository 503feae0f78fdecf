"""An event as it is written down: masked, without what nobody reads again, in Rasa's columns."""
import json
from typing import Any, NamedTuple

from idcard.privacy import mask

MOST_RANKED = 5  # further readings of a message are noise
KEPT_OF_PARSE = ("intent", "entities", "text", "message_id", "metadata", "intent_ranking", "topics", "timings")
TECHNICAL = ("message_id", "model_id", "assistant_id")  # long digits by chance; nothing a citizen wrote


class Row(NamedTuple):
    columns: dict  # of table `events`
    is_masked: bool  # something in the event was private


def row(sender_id: str, event: dict) -> Row:
    """What is written for an event as Rasa's `as_dict()` gives it; the event itself stays as it is."""
    trimmed = _trimmed(event)
    kept = masked(trimmed)
    # Some clients send halves of characters, which no database takes.
    data = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode("utf-8")
    columns = {
        "sender_id": sender_id,
        "type_name": event["event"],
        "timestamp": event.get("timestamp"),
        "intent_name": (kept.get("parse_data") or {}).get("intent", {}).get("name"),
        "action_name": kept.get("name"),
        "data": data,
    }
    return Row(columns, kept != trimmed)


def masked(value: Any) -> Any:
    """A copy of a JSON value with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, (list, tuple)):
        return type(value)(masked(item) for item in value)
    if isinstance(value, dict):
        return {key: item if key in TECHNICAL else masked(item) for key, item in value.items()}
    return value


def _trimmed(event: dict) -> dict:
    parse_data = event.get("parse_data")
    if not parse_data:
        return event
    kept = {key: parse_data[key] for key in KEPT_OF_PARSE if key in parse_data}
    if "intent_ranking" in kept:
        kept["intent_ranking"] = kept["intent_ranking"][:MOST_RANKED]
    return {**event, "parse_data": kept}
