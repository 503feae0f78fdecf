"""Tokens of sessions and buttons. A session is known everywhere by a pseudonym; what the client holds is only its token."""
import re
import secrets
import time
from typing import List, Optional, Tuple

from assistant import keys
from assistant.storage.retention import WEB_SESSION_SECONDS as SESSION_SECONDS

_PURPOSE = "web session"
_BUTTON = re.compile(r"([0-9]{1,9})-([0-9]{1,3})-[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """A token that is good for SESSION_SECONDS, for a session that nobody has had yet."""
    return keys.sign(_PURPOSE, f"{int(time.time()) + SESSION_SECONDS}-{secrets.token_urlsafe(16)}")


def session_of(token: str, even_expired: bool = False) -> Optional[str]:
    """The name of the token's session, which is also the sender's in Rasa; None for a forged token, and for an expired one unless it may be."""
    value = keys.verify(_PURPOSE, token)
    if value is None or not even_expired and int(value.split("-", 1)[0]) < time.time():
        return None
    return "web-" + keys.pseudonym("web sender", value)


def button_token(session: str, seq: int, index: int) -> str:
    """What the client sends for a button: it says which one and is good in this session only; the payload stays here."""
    return f"{seq}-{index}-" + keys.pseudonym("web button", f"{session}/{seq}/{index}")


def button_of(session: str, token: str) -> Optional[Tuple[int, int]]:
    """(seq, index) of the button; None for a token that this session was not given."""
    found = _BUTTON.fullmatch(token)
    if not found:
        return None
    seq, index = int(found[1]), int(found[2])
    return (seq, index) if secrets.compare_digest(token, button_token(session, seq, index)) else None


def form_token(session: str) -> str:
    """What a form of the page without JavaScript carries, so that no other site can send it."""
    return keys.pseudonym("web form", session)


def public(session: str, messages: List) -> List[dict]:
    """Stored messages as the protocol shows them; absent keys are left out."""
    return [_public(session, message) for message in messages]


def _public(session: str, message) -> dict:
    shown = {"seq": message.seq, "from": message.author, "at": message.at, "text": message.text}
    if message.buttons:
        shown["buttons"] = [{"title": button["title"], "token": button_token(session, message.seq, index)}
                            for index, button in enumerate(message.buttons)]
    if message.custom:
        shown["custom"] = message.custom
    if message.author == "user":
        shown["client_msg_id"] = message.client_msg_id
    return shown
