"""The door of the channel: what comes in is refused, or proven to be the platform's and read; what goes out is sealed.

The order matters: size, then signature, then decryption, then the message itself. Nothing is worked on before it is proven.
"""
import time
from typing import Callable, Mapping, Sequence

from assistant.channels.wechat import messages
from assistant.channels.wechat.account import SAFE, Account
from assistant.channels.wechat.codec import Cryptographer, Refused, check_signature, signature

LARGEST_BODY = 64 * 1024  # bytes; the longest message is some 10 KB
OLDEST_SECONDS = 300  # a repetition comes within 15 seconds; clocks may differ

Query = Mapping[str, Sequence[str]]  # as Sanic gives it: every value of every parameter


class Reception:
    """`clock` tells the seconds since 1970."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.time) -> None:
        self.account, self.clock = account, clock
        self.cryptographer = Cryptographer(account.aes_key, account.app_id)

    def greet(self, query: Query) -> str:
        """What the platform wants to read back when the address is entered on the settings page."""
        self._prove(query, "signature")
        return _one(query, "echostr")

    def read(self, query: Query, body: bytes) -> messages.AnyMessage:
        """The message of a push. Raises Refused."""
        if len(body) > LARGEST_BODY:
            raise Refused("too large")
        if self.account.mode == SAFE:
            if _one(query, "encrypt_type") != "aes":
                raise Refused("not encrypted")
            outside = messages.envelope(body)
            self._prove(query, "msg_signature", outside.encrypted)
            if outside.account != self.account.original_id:
                raise Refused("another account")
            body = self.cryptographer.decrypt(outside.encrypted)
        else:
            self._prove(query, "signature")
        message = messages.message(body)
        if message.account != self.account.original_id:
            raise Refused("another account")
        return message

    def reply(self, query: Query, message: messages.Message, text: str) -> bytes:
        """The body that answers `message`, which came with `query`."""
        now = int(self.clock())
        plain = messages.text_reply(message.sender, message.account, text, now)
        if self.account.mode != SAFE:
            return plain
        nonce, encrypted = _one(query, "nonce"), self.cryptographer.encrypt(plain)
        signed = signature(self.account.token, str(now), nonce, encrypted)
        return messages.encrypted_reply(encrypted, signed, str(now), nonce)

    def _prove(self, query: Query, name: str, *content: str) -> None:
        timestamp = _one(query, "timestamp")
        check_signature(_one(query, name), self.account.token, timestamp, _one(query, "nonce"), *content)
        if not timestamp.isdecimal() or abs(self.clock() - int(timestamp)) > OLDEST_SECONDS:
            raise Refused("stale")


def _one(query: Query, name: str) -> str:
    values = query.get(name) or ()
    if len(values) != 1 or not values[0]:
        raise Refused(f"{name} missing or repeated")
    return values[0]
