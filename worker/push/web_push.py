"""Pushing to a browser over this process's wire: as the plugin does, but none is made for each message."""

from typing import Any

import requests

from subscriptions import base64url, clock
from worker.push.aes128gcm import encrypt
from worker.push.bridge import Request, exchange
from worker.push.compose import Message
from worker.push.vapid_token import authorization
from worker.push.web_push_message import lasting_s, written

SENDER = "Tocsin"


async def push(parts: dict[str, Any], message: Message) -> bool:
    """Encrypt and post a message to the endpoint with these parts; tells whether it was accepted.

    Raises Mistake when no secret key gives the endpoint's VAPID key any more.
    """
    said, handling = written(message)
    sent = headers(
        parts["endpoint"], parts["key_id"], SENDER, ttl=lasting_s(message, clock.now()), **handling
    )
    body = encrypt(said, base64url.decode(parts["p256dh"]), base64url.decode(parts["auth"]))
    try:
        return bool((await exchange(Request("POST", parts["endpoint"], sent, body))).ok)
    except requests.RequestException:
        return False


def headers(endpoint: str, key_id: str, sender: str, *, ttl: int, urgency: str, topic: str) -> dict[str, str]:
    """Give a push's headers (RFC 8030, 8188, 8292): `ttl` in seconds, `topic` "" to replace nothing."""
    given = {
        "User-Agent": sender,
        "TTL": str(ttl),
        "Urgency": urgency,
        "Authorization": authorization(endpoint, key_id),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    }
    return {**given, "Topic": topic} if topic else given
