"""Which alerts a feed has: those of a topic, and those one person was told."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from subscriptions import clock
from subscriptions.feeds.document import Document, Entry, Telling, as_they_stand, urn
from subscriptions.heard.entries import LOOK_BACK, own_channels
from subscriptions.heard.ledger import find_alerts
from subscriptions.sisters import corrected
from subscriptions.tables import Alert, AlertKind, AlertStatus, AlertTopic, Subscriber, Topic

MOST = 50
RANG = or_(
    col(Alert.status).in_([AlertStatus.ringing, AlertStatus.rung]),
    (col(Alert.status) == AlertStatus.stopped) & col(Alert.first_sent_at).is_not(None),
)
HEARD = ("accepted", "unknown")


def of_topic(session: Session, topic: Topic, *, title: str, page: str, own_address: str) -> Document:
    """Give the feed of a topic: its latest alerts that rang."""
    alerts = _rang_for(session, topic, MOST)
    name = urn("topic", topic.id, topic.created_at.isoformat())
    return _document(session, alerts, name, topic.created_at, title=title, page=page, own_address=own_address)


def standing(session: Session, topic: Topic, most: int) -> list[Entry]:
    """Give a topic's latest alerts as they stand now: what was corrected or withdrawn says so."""
    return _as_they_stand(session, _rang_for(session, topic, most))


def of_person(
    session: Session, subscriber: Subscriber, *, title: str, page: str, own_address: str
) -> Document:
    """Give the feed of one person: the latest alerts they were told, on whichever channel."""
    since = clock.now() - LOOK_BACK
    found = find_alerts(session, list(own_channels(session, subscriber)), most=2 * MOST, since=since).alerts
    told = [number for number, outcomes in found.items() if set(outcomes.values()) & set(HEARD)]
    wanted = select(Alert).where(col(Alert.id).in_(told), Alert.kind == AlertKind.alert)
    alerts = session.exec(wanted.order_by(col(Alert.id).desc()).limit(MOST)).all()
    name = urn("person", subscriber.id, subscriber.created_at.isoformat())
    return _document(
        session, alerts, name, subscriber.created_at, title=title, page=page, own_address=own_address
    )


def _document(
    session: Session, alerts: Collection[Alert], name: str, begun: datetime, **said: str
) -> Document:
    entries = _as_they_stand(session, alerts)
    updated = max((entry.updated for entry in entries), default=begun)
    return Document(name=name, updated=updated, entries=entries, **said)


def _rang_for(session: Session, topic: Topic, most: int) -> Sequence[Alert]:
    latest = select(Alert).join(AlertTopic).where(AlertTopic.topic_id == topic.id, RANG)
    first = latest.where(Alert.kind == AlertKind.alert)
    return session.exec(first.order_by(col(AlertTopic.alert_id).desc()).limit(most)).all()


def _as_they_stand(session: Session, alerts: Collection[Alert]) -> list[Entry]:
    tellings = [_telling(each, ()) for each in alerts]
    return as_they_stand([*tellings, *_corrections(session, alerts)])


def _corrections(session: Session, alerts: Collection[Alert]) -> list[Telling]:
    """Give what corrects or withdraws these alerts, from the moment an admin decided it."""
    stories = {alert.story_id for alert in alerts}
    wanted = select(Alert).where(col(Alert.story_id).in_(stories), Alert.kind != AlertKind.alert)
    known = {alert.id for alert in alerts}
    found = []
    for alert in session.exec(wanted.order_by(col(Alert.id))):
        follows = known & {each.id for each in corrected(session, alert)}
        if follows:
            known.add(alert.id)
            found.append(_telling(alert, tuple(number or 0 for number in follows)))
    return found


def _telling(alert: Alert, corrects: tuple[int, ...]) -> Telling:
    names = ("trace", "title", "text", "link", "image", "language", "source_name")
    said = {name: getattr(alert, name) for name in names}
    withdraws = alert.kind == AlertKind.kill
    return Telling(
        number=alert.id or 0,
        corrects=corrects,
        withdraws=withdraws,
        at=alert.queued_at or alert.matched_at,
        **said,
    )
