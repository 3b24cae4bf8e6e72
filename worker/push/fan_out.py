"""The step from alert to shards: who is to be told."""

import structlog
from pyroaring import BitMap64
from sqlalchemy import ColumnElement, exists, insert, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from subscriptions import clock
from subscriptions.corrections import owed
from subscriptions.database import reading, unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Channel,
    ChannelStatus,
    Mute,
    Preferences,
    Shard,
    ShardStatus,
    Story,
    StoryFollow,
    Subscriber,
    Subscription,
    move,
)
from worker.push.ledger import pack, unpack
from worker.push.settle import close

log = structlog.get_logger()

PARTS, LARGEST = 40, 4  # about so many shards an alert, of at most so many times the setting


def fan_out(alert_id: int) -> list[int]:
    """Lay an alert's recipients out in shards, in one transaction; tell the shards that wait to be sent.

    Called again for an alert that has its shards it makes none, and tells those still waiting; but a
    correction gets more of them for whoever was told meanwhile what it corrects.
    """
    with unit_of_work() as session:
        alert = session.get(Alert, alert_id)
        if alert is not None and alert.status == AlertStatus.queued:
            _plan(session, alert)
        elif alert is not None and alert.status == AlertStatus.ringing and alert.corrects is not None:
            _reach_more(session, alert)
    with reading() as session:
        waiting = select(Shard.id).where(Shard.alert_id == alert_id, Shard.status == ShardStatus.waiting)
        return [
            shard_id for shard_id in session.exec(waiting.order_by(col(Shard.id))) if shard_id is not None
        ]


def _plan(session: Session, alert: Alert) -> None:
    # FOR UPDATE: two alerts of one story must not both count the same channel in.
    session.get_one(Story, alert.story_id, with_for_update={"key_share": True})
    now = clock.now()
    assert alert.id is not None  # noqa: S101 - it came from the database
    if not move(
        session, Alert, [alert.id], leave=AlertStatus.queued, enter=AlertStatus.ringing, status_at=now
    ):
        return
    audience = audience_of(session, alert)
    lay_out(session, alert.id, list(audience))
    session.refresh(alert)
    alert.recipients, alert.queued_at = len(audience), now
    session.flush()
    log.info("queued", trace=alert.trace, alert=alert.id, recipients=alert.recipients)
    if not audience:
        close(session, alert.id)


def audience_of(session: Session, alert: Alert) -> BitMap64:
    """Give the channels that are to be told an alert."""
    if alert.corrects is not None:
        return owed(session, alert)
    followers = _channels(session, _followers(alert)) - _told(session, alert)
    if followers:
        followers -= _channels(session, _above(alert))
    return followers | _channels(session, _fans(alert))


def _channels(session: Session, wanted: SelectOfScalar[int | None]) -> BitMap64:
    return BitMap64(session.execute(wanted).scalars())


def _reach_more(session: Session, alert: Alert) -> None:
    """Lay out who was told what is corrected after the correction had been laid out."""
    session.refresh(alert, with_for_update={"key_share": True})
    assert alert.id is not None  # noqa: S101 - it came from the database
    if more := audience_of(session, alert):
        lay_out(session, alert.id, list(more))
        alert.recipients += len(more)
        session.flush()
    close(session, alert.id)


def _followers(alert: Alert) -> SelectOfScalar[int | None]:
    """Select the live channels of those who followed a topic of the alert when its article was seen.

    Those who muted its story are left out.
    """
    muted = select(Mute.subscriber_id).where(Mute.story_id == alert.story_id)
    topics = select(AlertTopic.topic_id).where(AlertTopic.alert_id == alert.id)
    return (
        select(col(Channel.id))
        .join(Subscriber, col(Subscriber.id) == col(Channel.subscriber_id))
        .join(Subscription, col(Subscription.subscriber_id) == col(Subscriber.id))
        .where(
            col(Subscription.topic_id).in_(topics),
            col(Subscription.created_at) <= alert.seen_at,
            col(Subscription.threshold) >= alert.urgency,
            col(Subscriber.id).not_in(muted),
            *_rings(alert),
        )
    )


def _rings(alert: Alert) -> tuple[ColumnElement[bool], ...]:
    """Say which channels ring for an alert: live ones, of each person those of the first rank."""
    before = aliased(Channel)
    earlier = exists().where(
        col(before.subscriber_id) == col(Channel.subscriber_id),
        col(before.status) == ChannelStatus.live,
        col(before.rank) < col(Channel.rank),
    )
    return (
        col(Channel.status) == ChannelStatus.live,
        or_(col(Channel.rank) == 0, ~earlier),
        col(Subscriber.practice) == alert.practice,
    )


def _fans(alert: Alert) -> SelectOfScalar[int | None]:
    """Select the channels of those who follow the alert's story: each of its alerts is for them."""
    return (
        select(col(Channel.id))
        .join(Subscriber, col(Subscriber.id) == col(Channel.subscriber_id))
        .join(StoryFollow, col(StoryFollow.subscriber_id) == col(Subscriber.id))
        .where(col(StoryFollow.story_id) == alert.story_id, *_rings(alert))
    )


def _above(alert: Alert) -> SelectOfScalar[int | None]:
    """Select the channels of those to whom it is not urgent enough, whatever it is about."""
    preferences = col(Preferences.subscriber_id) == col(Channel.subscriber_id)
    return select(col(Channel.id)).join(Preferences, preferences).where(Preferences.threshold < alert.urgency)


def _told(session: Session, alert: Alert) -> BitMap64:
    """Unite whom the story's other alerts told or may tell still: once per story and channel."""
    others = select(Shard.audience, Shard.dropped).join(Alert)
    others = others.where(Alert.story_id == alert.story_id, Alert.id != alert.id)
    told = BitMap64()
    for audience, dropped in session.exec(others):
        told |= unpack(audience) - unpack(dropped)
    return told


def lay_out(session: Session, alert_id: int, channels: list[int]) -> None:
    """Store shards of an alert for these channels, which are told when it is their turn."""
    # The more there are, the larger the parts: claiming one costs as much as sending a few dozen.
    least = settings().shard_channels
    size, now = min(max(least, len(channels) // PARTS), least * LARGEST), clock.now()
    parts = [channels[start : start + size] for start in range(0, len(channels), size)]
    rows = [
        {
            "alert_id": alert_id,
            "first_channel": part[0],
            "last_channel": part[-1],
            "status": ShardStatus.waiting,
            "status_at": now,
            "holder": "",
            "claims": 0,
            "recipients": len(part),
            "settled": 0,
            "audience": pack(part),
        }
        for part in parts
    ]
    if rows:
        session.execute(insert(Shard), rows)
