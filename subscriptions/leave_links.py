"""The short link at the end of a message, by which whoever reads it changes what comes, or leaves.

It is made of a channel's number and a signature of it: nothing is stored for it, and for each of many
recipients it takes some microseconds. All are of one length, so that a message is written once for many
readers, with PLACE where the link of each belongs. No publisher can guess PLACE, and so have readers' links
written into an address of their own.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from subscriptions import base64url
from subscriptions.keys import secret_keys, seeds
from subscriptions.settings import settings

PATH = "/l/"
NUMBER, SIGNATURE = 6, 9  # bytes: together 20 letters, with no bit to spare
PLACE = PATH + base64url.encode(secrets.token_bytes(NUMBER + SIGNATURE))


def leave_place() -> str:
    """Give the address that stands for every reader's own until the message goes out."""
    return f"{settings().site}{PLACE}"


def leave_path(channel_id: int) -> str:
    """Give the path of a channel's own link; it stays the same as long as the newest secret key does."""
    # The number's highest byte, which is 0, comes last: chats cut "-" and "_" off the ends of links.
    number = channel_id.to_bytes(NUMBER, "little")
    return PATH + base64url.encode(_signed(0, number) + number)


def channel_of(token: str) -> int | None:
    """Give the number of the channel that a link's token is of; None where no key of ours signed it."""
    try:
        raw = base64url.decode(token)
    except ValueError:
        return None
    signature, number = raw[:SIGNATURE], raw[SIGNATURE:]
    keys = range(len(secret_keys()))
    signed = [hmac.compare_digest(_signed(key, number), signature) for key in keys]
    return int.from_bytes(number, "little") if len(number) == NUMBER and any(signed) else None


def _signed(key: int, number: bytes) -> bytes:
    signing = _signing(secret_keys())[key].copy()
    signing.update(number)
    return signing.digest()


@lru_cache(maxsize=1)
def _signing(_keys: tuple[str, ...]) -> "list[hashlib.blake2b]":
    return [hashlib.blake2b(digest_size=SIGNATURE, key=seed) for seed in seeds("leave link", 32)]
