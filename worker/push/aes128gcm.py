"""Encrypting a push message for one browser (RFC 8291 over RFC 8188, one record). Pure but for chance.

HKDF is written out as the few HMACs it is for outputs this short: half the time of a general one.
"""

import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
SALT_BYTES = 16
LONGEST_BODY = 4096  # bytes a push service must take (RFC 8030, 7.2); also our record size
LAST_RECORD = b"\x02"
OVERHEAD = SALT_BYTES + 4 + 1 + 65 + len(LAST_RECORD) + 16  # header, delimiter and GCM's tag
ROOM = LONGEST_BODY - OVERHEAD  # 3993 bytes of plaintext


def encrypt(
    plaintext: bytes,
    receiver: bytes,
    auth: bytes,
    salt: bytes = b"",
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Encrypt at most ROOM bytes for the browser with this public point (65 bytes) and secret (16 bytes).

    Salt and sender's key are made anew unless given, as a test vector does. Raises ValueError for more.
    """
    if len(plaintext) > ROOM:
        raise ValueError(f"a push message has room for {ROOM} bytes, not {len(plaintext)}")
    salt = salt or os.urandom(SALT_BYTES)
    sender = sender or ec.generate_private_key(CURVE)
    point = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = sender.exchange(ec.ECDH(), _public_key(receiver))
    key, nonce = _key_and_nonce(shared, auth, b"WebPush: info\0" + receiver + point, salt)
    header = salt + LONGEST_BODY.to_bytes(4, "big") + bytes([len(point)]) + point
    return header + AESGCM(key).encrypt(nonce, plaintext + LAST_RECORD, None)


def _key_and_nonce(shared: bytes, auth: bytes, info: bytes, salt: bytes) -> tuple[bytes, bytes]:
    keying = hmac.digest(hmac.digest(auth, shared, "sha256"), info + b"\x01", "sha256")
    derived = hmac.digest(salt, keying, "sha256")
    key = hmac.digest(derived, b"Content-Encoding: aes128gcm\0\x01", "sha256")[:16]
    return key, hmac.digest(derived, b"Content-Encoding: nonce\0\x01", "sha256")[:12]


@lru_cache(maxsize=8192)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
