"""What a web push says: the JSON a page's service worker gets, and how it is to be handled. Pure.

docs/web-push.md describes the JSON for those who write such a page.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from subscriptions import base64url
from worker.push.aes128gcm import ROOM
from worker.push.compose import Message
from worker.push.direction import direction
from worker.push.fit import fit

LONGEST_TTL = timedelta(days=1)
COLLAPSE_KEY_BYTES = 24  # 32 letters, the most RFC 8030 allows a Topic
# Bytes as JSON; what is longer is left out, since half an address leads nowhere. Language: RFC 5646, 4.4.1.
LONGEST = {"link": 2048, "image": 1024, "tag": 64, "language": 35}
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
GIVE_WAY = ("title", "text", "note")  # when the whole is too long


def arguments(message: Message, now: datetime) -> dict[str, Any]:
    """Give what the plugin is constructed with for a message, besides the endpoint.

    Its title and text go by `notify(title=message.title, body=message.text or message.title)`.
    """
    return _shown(message) | _handling(message) | {"ttl": lasting_s(message, now)}


def lasting_s(message: Message, now: datetime) -> int:
    """Tell for how many seconds a push service is to keep a message for a browser that is away."""
    left = message.expires_at - now if message.expires_at else LONGEST_TTL
    return max(0, int(min(left, LONGEST_TTL).total_seconds()))


@lru_cache(maxsize=1000)  # one message goes to many
def written(message: Message) -> tuple[bytes, dict[str, str]]:
    """Give a message's JSON, and its Urgency and Topic."""
    said = {"title": message.title, "text": message.text, **_shown(message)}
    return payload(said), _handling(message)


def _handling(message: Message) -> dict[str, str]:
    return {"urgency": "high" if message.urgent else "normal", "topic": collapse_key(message.thread)}


def _shown(message: Message) -> dict[str, str]:
    return {
        "link": message.link,
        "image": message.image,
        "tag": collapse_key(message.thread),
        "language": message.language,
        "direction": direction(message.language, f"{message.title} {message.text}"),
        "note": message.note,
        "story": str(message.story or ""),
        "receipt": message.receipt,
        "withdraws": "yes" if message.withdraws else "",
    }


def collapse_key(thread: str) -> str:
    """Give the Topic of all messages of a thread: 32 letters that say nothing; "" for no thread.

    A push service keeps only the newest message of a Topic for a browser that is away.
    """
    digest = hashlib.blake2b(thread.encode(), digest_size=COLLAPSE_KEY_BYTES, person=b"collapse key")
    return base64url.encode(digest.digest()) if thread else ""


def payload(said: Mapping[str, str]) -> bytes:
    """Write a message as JSON of at most ROOM bytes; what is empty is left out, the rest fitted."""
    fields = {name: value for name, value in said.items() if value and _fits(name, value)}
    message = Message(fields.get("title", ""), fields.get("text", ""), note=fields.get("note", ""))
    fitting = fit(message, lambda tried: len(_json(_with(fields, tried))) <= ROOM)
    return _json(_with(fields, fitting))


def _with(fields: Mapping[str, str], message: Message) -> dict[str, str]:
    said = {**fields, **{name: getattr(message, name) for name in GIVE_WAY}}
    return {name: value for name, value in said.items() if value}


def _fits(name: str, value: str) -> bool:
    return name not in LONGEST or len(_json(value)) - len('""') <= LONGEST[name]


def _json(value: object) -> bytes:
    # Half a surrogate pair, which no UTF-8 can hold, becomes a question mark.
    return ENCODER.encode(value).encode("utf-8", "replace")
