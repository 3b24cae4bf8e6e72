"""The step from alert to shards: who is to be told."""

from typing import Any

import structlog
from pyroaring import BitMap64
from sqlalchemy import ColumnElement, bindparam, exists, insert, inspect, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.alerts import is_urgent
from subscriptions.corrections import owed
from subscriptions.database import reading, unit_of_work
from subscriptions.prepared import Prepared
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

SHARDS: Any = inspect(Shard).local_table
PARTS, LARGEST = 40, 4  # about so many shards an alert, of at most so many times the setting


def _rings() -> tuple[ColumnElement[bool], ...]:
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
        col(Subscriber.practice) == bindparam("practice"),
    )


# The live channels of those who followed a topic of the alert when its article was seen, and did not mute
# its story.
FOLLOWERS = Prepared(
    select(col(Channel.id))
    .join(Subscriber, col(Subscriber.id) == col(Channel.subscriber_id))
    .join(Subscription, col(Subscription.subscriber_id) == col(Subscriber.id))
    .where(
        col(Subscription.topic_id).in_(
            select(AlertTopic.topic_id).where(col(AlertTopic.alert_id) == bindparam("alert"))
        ),
        col(Subscription.created_at) <= bindparam("seen_at"),
        col(Subscription.threshold) >= bindparam("urgency"),
        col(Subscriber.id).not_in(select(Mute.subscriber_id).where(col(Mute.story_id) == bindparam("story"))),
        *_rings(),
    )
)
# Those of who follows the alert's story: each of its alerts is for them.
FANS = Prepared(
    select(col(Channel.id))
    .join(Subscriber, col(Subscriber.id) == col(Channel.subscriber_id))
    .join(StoryFollow, col(StoryFollow.subscriber_id) == col(Subscriber.id))
    .where(col(StoryFollow.story_id) == bindparam("story"), *_rings())
)
# Those of who finds it not urgent enough, whatever it is about.
ABOVE = Prepared(
    select(col(Channel.id))
    .join(Preferences, col(Preferences.subscriber_id) == col(Channel.subscriber_id))
    .where(col(Preferences.threshold) < bindparam("urgency"))
)
# Whom the story's other alerts told or may tell still.
TOLD = Prepared(
    select(Shard.audience, Shard.dropped)
    .join(Alert)
    .where(col(Alert.story_id) == bindparam("story"), col(Alert.id) != bindparam("alert"))
)
# FOR NO KEY UPDATE: two alerts of one story must not both count the same channel in.
STORY_ALONE = Prepared(
    select(col(Story.id)).where(col(Story.id) == bindparam("story")).with_for_update(key_share=True)
)
NEW = (
    "new_alert_id",
    "new_first_channel",
    "new_last_channel",
    "new_status_at",
    "new_recipients",
    "new_audience",
)
NEW_SHARD = Prepared(
    insert(SHARDS)
    .inline()
    .values(status=ShardStatus.waiting, holder="", claims=0, settled=0)
    .values({name.removeprefix("new_"): bindparam(name) for name in NEW})
)
WAITING = Prepared(
    select(col(Shard.id))
    .where(col(Shard.alert_id) == bindparam("alert"), col(Shard.status) == ShardStatus.waiting)
    .order_by(col(Shard.id))
)


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
        return [shard_id for (shard_id,) in WAITING.within(session, alert=alert_id)]


def queued_alerts(*, urgent: bool) -> list[int]:
    """List the alerts of a queue whose recipients nobody has laid out yet."""
    queued = select(Alert.id).where(Alert.status == AlertStatus.queued, is_urgent(urgent=urgent))
    with reading() as session:
        return [alert_id or 0 for alert_id in session.exec(queued.order_by(col(Alert.id)))]


def _plan(session: Session, alert: Alert) -> None:
    STORY_ALONE.within(session, story=alert.story_id)
    assert alert.id is not None  # noqa: S101 - it came from the database
    audience, now = audience_of(session, alert), clock.now()
    laid_out = {"status_at": now, "queued_at": now, "recipients": len(audience)}
    if not move(session, Alert, [alert.id], leave=AlertStatus.queued, enter=AlertStatus.ringing, **laid_out):
        return
    lay_out(session, alert.id, list(audience))
    log.info("queued", trace=alert.trace, alert=alert.id, recipients=len(audience))
    if not audience:
        close(session, alert.id)


def audience_of(session: Session, alert: Alert) -> BitMap64:
    """Give the channels that are to be told an alert."""
    if alert.corrects is not None:
        return owed(session, alert)
    story, urgency, practice = alert.story_id, alert.urgency, alert.practice
    given = {"alert": alert.id, "seen_at": alert.seen_at, "urgency": urgency}
    followers = _channels(session, FOLLOWERS, **given, story=story, practice=practice)
    followers -= _told(session, alert)
    if followers:
        followers -= _channels(session, ABOVE, urgency=urgency)
    return followers | _channels(session, FANS, story=story, practice=practice)


def _channels(session: Session, wanted: Prepared, **given: Any) -> BitMap64:
    return BitMap64(channel for (channel,) in wanted.within(session, **given))


def _reach_more(session: Session, alert: Alert) -> None:
    """Lay out who was told what is corrected after the correction had been laid out."""
    session.refresh(alert, with_for_update={"key_share": True})
    assert alert.id is not None  # noqa: S101 - it came from the database
    if more := audience_of(session, alert):
        lay_out(session, alert.id, list(more))
        alert.recipients += len(more)
        session.flush()
    close(session, alert.id)


def _told(session: Session, alert: Alert) -> BitMap64:
    """Unite whom the story's other alerts told or may tell still: once per story and channel."""
    told = BitMap64()
    for audience, dropped in TOLD.within(session, story=alert.story_id, alert=alert.id):
        told |= unpack(audience) - unpack(dropped)
    return told


def lay_out(session: Session, alert_id: int, channels: list[int]) -> None:
    """Store shards of an alert for these channels, which are told when it is their turn."""
    # The more there are, the larger the parts: claiming one costs as much as sending a few dozen.
    least = settings().shard_channels
    size, now = min(max(least, len(channels) // PARTS), least * LARGEST), clock.now()
    parts = [channels[start : start + size] for start in range(0, len(channels), size)]
    rows = [(alert_id, part[0], part[-1], now, len(part), pack(part)) for part in parts]
    NEW_SHARD.for_each(session, [dict(zip(NEW, row, strict=True)) for row in rows])
