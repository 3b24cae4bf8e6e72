"""The Authorization header by which a push service knows who sends (RFC 8292), signed once per service."""

import json
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from subscriptions import base64url, clock
from subscriptions.channels import MAIL_ADDRESS
from subscriptions.settings import settings
from subscriptions.vapid import key_pair

PERIOD_S = 6 * 3600  # a token is good for one to two of these: RFC 8292 allows 24 hours
DEFAULT_PORTS = {"http": 80, "https": 443}
HEADER = base64url.encode(b'{"typ":"JWT","alg":"ES256"}')


def authorization(endpoint: str, key_id: str) -> str:
    """Give the header for an endpoint; raises Mistake when no secret key gives its VAPID key any more."""
    expires = (int(clock.now().timestamp()) // PERIOD_S + 2) * PERIOD_S
    given = settings()
    origin = _origin("/".join(endpoint.split("/", 3)[:3]))  # without the path, services are few
    return _signed(origin, key_id, contact(given.site, given.mail_url.get_secret_value()), expires)


@lru_cache(maxsize=64)
def contact(site: str, mail_url: str) -> str:
    """Choose whom a push service may turn to: the site if it is https, else who sends our mails, or ""."""
    if site.startswith("https://"):
        return site
    server = urlsplit(mail_url)
    user = unquote(server.username or "")
    named = parseaddr(parse_qs(server.query).get("from", [""])[0])[1]
    for address in (named, user, f"{user}@{server.hostname or ''}"):
        if MAIL_ADDRESS.fullmatch(address):
            return f"mailto:{address}"
    return ""


@lru_cache(maxsize=1024)  # endpoints are strangers': they could name any number of services
def _signed(origin: str, key_id: str, subject: str, expires: int) -> str:
    pair = key_pair(key_id)
    claims = {"aud": origin, "exp": expires} | ({"sub": subject} if subject else {})
    signed = f"{HEADER}.{base64url.encode(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(pair.private.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = base64url.encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={base64url.encode(pair.public)}"


@lru_cache(maxsize=1024)
def _origin(service: str) -> str:
    """Give an address's origin as RFC 6454 writes it."""
    parts = urlsplit(service)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
