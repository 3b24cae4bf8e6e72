"""Rows that have waited too long in a state: their message was lost, or their worker died."""

from datetime import timedelta
from typing import Any

from sqlmodel import and_, col, or_, select

from subscriptions import clock
from subscriptions.alerts import is_urgent
from subscriptions.database import reading
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Channel,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    SignIn,
)

LATE_S = 5  # a nudge normally takes milliseconds
AT_ONCE = 200  # rows one sweep calls again; the next sweep is seconds away


def late_articles(status: str) -> list[int]:
    """Find articles that wait in `seen` or `understood`."""
    return _ids(
        select(Article.id)
        .where(Article.status == ArticleStatus(status), Article.status_at < _late())
        .order_by(col(Article.status_at))
    )


def late_alerts(*, urgent: bool) -> list[int]:
    """Find alerts whose shards nobody has laid out, and corrections that more people may have to get."""
    queued = and_(col(Alert.status) == AlertStatus.queued, col(Alert.status_at) < _late())
    corrects = and_(col(Alert.status) == AlertStatus.ringing, col(Alert.corrects).is_not(None))
    return _ids(
        select(Alert.id).where(or_(queued, corrects), is_urgent(urgent=urgent)).order_by(col(Alert.status_at))
    )


def late_shards(*, urgent: bool) -> list[int]:
    """Find shards that nobody took, or whose holder's lease has ended."""
    untaken = (col(Shard.status) == ShardStatus.waiting) & (col(Shard.status_at) < _late())
    dropped = (col(Shard.status) == ShardStatus.claimed) & (col(Shard.lease_until) < clock.now())
    return _ids(
        select(Shard.id)
        .join(Alert)
        .where(or_(untaken, dropped), is_urgent(urgent=urgent))
        .order_by(col(Shard.id))
    )


def late_deliveries() -> bool:
    """Tell whether a delivery's time has come."""
    due = select(Delivery.alert_id).where(
        col(Delivery.status).in_([DeliveryStatus.waiting, DeliveryStatus.claimed, DeliveryStatus.held]),
        col(Delivery.due_at) <= clock.now(),
    )
    return bool(_ids(due.limit(1)))


def late_digests() -> bool:
    """Tell whether a digest's time has come."""
    gathered = select(Delivery.alert_id).where(col(Delivery.status) == DeliveryStatus.gathered)
    return bool(_ids(gathered.where(col(Delivery.due_at) <= clock.now()).limit(1)))


def late_channels() -> list[int]:
    """Find channels whose owner is to be asked to confirm."""
    return _ids(select(Channel.id).where(col(Channel.ask_at) < _late()).order_by(col(Channel.ask_at)))


def late_sign_ins() -> list[int]:
    """Find people who wait for the link they asked for."""
    waits = select(SignIn.id).where(col(SignIn.due_at) < _late(), col(SignIn.expires_at) > clock.now())
    return _ids(waits.order_by(col(SignIn.due_at)))


def _late() -> Any:
    return clock.now() - timedelta(seconds=LATE_S)


def _ids(rows: Any) -> list[int]:
    with reading() as session:
        return list(session.exec(rows.limit(AT_ONCE)))
