"""Events as they are written down: masked, without what nobody reads again, in Rasa's columns."""
import json
from typing import Any, Dict, List, NamedTuple, Sequence

from idcard.knowledge import load
from idcard.privacy import mask

MOST_RANKED = 5  # further readings of a message are noise
KEPT_OF_PARSE = ("intent", "entities", "text", "message_id", "metadata", "intent_ranking", "topics", "timings")
# Nothing that a citizen wrote: long digits by chance, or names that this program gives.
TECHNICAL = ("message_id", "model_id", "assistant_id", "event", "name", "entity", "extractor", "input_channel")
WITH_WORDS = ("user", "bot", "slot")  # kinds of events in which words of a citizen may stand; the others name actions and forms


class Row(NamedTuple):
    columns: dict  # of table `events`
    is_masked: bool  # something in the event was private


def rows(sender_id: str, events: Sequence[dict]) -> List[Row]:
    """What is written for the events of a turn as Rasa's `as_dict()` gives them; the events themselves stay as they are."""
    masked = _Masked()
    return [_row(sender_id, event, masked) for event in events]


class _Masked(Dict[str, str]):
    """Text -> its masked copy. The same words stand in the message, its parse and the slots: each is looked at once."""

    def __init__(self) -> None:
        super().__init__()
        self._public = load().public  # the telephones of stations stay readable

    def __missing__(self, text: str) -> str:
        self[text] = masked = mask(text, self._public)
        return masked


def _row(sender_id: str, event: dict, masked: _Masked) -> Row:
    trimmed = _trimmed(event)
    kept = _masked(trimmed, masked) if event["event"] in WITH_WORDS else trimmed
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


def _masked(value: Any, masked: _Masked) -> Any:
    """A copy of a JSON value with every text in it masked."""
    if isinstance(value, str):
        return masked[value]
    if isinstance(value, (list, tuple)):
        return [_masked(item, masked) for item in value]
    if isinstance(value, dict):
        return {key: item if key in TECHNICAL else _masked(item, masked) for key, item in value.items()}
    return value


def _trimmed(event: dict) -> dict:
    parse_data = event.get("parse_data")
    if not parse_data:
        return event
    kept = {key: parse_data[key] for key in KEPT_OF_PARSE if key in parse_data}
    if "intent_ranking" in kept:
        kept["intent_ranking"] = kept["intent_ranking"][:MOST_RANKED]
    return {**event, "parse_data": kept}
