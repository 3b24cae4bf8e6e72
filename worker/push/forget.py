"""Forgetting who was told, and people who left, when they were kept long enough; a few at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import reading, unit_of_work
from subscriptions.personal_data import erase
from subscriptions.settings import settings
from subscriptions.sign_in import KEPT as LINKS_KEPT
from subscriptions.sign_up import SIGNED_UP
from subscriptions.tables import (
    Alert,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    SignIn,
    Subscriber,
)

AT_ONCE = 100  # shards, or people; some milliseconds, for which SQLite's other writers wait
UNCONFIRMED = timedelta(days=30)  # an address whose owner never said yes is no business of ours
PENDING = (
    DeliveryStatus.waiting,
    DeliveryStatus.held,
    DeliveryStatus.gathered,
    DeliveryStatus.claimed,
)

log = structlog.get_logger()


def forget_told() -> bool:
    """Forget who was told of alerts that are older than the settings keep; tell whether there may be more.

    Alerts stay on record with their number of recipients. One that somebody is still to be told of waits.
    """
    days = settings().keep_told_days
    if not days:
        return False
    before = clock.now() - timedelta(days=days)
    with reading() as session:
        ids = list(session.exec(_old_shards(before).order_by(col(Shard.id)).limit(AT_ONCE)))
    if ids:
        with unit_of_work() as session:
            session.execute(delete(Shard).where(col(Shard.id).in_(ids)))
        log.info("who was told forgotten", shards=len(ids), before=before.isoformat())
    return len(ids) == AT_ONCE


def forget_people() -> bool:
    """Forget readers who left long ago or never said yes, and links that have ended.

    Tells whether there may be more. Subscribers made by hand are their admin's to remove.
    """
    now = clock.now()
    with unit_of_work() as session:
        session.execute(delete(SignIn).where(col(SignIn.created_at) < now - LINKS_KEPT))
    days = settings().keep_left_days
    left = now - timedelta(days=days) if days else None
    with reading() as session:
        ids = session.exec(_silent(left, now - UNCONFIRMED).limit(AT_ONCE)).all()
    for subscriber_id in ids:
        with unit_of_work() as session:
            _erase(session, subscriber_id, left, now - UNCONFIRMED)
    if ids:
        log.info("people forgotten", people=len(ids))
    return len(ids) == AT_ONCE


def _old_shards(before: datetime) -> Any:
    pending = exists().where(col(Delivery.shard_id) == col(Shard.id), col(Delivery.status).in_(PENDING))
    return select(Shard.id).join(Alert).where(col(Alert.expires_at) < before, ~pending)


def _silent(left: datetime | None, asked: datetime) -> Any:
    """Select readers none of whose channels is in use, or may still come to be."""
    other = aliased(Channel)
    in_use = exists().where(col(other.subscriber_id) == col(Subscriber.id), ~_is_over(other, left, asked))
    return (
        select(Subscriber.id)
        .join(Channel)
        .where(_is_over(Channel, left, asked), ~in_use)
        .where(col(Subscriber.name).startswith(SIGNED_UP, autoescape=True))
        .distinct()
    )


def _is_over(channel: type[Channel], left: datetime | None, asked: datetime) -> ColumnElement[bool]:
    never_confirmed = and_(
        col(channel.status) == ChannelStatus.waiting,
        col(channel.status_at) < asked,
        or_(col(channel.asked_at).is_(None), col(channel.asked_at) < asked),
    )
    if left is None:
        return never_confirmed
    return or_(
        never_confirmed, and_(col(channel.status) == ChannelStatus.retired, col(channel.status_at) < left)
    )


def _erase(session: Session, subscriber_id: int, left: datetime | None, asked: datetime) -> None:
    """Forget a reader, unless they came back meanwhile."""
    still: Sequence[int] = session.exec(_silent(left, asked).where(Subscriber.id == subscriber_id)).all()
    if still:
        erase(session, session.get_one(Subscriber, subscriber_id))
