"""VAPID (RFC 8292): the key pairs by which push services know this installation.

They are derived from its secret keys, so nothing more is stored, and every machine with the same secret
keys has the same pairs. A push endpoint belongs to the pair it was made with; its key id says which.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from subscriptions import base64url
from subscriptions.errors import Mistake
from subscriptions.keys import seeds

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SP 800-186)
# FIPS 186-5, A.2.1, asks for 64 bits more than the order has; 128 leave no scalar likelier by over 2**-128.
SEED_BYTES = 48
KEY_ID_BYTES = 9  # twelve letters


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A pair of P-256, its public half as an uncompressed point of 65 bytes."""

    private: ec.EllipticCurvePrivateKey
    public: bytes
    key_id: str


def application_server_key() -> str:
    """Give the newest public key as a page hands it to the browser's `pushManager.subscribe`."""
    return base64url.encode(_key_pairs(seeds("vapid", SEED_BYTES))[0].public)


def newest_key_id() -> str:
    """Give the id of the key that new push endpoints are made with."""
    return _key_pairs(seeds("vapid", SEED_BYTES))[0].key_id


def key_pair(key_id: str) -> KeyPair:
    """Find a pair by its id; raises Mistake when no secret key gives it any more."""
    for pair in _key_pairs(seeds("vapid", SEED_BYTES)):
        if pair.key_id == key_id:
            return pair
    raise Mistake(
        f"The VAPID key {key_id[:16]!r} of a push endpoint belongs to none of TOCSIN_SECRET_KEYS: put the "
        "secret key it came from back behind the newest, or let the reader's browser subscribe again."
    )


@lru_cache(maxsize=8)
def _key_pairs(newest_first: tuple[bytes, ...]) -> tuple[KeyPair, ...]:
    return tuple(_key_pair(seed) for seed in newest_first)


def _key_pair(seed: bytes) -> KeyPair:
    scalar = int.from_bytes(seed, "big") % (ORDER - 1) + 1  # 1 to ORDER - 1: what a private key may be
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key_id = base64url.encode(hashlib.sha256(public).digest()[:KEY_ID_BYTES])
    return KeyPair(private, public, key_id)
