"""The platform's signatures and encryption ("safe mode"), and nothing of what the messages mean.

A plain text travels as random(16) + length(4, big-endian) + text + app id, PKCS#7-padded to multiples of 32, AES-256-CBC
with the first 16 bytes of the key as IV. What is signed are its parts, sorted and joined, by SHA-1. Source: the platform's
documents on message encryption; the vectors in the tests are theirs.
"""
import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Optional

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

RANDOM_BYTES, LENGTH_BYTES, CIPHER_BLOCK, PADDING_BLOCK = 16, 4, 16, 32


class Refused(Exception):
    """A request that is not from the platform, or damaged. The message is for the log; whoever sent it is told nothing."""


def signature(*parts: str) -> str:
    """40 lower-case hexadecimal digits over the parts, whatever their order."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Raise Refused unless `given` is the signature of the parts; takes as long for a near miss as for a far one."""
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), signature(*parts).encode()):
        raise Refused("wrong signature")


@dataclass(frozen=True)
class Cryptographer:
    """Encrypts and decrypts for one account; `encoding_key` is the 43 characters of its settings page."""

    encoding_key: str = field(repr=False)
    app_id: str

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.encoding_key + "=")

    def encrypt(self, text: bytes, random: Optional[bytes] = None) -> str:
        """Base64; `random` (16 bytes) is only given to reproduce a known result."""
        random = random or secrets.token_bytes(RANDOM_BYTES)
        block = random + len(text).to_bytes(LENGTH_BYTES, "big") + text + self.app_id.encode()
        padding = PADDING_BLOCK - len(block) % PADDING_BLOCK
        encryptor = self._cipher().encryptor()
        encrypted = encryptor.update(block + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(encrypted).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The text. Raises Refused for whatever encrypt() with the same key and app id cannot have made."""
        try:
            encrypted_bytes = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise Refused("not base64") from None
        if not encrypted_bytes or len(encrypted_bytes) % CIPHER_BLOCK:
            raise Refused("not whole blocks")
        decryptor = self._cipher().decryptor()
        block = _without_padding(decryptor.update(encrypted_bytes) + decryptor.finalize())
        start = RANDOM_BYTES + LENGTH_BYTES
        end = start + int.from_bytes(block[RANDOM_BYTES:start], "big")
        if len(block) < start or end > len(block):
            raise Refused("wrong length")
        if not hmac.compare_digest(block[end:], self.app_id.encode()):
            raise Refused("another app id")
        return block[start:end]

    def _cipher(self) -> Cipher:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:CIPHER_BLOCK]))


def _without_padding(padded: bytes) -> bytes:
    padding = padded[-1]
    if not 1 <= padding <= PADDING_BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise Refused("wrong padding")
    return padded[:-padding]
