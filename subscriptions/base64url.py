"""Bytes as letters that are safe in addresses and headers (RFC 4648, 5), without padding."""

from base64 import urlsafe_b64encode
from binascii import a2b_base64


def encode(raw: bytes) -> str:
    """Write bytes as base64url."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url, padded or not; raises ValueError for anything that is not its one way to be written."""
    bare = text.rstrip("=")
    raw = a2b_base64(bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4))
    if encode(raw) != bare:
        raise ValueError("not base64url")
    return raw
