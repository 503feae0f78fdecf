"""Keys made from the one secret, and what is done with them: signed tokens and pseudonyms.

Each purpose has a key of its own (HMAC-SHA256 of its name under the secret): what is signed for one can be used for no other.
"""
import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

from assistant import settings

DEVELOPMENT_KEY = Path("var/secret.key")
LEAST_CHARACTERS = 32
LEAST_DIFFERENT = 10  # "aaaa…" and "changeme…" are no secrets
PSEUDONYM_BYTES = 16


def check() -> None:
    """Raise SettingError where the secret is missing or weak and the public would rely on it."""
    _secret(os.environ.get("IDCARD_SECRET_KEY", ""), settings.in_service())


def derive(purpose: str) -> bytes:
    """The key (32 bytes) for one purpose, such as "web session"; the same in every process with the same secret."""
    secret = _secret(os.environ.get("IDCARD_SECRET_KEY", ""), settings.in_service())
    return hmac.digest(secret, purpose.encode(), "sha256")


def pseudonym(purpose: str, value: str) -> str:
    """What stands for `value` (an openid, an address) wherever it is written down; 22 characters, not to be reversed."""
    digest = hmac.digest(derive(purpose), value.encode(), "sha256")
    return urlsafe_b64encode(digest[:PSEUDONYM_BYTES]).rstrip(b"=").decode()


def sign(purpose: str, value: str) -> str:
    """`value` and its signature as one token; `value` holds no dot."""
    return f"{value}.{_signature(purpose, value)}"


def verify(purpose: str, token: str) -> "str | None":
    """The value of a token that sign() made for this purpose; None for any other text."""
    value, dot, signature = token.rpartition(".")
    if dot and hmac.compare_digest(_bytes(signature), _bytes(_signature(purpose, value))):
        return value
    return None


def _signature(purpose: str, value: str) -> str:
    return urlsafe_b64encode(hmac.digest(derive(purpose), _bytes(value), hashlib.sha256)).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a forged token may hold anything


@lru_cache(maxsize=2)
def _secret(given: str, in_service: bool) -> bytes:
    if given:
        if len(given) < LEAST_CHARACTERS or len(set(given)) < LEAST_DIFFERENT:
            raise settings.SettingError(
                f"IDCARD_SECRET_KEY is too weak: {LEAST_CHARACTERS} characters or more, by chance. "
                'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"')
        return given.encode()
    if in_service:
        raise settings.SettingError('IDCARD_SECRET_KEY is missing. Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"')
    return _development_secret()


def _development_secret() -> bytes:
    """Made once and kept, so that sessions outlive a restart; readable by its owner alone."""
    if not DEVELOPMENT_KEY.is_file():
        DEVELOPMENT_KEY.parent.mkdir(parents=True, exist_ok=True)
        partial = DEVELOPMENT_KEY.with_suffix(f".{os.getpid()}")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(partial, DEVELOPMENT_KEY)  # fails where another process was faster, whose key then counts
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return DEVELOPMENT_KEY.read_bytes()
