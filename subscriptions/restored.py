"""After a backup was put back: what may have rung since it was made does not ring again."""

from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.alerts import bitmap, cancel
from subscriptions.sources import NEVER_READ
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    Source,
    TopicRevision,
    move,
)

WHY = "the database was restored from a backup"


class Silenced(NamedTuple):
    """How many rows were kept from ringing."""

    alerts: int
    articles: int
    sources: int


def silence_restored(session: Session) -> Silenced:
    """Stop alerts under way, file articles on their way, and let each source begin with a new baseline."""
    open_alerts = select(Alert).where(col(Alert.status).in_([AlertStatus.queued, AlertStatus.ringing]))
    alerts = session.exec(open_alerts).all()
    for alert in alerts:
        cancel(session, alert, WHY)
    _drop_held(session)
    on_the_way = (ArticleStatus.seen, ArticleStatus.understood, ArticleStatus.held)
    ids = session.exec(select(Article.id).where(col(Article.status).in_(on_the_way))).all()
    wanted = [each for each in ids if each is not None]
    now = clock.now()
    filed = move(
        session, Article, wanted, leave=on_the_way, enter=ArticleStatus.baseline, status_at=now, why=WHY
    )
    sources = session.exec(select(Source.id)).all()
    session.execute(update(Source).values(**NEVER_READ, next_poll_at=now, claimed_until=None))
    session.execute(
        update(TopicRevision).values(origin=uuid4().hex)
    )  # what machines keep of topics is another's
    return Silenced(len(alerts), len(filed), len(sources))


def _drop_held(session: Session) -> None:
    """Drop what was held or gathered for later: it may have been told since."""
    later = col(Delivery.status).in_([DeliveryStatus.held, DeliveryStatus.gathered])
    session.execute(update(Delivery).where(later).values(status=DeliveryStatus.dropped, due_at=None, why=WHY))
    for shard in session.exec(select(Shard).where(col(Shard.held).is_not(None))):
        dropped = bitmap(shard.dropped) | bitmap(shard.held)
        shard.dropped, shard.held = dropped.serialize(), None
