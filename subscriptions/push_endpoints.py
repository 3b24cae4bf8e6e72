"""Push endpoints: where a browser asked to be pushed to (W3C Push API), read as a channel's address.

    webpush://HOST[:PORT]/PATH?p256dh=...&auth=...&key=...

is the endpoint https://HOST[:PORT]/PATH with the browser's two keys and the id of the VAPID key it was
made with. An endpoint may have a query of its own; ours stands behind it.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from subscriptions import base64url
from subscriptions.address import Address
from subscriptions.channel_kinds import WEB_PUSH
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.vapid import key_pair, newest_key_id

PLAIN = f"{WEB_PUSH}+http"  # for an endpoint by plain http on loopback: tests and rehearsals
SCHEMES = {WEB_PUSH: "https", PLAIN: "http"}
FORM = re.compile(r"(\S+)[?&]p256dh=([^&]*)&auth=([^&]*)&key=([^&]*)")
HOST = r"\[[0-9A-Fa-f:.]+\]|[\w.-]+"
ENDPOINT = re.compile(rf"(?P<scheme>https?)://(?P<place>({HOST})(:\d{{1,5}})?)([/?][!\"$-~]*)?", re.ASCII)
LONGEST_ENDPOINT = 1800  # characters; the longest seen, of Windows' push service, have some 700
POINT_BYTES, AUTH_BYTES = 65, 16


def read_push_address(text: str) -> Address:
    """Read a webpush:// address; raises Mistake, without its secrets, if it cannot be pushed to."""
    scheme, _, rest = text.partition("://")
    form = FORM.fullmatch(rest)
    if scheme.lower() not in SCHEMES or form is None:
        raise Mistake(
            "The webpush:// address is not complete: "
            "it looks like webpush://push.example/PATH?p256dh=...&auth=...&key=..."
        )
    place, p256dh, auth, key_id = form.groups()
    return _address(f"{SCHEMES[scheme.lower()]}://{place}", p256dh, auth, key_id)


def push_address(subscription: Mapping[str, Any], key_id: str = "") -> str:
    """Make the address of a browser's PushSubscription, as its toJSON() gives it.

    `key_id` is the VAPID key the browser subscribed with, the newest if not given. Raises Mistake for a
    subscription that cannot be pushed to.
    """
    keys = subscription.get("keys")
    keys = keys if isinstance(keys, Mapping) else {}
    given = (subscription.get("endpoint"), keys.get("p256dh"), keys.get("auth"))
    if not all(isinstance(part, str) for part in given):
        raise Mistake(
            "The push subscription is not complete: send what the browser's toJSON() gives, "
            "with endpoint, keys.p256dh and keys.auth."
        )
    endpoint, p256dh, auth = (str(part) for part in given)
    return spelled(_address(endpoint, p256dh, auth, key_id or newest_key_id()).parts)


def spelled(parts: Mapping[str, str]) -> str:
    """Write the parts of a push endpoint as an address. It is secret: never log it."""
    scheme, _, place = parts["endpoint"].partition("://")
    kind = WEB_PUSH if scheme == "https" else PLAIN
    ours = f"p256dh={parts['p256dh']}&auth={parts['auth']}&key={parts['key_id']}"
    return f"{kind}://{place}{'&' if '?' in place else '?'}{ours}"


def _address(endpoint: str, p256dh: str, auth: str, key_id: str) -> Address:
    place = _place(endpoint)
    parts = {
        "schema": WEB_PUSH,
        "endpoint": endpoint,
        "p256dh": base64url.encode(_public_key(p256dh)),
        "auth": base64url.encode(_auth_secret(auth)),
        "key_id": key_pair(key_id).key_id,
    }
    return Address(WEB_PUSH, parts, spelling(endpoint), f"{WEB_PUSH}://{place}/…")


def spelling(endpoint: str) -> str:
    """Give the one spelling by which an endpoint's channel is found again."""
    return f"{WEB_PUSH}:{endpoint}"


def _place(endpoint: str) -> str:
    """Check an endpoint and give its host and port."""
    if len(endpoint) > LONGEST_ENDPOINT:
        raise Mistake(
            f"The push endpoint is longer than {LONGEST_ENDPOINT} characters: no browser makes such."
        )
    written = ENDPOINT.fullmatch(endpoint)
    host = _host(endpoint)
    if written is None or not host.strip("."):
        raise Mistake("The push endpoint is no web address: send the one the browser gave, unchanged.")
    if written["scheme"] != "https" and not (settings().private_addresses and _loopback(host)):
        raise Mistake(
            "The push endpoint is not https: browsers give none that is not, send theirs unchanged."
        )
    return written["place"].lower()


def _host(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return ""  # a port too high, or brackets around no address
    return "" if port == 0 else parts.hostname or ""


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public_key(p256dh: str) -> bytes:
    point = _decoded(p256dh, POINT_BYTES)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise Mistake(
            "The push subscription's p256dh is no public key: "
            "it is the base64url of 65 bytes that are a point of P-256."
        ) from None
    return point


def _auth_secret(auth: str) -> bytes:
    secret = _decoded(auth, AUTH_BYTES)
    if not secret:
        raise Mistake("The push subscription's auth is wrong: it is the base64url of 16 bytes.")
    return secret


def _decoded(text: str, length: int) -> bytes:
    """Decode base64url; nothing for what is none, or of another length."""
    try:
        raw = base64url.decode(text)
    except ValueError:
        return b""
    return raw if len(raw) == length else b""
