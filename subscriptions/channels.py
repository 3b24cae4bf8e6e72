"""Channels: which addresses a subscriber may have, and keeping them sealed.

An address is read once, when the channel is saved: parsed, checked, and its parts sealed. Only the
sending code opens them.
"""

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from apprise.plugins import url_to_dict
from pydantic_core import from_json
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.address import Address
from subscriptions.channel_kinds import (
    EMAIL,
    FORBIDDEN_ARGUMENTS,
    FORBIDDEN_KINDS,
    LACKING_KINDS,
    allowed_kinds,
    plugin_class,
)
from subscriptions.errors import Mistake
from subscriptions.keys import digests, sealer
from subscriptions.push_endpoints import SCHEMES, read_push_address
from subscriptions.settings import settings
from subscriptions.tables import Channel, ChannelStatus, Subscriber

# Local part and domain as the SMTP servers of today take them (RFC 5321 without quoted parts).
MAIL_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([\w-]{1,63}\.)*[\w-]{1,63}")
LONGEST = 2000  # characters of an address


def read_address(text: str) -> Address:
    """Read a mail address or an Apprise URL; raises Mistake, without its secrets, if it cannot be used."""
    text = text.strip()
    if not text or len(text) > LONGEST or any(ord(letter) < ord(" ") or letter == "\x7f" for letter in text):
        raise Mistake(
            "That is no address: give a mail address or an Apprise URL such as ntfys://ntfy.example/news."
        )
    if "://" not in text:
        return _mail_address(text)
    scheme = text.split("://", 1)[0].lower()
    if scheme in SCHEMES:
        return read_push_address(text)
    _check_kind(scheme)
    parts = url_to_dict(text, secure_logging=True)
    if not parts or parts.get("schema") != scheme or "qsd" not in parts:
        targets = 0
    else:
        _check_arguments(scheme, parts["qsd"])
        targets = _targets(scheme, parts)
    if not parts or not targets:
        raise Mistake(
            f"The {scheme}:// address is not complete or not well written: "
            f"see https://appriseit.com/services/ for how {scheme}:// looks."
        )
    if targets > 1:
        raise Mistake(
            f"That {scheme}:// address has {targets} targets: add a channel for each, "
            "so that it can be told for each whether the message came."
        )
    host = str(parts.get("host") or "")
    return Address(scheme, parts, text, f"{scheme}://{_host_label(scheme, text, host)}")


def add_channel(
    session: Session,
    subscriber: Subscriber,
    text: str,
    *,
    private: bool = False,
    status: ChannelStatus = ChannelStatus.live,
) -> Channel:
    """Store a channel of a subscriber, its secrets sealed; raises Mistake for a wrong or a known address.

    `private`: an admin lets it lead to this machine or a private network.
    """
    address = read_address(text)
    if find_channel(session, subscriber, address) is not None:
        raise Mistake(f"{subscriber.name} has that channel already ({address.label}).")
    return store_channel(session, subscriber, address, private=private, status=status)


def store_channel(
    session: Session,
    subscriber: Subscriber,
    address: Address,
    *,
    private: bool = False,
    status: ChannelStatus = ChannelStatus.live,
) -> Channel:
    """Store a channel with an address that was read, its secrets sealed."""
    now = clock.now()
    assert subscriber.id is not None  # noqa: S101 - it came from the database
    channel = Channel(
        subscriber_id=subscriber.id,
        **_kept(address),
        private=private or settings().private_addresses,
        status=status,
        status_at=now,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    return channel


def find_channel(session: Session, subscriber: Subscriber | None, address: Address) -> Channel | None:
    """Find the channel that has an address: a subscriber's, or anybody's where none is given."""
    wanted = select(Channel).where(col(Channel.digest).in_(digests(address.spelling)))
    if subscriber is not None:
        wanted = wanted.where(Channel.subscriber_id == subscriber.id)
    return session.exec(wanted).first()


def readdress(session: Session, channel: Channel, address: Address) -> None:
    """Let a channel lead to another address of the same owner, who has never refused there."""
    channel.sqlmodel_update(_kept(address) | {"refusals": 0})
    session.add(channel)
    session.flush()


def _kept(address: Address) -> dict[str, Any]:
    sealed = sealer().seal(json.dumps(address.parts).encode())
    kept = {"scheme": address.scheme, "sealed": sealed, "label": address.label}
    return kept | {"digest": digests(address.spelling)[0]}


def open_channel(sealed: bytes) -> dict[str, Any]:
    """Open a channel's parts, as Apprise's plugin takes them. They are secret: never log them."""
    parts: dict[str, Any] = from_json(sealer().open(sealed))
    return parts


def _mail_address(text: str) -> Address:
    if not MAIL_ADDRESS.fullmatch(text):
        near = "a mail address looks like ann@news.example, other channels like ntfys://ntfy.example/news"
        raise Mistake(f"That is neither a mail address nor an Apprise URL: {near}.")
    local, _at, domain = text.rpartition("@")
    spelling = f"{local}@{domain.lower()}"
    return Address(EMAIL, {"to": spelling}, f"{EMAIL}:{spelling.lower()}", f"{local[:1]}…@{domain.lower()}")


def _check_kind(scheme: str) -> None:
    if scheme in FORBIDDEN_KINDS:
        raise Mistake(
            f"Channels of the kind {scheme}:// are not allowed: choose another, for example ntfys://."
        )
    if scheme in LACKING_KINDS:
        raise Mistake(
            f"Tocsin does not send to {scheme}://: Apprise does so by the library {LACKING_KINDS[scheme]}, "
            "which Tocsin does not bring. Choose another kind, for example ntfys://."
        )
    if scheme in ("http", "https"):
        raise Mistake(
            f"{scheme}:// is no kind of channel: an address begins with its service's kind, as discord:// or "
            "slack://, or json:// for a webhook of your own; https://appriseit.com/services/ lists them."
        )
    if scheme not in allowed_kinds():
        near = get_close_matches(scheme, sorted(allowed_kinds()), n=1)
        hint = (
            f"did you mean {near[0]}://?"
            if near
            else "https://appriseit.com/services/ lists the kinds there are."
        )
        raise Mistake(f"There is no kind of channel {scheme[:40]}://: {hint}")


def _check_arguments(scheme: str, names: Iterable[str]) -> None:
    """Check the arguments as Apprise has read them: it splits at ";" too."""
    given = {name.strip().strip(" \t+-:").lower() for name in names}
    if wrong := sorted(given & FORBIDDEN_ARGUMENTS):
        raise Mistake(f"A {scheme}:// channel may not say {wrong[0]}=: leave that out; Tocsin decides it.")


def _targets(scheme: str, parts: dict[str, Any]) -> int:
    """Count whom the address leads to; 0 where it cannot be used."""
    try:
        return max(1, len(plugin_class(scheme)(**parts)))
    except Exception:  # noqa: BLE001 - plugins raise TypeError, ValueError and others for a part they miss
        return 0


def _host_label(scheme: str, text: str, host: str) -> str:
    # For services like tgram:// the "host" is the token itself; only real host names are shown.
    templates = plugin_class(scheme).templates
    has_host = any("{host}" in template for template in templates)
    always = all("{host}" in template for template in templates)  # else ntfy://topic has its topic there
    named = always or "." in host or ":" in host or host == "localhost"
    real = has_host and named and re.fullmatch(r"[\w.-]+|\[[0-9a-f:.]+\]", host) is not None
    port = urlsplit(text).port if real else None
    return f"{host}{f':{port}' if port else ''}/…" if real else "…"
