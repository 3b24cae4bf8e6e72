"""How far the work has come: what waits at which step, and since when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, func, select

from subscriptions import clock
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    Source,
    SourceStatus,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait for one step: what they are, for what, in which queue, how many, and since when."""

    step: str
    noun: str
    waits: str
    queue: str
    count: int
    oldest: datetime | None

    @property
    def age_s(self) -> float:
        """Seconds the oldest has waited; 0 when nothing waits, or its time has not come."""
        return max((clock.now() - self.oldest).total_seconds(), 0) if self.oldest else 0


# Step, noun, for what it waits, its table, the state, since when by which column, and who moves it on.
_STEPS: tuple[tuple[str, str, str, Any, Any, Any, str], ...] = (
    ("poll", "source", "to be polled", Source, SourceStatus.live, Source.next_poll_at, "watch"),
    ("understand", "article", "to be understood", Article, ArticleStatus.seen, Article.status_at, "match"),
    ("find", "article", "to be matched", Article, ArticleStatus.understood, Article.status_at, "match"),
    ("ring", "alert", "to be laid out", Alert, AlertStatus.queued, Alert.status_at, "push"),
    ("deliver", "shard", "to be sent", Shard, ShardStatus.waiting, Shard.status_at, "push"),
    ("take over", "shard", "whose worker died", Shard, ShardStatus.claimed, Shard.lease_until, "push"),
    ("again", "message", "to be tried again", Delivery, DeliveryStatus.waiting, Delivery.due_at, "push"),
    ("release", "message", "held until now", Delivery, DeliveryStatus.held, Delivery.due_at, "push"),
    ("gather", "message", "for a digest", Delivery, DeliveryStatus.gathered, Delivery.due_at, "push"),
    ("take up", "message", "whose worker died", Delivery, DeliveryStatus.claimed, Delivery.due_at, "push"),
    ("confirm", "channel", "to be asked to confirm", Channel, ChannelStatus.waiting, Channel.ask_at, "push"),
)


def waiting(session: Session, *, longer_than: timedelta = timedelta()) -> Iterator[Waiting]:
    """Count, step by step, the rows whose time came more than `longer_than` ago."""
    since_limit = clock.now() - longer_than
    for step, noun, waits, table, status, since, queue in _STEPS:
        due = select(func.count(), func.min(since)).where(table.status == status, since <= since_limit)
        count, oldest = session.exec(due).one()
        yield Waiting(step, noun, waits, queue, count, oldest)
