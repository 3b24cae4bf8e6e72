"""A browser that subscribed to pushes: its keys, and how it opens what it gets, apart from our own code."""

import json
from dataclasses import dataclass, field
from os import urandom
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from subscriptions import base64url

CURVE = ec.SECP256R1()


@dataclass
class Subscribed:
    """One subscription of a browser, as its push manager keeps it."""

    endpoint: str = "https://push.example/send/abc"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = field(default_factory=lambda: urandom(16))

    @property
    def public(self) -> bytes:
        """The browser's public key as an uncompressed point."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def to_json(self) -> dict[str, Any]:
        """Give what the browser's PushSubscription.toJSON() gives."""
        keys = {"p256dh": base64url.encode(self.public), "auth": base64url.encode(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def opens(self, body: bytes) -> bytes:
        """Open an encrypted body (RFC 8188 and 8291); raises InvalidTag for one that was tampered with."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        keying = _hkdf(self.auth, b"WebPush: info\0" + self.public + sender, 32, shared)
        key = _hkdf(salt, b"Content-Encoding: aes128gcm\0", 16, keying)
        nonce = _hkdf(salt, b"Content-Encoding: nonce\0", 12, keying)
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert padded.endswith(b"\x02"), "the last record ends with 2"
        return padded[:-1]

    def reads(self, body: bytes) -> dict[str, str]:
        """Open an encrypted body that holds JSON."""
        message: dict[str, str] = json.loads(self.opens(body))
        return message


def _hkdf(salt: bytes, info: bytes, length: int, secret: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
