"""The installation's secret keys: they seal channels' secrets, sign links, and hash addresses.

The newest key comes first: it seals and signs; older ones still open, so keys can be rotated.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import cache, lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from itsdangerous import URLSafeTimedSerializer

from subscriptions.errors import Mistake
from subscriptions.settings import settings

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


def sealer() -> MultiFernet:
    """Give what seals and opens secrets kept in the database (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _sealer(secret_keys())


@lru_cache(maxsize=1)
def _sealer(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key, "seal"))) for key in keys])


def signer(purpose: str) -> URLSafeTimedSerializer:
    """Give what signs and checks tokens for one purpose; a token of another purpose does not pass."""
    keys = [_derived(key, "sign").hex() for key in reversed(secret_keys())]  # itsdangerous: newest last
    return URLSafeTimedSerializer(keys, salt=purpose)


def digests(address: str) -> list[str]:
    """Hash an address with each key, newest first: it can be found again, not read."""
    return [hmac.digest(_derived(key, "digest"), address.encode(), "sha256").hex() for key in secret_keys()]


def seeds(use: str, length: int) -> tuple[bytes, ...]:
    """Give `length` bytes (64 at most) derived from each key for one use, newest first."""
    return tuple(_derived(key, use, length) for key in secret_keys())


def _derived(key: str, use: str, length: int = 32) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=length, person=use.encode()).digest()
