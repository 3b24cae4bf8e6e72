"""The synthetic subscribers of a rehearsal, each with one channel at the sink, and the alert that rings."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from subscriptions import base64url, clock
from subscriptions.address import Address
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.channels import read_address
from subscriptions.keys import sealer
from subscriptions.push_endpoints import push_address
from subscriptions.tables import (
    Alert,
    AlertTopic,
    Article,
    Channel,
    ChannelStatus,
    Source,
    Story,
    Subscriber,
    Subscription,
    Topic,
)

AT_ONCE = 5000  # rows an INSERT
STAND_IN = 987_654_321  # parsed once; each subscriber's own number is put in its place
KINDS = ("webpush", "jsons", "ntfys", "mailtos", "mixed")
MIXED = ("webpush", "jsons", "ntfys", "mailtos")


@dataclass(frozen=True, slots=True)
class Far:
    """Where the sink listens."""

    host: str
    https: int
    smtps: int


def address_at(far: Far, kind: str, number: int) -> str:
    """Write the address of a synthetic subscriber."""
    if kind == "mailtos":
        return f"r{number}@rehearsal.example"
    if kind == "webpush":
        endpoint = f"https://{far.host}:{far.https}/webpush/{number}"
        return push_address({"endpoint": endpoint, "keys": browser_keys()})
    if kind == "ntfys":
        return f"ntfys://{far.host}:{far.https}/topic{number}"
    return f"{kind}://{far.host}:{far.https}/{kind}/{number}"


def kind_of(channel: str, number: int) -> str:
    """Tell which kind of channel the recipient with this number has."""
    kinds = _kinds(channel)
    return kinds[number % len(kinds)]


def _kinds(channel: str) -> tuple[str, ...]:
    return MIXED if channel == "mixed" else (channel,)


def gather(session: Session, far: Far, kind: str, count: int) -> Iterator[int]:
    """Store `count` subscribers of one topic with a channel each; gives how many are stored, now and then."""
    now = clock.now()
    topic = _stored(
        session, Topic(slug="rehearsal", name="Rehearsal", query="rehearsal", created_at=now, updated_at=now)
    )
    patterns = {each: read_address(address_at(far, each, STAND_IN)) for each in _kinds(kind)}
    for start in range(1, count + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count + 1))
        _insert(session, Subscriber, [{"id": n, "name": f"r{n}", "created_at": now} for n in numbers])
        _insert(
            session,
            Subscription,
            [{"subscriber_id": n, "topic_id": topic, "created_at": now} for n in numbers],
        )
        _insert(session, Channel, [_channel(n, patterns[kind_of(kind, n)]) for n in numbers])
        yield len(numbers)


def _insert(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(table), rows)


def _stored(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return int(row.id)


def _channel(number: int, pattern: Address) -> dict[str, Any]:
    own_keys = browser_keys() if pattern.scheme == WEB_PUSH else {}  # one for all would be parsed but once
    parts = json.dumps(pattern.parts | own_keys).replace(str(STAND_IN), str(number))
    return {
        "id": number,
        "subscriber_id": number,
        "scheme": pattern.scheme,
        "sealed": sealer().seal(parts.encode()),
        "digest": str(number),
        "label": "rehearsal" if pattern.scheme == EMAIL else pattern.label,
        "private": True,
        "status": ChannelStatus.live,
        "status_at": clock.now(),
        "created_at": clock.now(),
    }


def browser_keys() -> dict[str, str]:
    """Make the keys of a browser's push subscription."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    written = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"p256dh": base64url.encode(written), "auth": base64url.encode(os.urandom(16))}


def make_alert(session: Session, feed: str = "http://rehearsal.example/feed") -> int:
    """Store an alert to all of them, ready to be fanned out, of a feed not used before."""
    now = clock.now()
    source = _stored(session, Source(url=feed, created_at=now, next_poll_at=now))
    story = _stored(session, Story(headline="Rehearsal", first_seen_at=now, last_seen_at=now, version=1))
    article = _stored(
        session,
        Article(
            source_id=source,
            identity="guid:1",
            title="Rehearsal",
            link="",
            seen_at=now,
            status_at=now,
            trace="r",
        ),
    )
    alert = Alert(
        story_id=story,
        version=1,
        article_id=article,
        title="Storm closes the harbour until Friday",
        text="All ferries are cancelled and the lighthouse road is closed. Nobody was hurt.",
        link="https://news.example/storm-closes-harbour",
        source_name="Island Herald",
        language="en",
        trace="rehearsal",
        status_at=now,
        seen_at=now,
        matched_at=now,
        expires_at=now + timedelta(hours=1),
    )
    alert_id = _stored(session, alert)
    session.add(AlertTopic(alert_id=alert_id, topic_id=1))
    return alert_id
