"""Reads the body of a request of the web channel: only what the protocol names, of the kind it names, and not too much."""
import json
import re
import unicodedata
from typing import Any, Dict, List, Mapping, Tuple

from assistant.channels.web.errors import WebError

LARGEST_BODY = 16 * 1024  # bytes
LONGEST_TEXT = 2000  # characters
LONGEST_REASON = 500
CLIENT_MSG_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_UNSEEN = {"Cc", "Cf", "Cs"}  # controls, invisible and direction marks, halves of characters: no database and no page wants them


def read_body(body: bytes, fields: Mapping[str, type]) -> Dict[str, Any]:
    """The object in `body`. It is flat: every value is a string or a number, so that nothing can be nested in it.

    Raises WebError bad_request for anything else: no JSON, another kind of value, a key that `fields` does not name, or twice.
    """
    try:
        found = json.loads(body or b"{}", object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise WebError("bad_request") from None
    if type(found) is not dict or any(type(value) is not fields.get(key) for key, value in found.items()):
        raise WebError("bad_request")
    return found


def _without_repeats(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def client_msg_id(given: Any) -> str:
    if not isinstance(given, str) or not CLIENT_MSG_ID.fullmatch(given):
        raise WebError("bad_request")
    return given


def written(text: str, longest: int = LONGEST_TEXT) -> str:
    """What a person wrote, without what cannot be seen; lines stay."""
    if len(text) > longest:
        raise WebError("too_large")
    seen = "".join(character for character in text if character == "\n" or unicodedata.category(character) not in _UNSEEN)
    return seen.strip()
