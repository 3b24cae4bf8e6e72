"""The installation's secret keys: they seal channels' secrets, sign links, and hash addresses.

The newest key comes first: it seals and signs; older ones still open, so keys can be rotated.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from subscriptions.errors import Mistake
from subscriptions.settings import settings

NONCE = 12  # bytes
SHORTEST = 32  # characters: less could be guessed


@cache
def secret_keys() -> tuple[str, ...]:
    """Give the keys of the settings, else those of the data folder, made at the first call.

    Raises Mistake for a key too short to be safe, or a key file that cannot be read.
    """
    given = [key.strip() for key in settings().secret_keys.get_secret_value().split(",") if key.strip()]
    keys = given or _kept(settings().data_dir / "secret.keys")
    if any(len(key) < SHORTEST for key in keys):
        raise Mistake(
            f"A key in TOCSIN_SECRET_KEYS is shorter than {SHORTEST} characters: "
            'make one with python3 -c "import secrets; print(secrets.token_urlsafe(32))".'
        )
    return tuple(keys)


def _kept(path: Path) -> list[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32) + "\n")
        try:
            os.link(fresh, path)  # of two processes that start at once one wins, and both read its key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        return path.read_text().split()
    except OSError as error:
        raise Mistake(
            f"The key file {path} cannot be read ({error.strerror}): give this user the right."
        ) from None


class Sealer:
    """Seals and opens secrets kept in the database: AES-256-GCM, a fresh nonce of 12 bytes before each."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._ciphers = [AESGCM(_derived(key, "seal")) for key in keys]

    def seal(self, secret: bytes) -> bytes:
        """Seal with the newest key."""
        nonce = os.urandom(NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, secret, None)

    def open(self, sealed: bytes) -> bytes:
        """Open what any of the keys sealed; raises Mistake where none did."""
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], None)
        raise Mistake(
            "A channel was sealed with a key that is not there any more: put it back at the end of "
            "TOCSIN_SECRET_KEYS."
        )


def sealer() -> Sealer:
    """Give what seals and opens secrets kept in the database."""
    return _sealer(secret_keys())


_sealer = lru_cache(maxsize=1)(Sealer)


def signer(purpose: str) -> URLSafeTimedSerializer:
    """Give what signs and checks tokens for one purpose; a token of another purpose does not pass."""
    keys = [_derived(key, "sign").hex() for key in reversed(secret_keys())]  # itsdangerous: newest last
    return URLSafeTimedSerializer(keys, salt=purpose)


def stamp(purpose: str) -> URLSafeSerializer:
    """Give what signs tokens that are the same each time, as of what many are sent; else as `signer`."""
    keys = [_derived(key, "sign").hex() for key in reversed(secret_keys())]
    return URLSafeSerializer(keys, salt=f"{purpose} stamp")


def digests(address: str) -> list[str]:
    """Hash an address with each key, newest first: it can be found again, not read."""
    return [hmac.digest(_derived(key, "digest"), address.encode(), "sha256").hex() for key in secret_keys()]


def seeds(use: str, length: int) -> tuple[bytes, ...]:
    """Give `length` bytes (64 at most) derived from each key for one use, newest first."""
    return tuple(_derived(key, use, length) for key in secret_keys())


def _derived(key: str, use: str, length: int = 32) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=length, person=use.encode()).digest()
