"""Signatures and encryption: the eight vectors, wechatpy as a second opinion, and everything that must be refused."""
import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from assistant.channels.wechat.codec import Cryptographer, Refused, check_signature, signature
from tests.assistant.channels.wechat.vectors import ENCRYPTED, OWN, SIGNATURES

KEY, APP_ID = OWN[1], OWN[2]
OURS = Cryptographer(KEY, APP_ID)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_is_that_of_the_vector(name: str) -> None:
    parts, expected = SIGNATURES[name]
    assert signature(*parts) == signature(*reversed(parts)) == expected


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_vector_is_read(name: str) -> None:
    vector = ENCRYPTED[name]
    check_signature(vector.signature, vector.token, vector.timestamp, vector.nonce, vector.encrypted)
    assert Cryptographer(vector.encoding_key, vector.app_id).decrypt(vector.encrypted).decode() == vector.text


@pytest.mark.parametrize("name", [name for name, vector in ENCRYPTED.items() if vector.random])
def test_a_vector_is_written_byte_for_byte(name: str) -> None:
    vector = ENCRYPTED[name]
    encrypted = Cryptographer(vector.encoding_key, vector.app_id).encrypt(vector.text.encode(), vector.random.encode())
    assert encrypted == vector.encrypted


@pytest.mark.parametrize("given_signature", ["", "0" * 40, SIGNATURES["V1 address check"][1].upper(), "身份证"])
def test_another_signature_is_refused(given_signature: str) -> None:
    with pytest.raises(Refused):
        check_signature(given_signature, *SIGNATURES["V1 address check"][0])


def test_two_encryptions_of_one_text_differ() -> None:
    assert OURS.encrypt(b"text") != OURS.encrypt(b"text")


@given(st.text())
def test_wechatpy_reads_what_we_write_and_we_what_it_writes(text: str) -> None:
    theirs = WeChatCrypto("token", KEY, APP_ID)
    envelope = f"<xml><Encrypt>{OURS.encrypt(text.encode())}</Encrypt></xml>"
    encrypted = envelope[len("<xml><Encrypt>"):-len("</Encrypt></xml>")]
    assert theirs.decrypt_message(envelope, signature("token", "1", "2", encrypted), "1", "2").encode() == text.encode()
    written = theirs.encrypt_message(text, "2", "1")
    assert OURS.decrypt(written.split("CDATA[")[1].split("]")[0]).decode() == text


def _encrypted(block: bytes) -> str:
    """A block as it is, with its own padding: what encrypt() would never make."""
    encryptor = Cipher(algorithms.AES(OURS.key), modes.CBC(OURS.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()


def _block(text: bytes = b"text", length: int = 4, app_id: str = APP_ID) -> bytes:
    return b"r" * 16 + length.to_bytes(4, "big") + text + app_id.encode()


def _padded(block: bytes, padding: int) -> bytes:
    return block + bytes([padding]) * (-len(block) % 16 or 16)


DAMAGED = {
    "empty": "",
    "no base64": "身份证!",
    "base64 with a line break": OURS.encrypt(b"text")[:8] + "\n" + OURS.encrypt(b"text")[8:],
    "no whole blocks": base64.b64encode(b"x" * 17).decode(),
    "one random block": base64.b64encode(b"x" * 16).decode(),
    "padding 0": _encrypted(_padded(_block(), 0)),
    "padding 33": _encrypted(_padded(_block(), 33)),
    "padding of unequal bytes": _encrypted(_block() + b"\x07" * (-len(_block()) % 32 - 1) + bytes([-len(_block()) % 32])),
    "a length beyond the end": _encrypted(_padded(_block(length=2 ** 32 - 1), -len(_block()) % 16)),
    "shorter than its head": _encrypted(b"r" * 8 + b"\x08" * 8),
    "another app id": _encrypted(_padded(_block(app_id="wx" + "f" * 16), -len(_block()) % 16)),
    "a longer app id": _encrypted(_padded(_block(app_id=APP_ID + "0"), -len(_block(app_id=APP_ID + "0")) % 16)),
}


@pytest.mark.parametrize("encrypted", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_encryption_cannot_have_made_is_refused(encrypted: str) -> None:
    with pytest.raises(Refused):
        OURS.decrypt(encrypted)


@settings(max_examples=300)
@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_byte_never_passes_for_another_app_id(at: int, change: int) -> None:
    """A change may hit the random part, or garble the text; then the signature refuses it, as it covers all."""
    encrypted = bytearray(base64.b64decode(OURS.encrypt(b"text", b"0123456789abcdef")))
    encrypted[at] ^= change
    changed = base64.b64encode(encrypted).decode()
    with pytest.raises(Refused):
        check_signature(signature("token", "1", "2", OURS.encrypt(b"text", b"0123456789abcdef")), "token", "1", "2", changed)
    try:
        OURS.decrypt(changed)
    except Refused:
        pass


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_and_nothing_else_happens(garbage: bytes) -> None:
    with pytest.raises(Refused):
        OURS.decrypt(base64.b64encode(garbage).decode())
