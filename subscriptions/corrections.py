"""Correcting and withdrawing alerts: a new alert to exactly those who were told the one before."""

from collections.abc import Sequence
from datetime import timedelta

from pyroaring import BitMap64
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.alerts import URGENT, alert_topics, bitmap, cancel
from subscriptions.errors import Mistake, msgid
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertKind,
    AlertStatus,
    AlertTopic,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    Story,
)
from subscriptions.texts import language_of

HEADLINES = {
    AlertKind.correction: msgid("Correction: %(headline)s"),
    AlertKind.kill: msgid("Withdrawn: %(headline)s"),
}
CANCELLED = {
    AlertKind.correction: "it was corrected before their turn came",
    AlertKind.kill: "it was withdrawn before their turn came",
}
# What a follow-up has of the alert it follows up.
KEPT = {"story_id", "article_id", "link", "language", "source_name", "practice", "ceiling"}
FEW = 10_000  # channels that are asked for one by one
REACHED = (AlertStatus.queued, AlertStatus.ringing, AlertStatus.rung, AlertStatus.stopped)


def correct_alert(session: Session, alert: Alert, why: str, *, title: str = "", text: str = "") -> Alert:
    """Tell those who were told an alert what is right; who was not told yet is not told it any more.

    What is not given stays as it was. Raises Mistake where it cannot be corrected, or so it was already.
    """
    if not title.strip() and not text.strip():
        raise Mistake("Say what is right: give the correction a title, a text, or both.")
    plain = _plain(alert)
    said = text.strip() or alert.text
    return _follow_up(
        session, alert, AlertKind.correction, why=why, title=title.strip() or plain, text=f"{why}\n\n{said}"
    )


def kill_alert(session: Session, alert: Alert, why: str) -> Alert:
    """Tell those who were told an alert that it is withdrawn; its story does not ring again by itself.

    Raises Mistake where it cannot be withdrawn, or was already.
    """
    return _follow_up(session, alert, AlertKind.kill, why=why, title=_plain(alert), text=why)


def _follow_up(session: Session, alert: Alert, kind: AlertKind, *, why: str, title: str, text: str) -> Alert:
    # FOR NO KEY UPDATE: two admins do not both follow it up, and its story's versions are counted.
    story = session.get_one(
        Story, alert.story_id, with_for_update={"key_share": True}, populate_existing=True
    )
    _check(session, alert, why)
    if alert.status in (AlertStatus.queued, AlertStatus.ringing):
        cancel(session, alert, CANCELLED[kind])
    story.version += 1
    now = clock.now()
    new = Alert(
        **alert.model_dump(include=KEPT),
        version=story.version,
        kind=kind,
        corrects=alert.id,
        title=language_of(alert.language).gettext(HEADLINES[kind], headline=title),
        text=text,
        image=alert.image if kind == AlertKind.correction else "",
        urgency=min(alert.urgency, URGENT),
        why=f"an admin {'corrected' if kind == AlertKind.correction else 'withdrew'} alert {alert.id}: {why}",
        trace=alert.trace,
        status=AlertStatus.queued,
        status_at=now,
        seen_at=now,
        matched_at=now,
        expires_at=now + timedelta(hours=settings().alert_ttl_hours),
    )
    session.add(new)
    session.flush()
    topics = alert_topics(session, alert)
    session.add_all(AlertTopic(alert_id=new.id or 0, topic_id=topic.id or 0) for topic in topics)
    return new


def _check(session: Session, alert: Alert, why: str) -> None:
    if not why.strip():
        raise Mistake("Say what was wrong: readers are told why.")
    if alert.kind == AlertKind.kill:
        raise Mistake(f"Alert {alert.id} withdraws alert {alert.corrects}: it cannot be corrected itself.")
    if alert.status not in REACHED:
        raise Mistake(f"Alert {alert.id} is {alert.status}: nobody was told, there is nothing to correct.")
    if followed := follow_up(session, alert):
        done = "withdrawn" if followed.kind == AlertKind.kill else "corrected"
        raise Mistake(f"Alert {alert.id} was {done} by alert {followed.id} already: go on from that one.")


def follow_up(session: Session, alert: Alert) -> Alert | None:
    """Find the alert that corrects or withdraws an alert."""
    return session.exec(select(Alert).where(Alert.corrects == alert.id)).first()


def is_withdrawn(session: Session, story_id: int) -> bool:
    """Say whether an admin has withdrawn an alert of a story."""
    kills = select(Alert.id).where(Alert.story_id == story_id, Alert.kind == AlertKind.kill)
    return session.exec(kills.limit(1)).first() is not None


def corrected(session: Session, alert: Alert) -> Sequence[Alert]:
    """List the alerts that an alert follows up: the one it corrects, the one that corrects, and so on."""
    chain: list[Alert] = []
    while alert.corrects is not None:
        alert = session.get_one(Alert, alert.corrects)
        chain.append(alert)
    return chain


def owed(session: Session, correction: Alert) -> BitMap64:
    """Give the live channels that were told what is corrected, and have no correction laid out yet."""
    told = _united(session, "accepted", corrected(session, correction))
    told -= _united(session, "audience", [correction])
    live = select(Channel.id).where(Channel.status == ChannelStatus.live)
    if len(told) < FEW:
        live = live.where(col(Channel.id).in_(list(told)))
    return told & BitMap64(channel for channel in session.exec(live) if channel is not None) if told else told


def _united(session: Session, bits: str, alerts: Sequence[Alert]) -> BitMap64:
    ids = [alert.id for alert in alerts]
    channels = BitMap64()
    for stored in session.exec(select(getattr(Shard, bits)).where(col(Shard.alert_id).in_(ids))):
        channels |= bitmap(stored)
    return channels


def are_settled(session: Session, alerts: Sequence[Alert]) -> bool:
    """Say whether nobody is still being told any of these alerts."""
    ids = [alert.id for alert in alerts]
    shards = select(Shard.id).where(col(Shard.alert_id).in_(ids), Shard.status != ShardStatus.settled)
    due = [DeliveryStatus.waiting, DeliveryStatus.claimed]
    deliveries = select(Delivery.channel_id).where(
        col(Delivery.alert_id).in_(ids), col(Delivery.status).in_(due)
    )
    return all(session.exec(rows.limit(1)).first() is None for rows in (shards, deliveries))


def _plain(alert: Alert) -> str:
    """Give a headline without the word that says it is a correction."""
    word = language_of(alert.language).gettext(HEADLINES[AlertKind.correction], headline="")
    return alert.title.removeprefix(word)
