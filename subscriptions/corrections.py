"""Correcting and withdrawing alerts: a new alert to exactly those who were told the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pyroaring import BitMap64
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.alerts import URGENT, bitmap, cancel, turn_down
from subscriptions.errors import Decided, Mistake, msgid
from subscriptions.settings import settings
from subscriptions.sisters import REACHED, corrected, follow_up, proposals, sisters
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


def correct_alert(session: Session, alert: Alert, why: str, *, title: str = "", text: str = "") -> Alert:
    """Tell those who were told an alert or a sister of it what is right; nobody else is told it any more.

    What is not given stays as it was. Raises Mistake where nothing changes, where it cannot be corrected, or
    so it was already.
    """
    if not title.strip() and not text.strip():
        raise Mistake("Say what is right: give the correction a title, a text, or both.")
    right = Right(title.strip() or plain_title(alert), text.strip() or plain_text(alert))
    if right == Right(plain_title(alert), plain_text(alert)):
        raise Mistake("Nothing is changed: say what is right in the headline, the text, or both.")
    new = _follow_up(session, alert, AlertKind.correction, why=why, right=right)
    for proposed in proposals(session, alert):
        if proposed.article_id == alert.article_id:
            _propose_anew(session, proposed, right, new)
    return new


def kill_alert(session: Session, alert: Alert, why: str) -> Alert:
    """Tell those who were told an alert or a sister of it that it is withdrawn.

    Its story does not ring again by itself, and what it proposed is rejected. Raises Mistake where it cannot
    be withdrawn, or was already.
    """
    new = _follow_up(session, alert, AlertKind.kill, why=why, right=Right(plain_title(alert), ""))
    for proposed in proposals(session, alert):
        turn_down(session, proposed, f"alert {new.id} withdrew its story: {why.strip()}")
    return new


@dataclass(frozen=True, slots=True)
class Right:
    """A headline and a text as they should have been."""

    title: str
    text: str


def headline(alert: Alert, kind: AlertKind, title: str) -> str:
    """Write the headline of what corrects or withdraws an alert, in the alert's language."""
    return language_of(alert.language).gettext(HEADLINES[kind], headline=title)


def body(why: str, text: str) -> str:
    """Write the text of a correction, or of a withdrawal, which has no text of its own."""
    return f"{why.strip()}\n\n{text}" if text else why.strip()


def told(session: Session, alert: Alert) -> BitMap64:
    """Give the channels that were told an alert or a sister of it."""
    return _united(session, "accepted", [alert, *sisters(session, alert)])


def _follow_up(session: Session, alert: Alert, kind: AlertKind, *, why: str, right: Right) -> Alert:
    # FOR NO KEY UPDATE: two admins do not both follow it up, and its story's versions are counted.
    story = session.get_one(
        Story, alert.story_id, with_for_update={"key_share": True}, populate_existing=True
    )
    check_follow_up(session, alert)
    if not why.strip():
        raise Mistake("Say what was wrong: readers are told why.")
    covered = [alert, *sisters(session, alert)]
    for each in covered:
        if each.status in (AlertStatus.queued, AlertStatus.ringing):
            cancel(session, each, CANCELLED[kind])
    story.version += 1
    now = clock.now()
    new = Alert(
        **alert.model_dump(include=KEPT),
        version=story.version,
        kind=kind,
        corrects=alert.id,
        title=headline(alert, kind, right.title),
        text=body(why, right.text),
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
    _ring_for(session, new, covered)
    return new


def _propose_anew(session: Session, proposed: Alert, right: Right, correction: Alert) -> None:
    """Turn down a proposal whose article was corrected, and propose what is right in its place."""
    turn_down(
        session, proposed, f"alert {correction.id} corrected its article: what is right is proposed anew"
    )
    story = session.get_one(Story, proposed.story_id)
    story.version += 1
    left = {"id", "version", "title", "text", "status", "status_at", "stop_why"}
    new = Alert(
        **proposed.model_dump(exclude=left),
        version=story.version,
        title=right.title,
        text=right.text,
        status=AlertStatus.proposed,
        status_at=clock.now(),
    )
    session.add(new)
    session.flush()
    _ring_for(session, new, [proposed])


def _ring_for(session: Session, new: Alert, alerts: Sequence[Alert]) -> None:
    """Let an alert be for the topics of these alerts."""
    ids = [alert.id for alert in alerts]
    topics = select(AlertTopic.topic_id).where(col(AlertTopic.alert_id).in_(ids)).distinct()
    session.add_all(AlertTopic(alert_id=new.id or 0, topic_id=topic) for topic in session.exec(topics).all())
    session.flush()


def check_follow_up(session: Session, alert: Alert) -> None:
    """Raise Mistake for an alert that cannot be corrected or withdrawn, or was already."""
    if alert.kind == AlertKind.kill:
        raise Decided(f"Alert {alert.id} withdraws alert {alert.corrects}: it cannot be corrected itself.")
    if alert.status not in REACHED:
        raise Decided(f"Alert {alert.id} is {alert.status}: nobody was told, there is nothing to correct.")
    if followed := follow_up(session, alert):
        done = "withdrawn" if followed.kind == AlertKind.kill else "corrected"
        raise Decided(f"Alert {alert.id} was {done} by alert {followed.id} already: go on from that one.")


def owed(session: Session, correction: Alert) -> BitMap64:
    """Give the live channels that were told what is corrected, and have no correction laid out yet."""
    due = _united(session, "accepted", corrected(session, correction))
    due -= laid_out(session, correction)
    live = select(Channel.id).where(Channel.status == ChannelStatus.live)
    if len(due) < FEW:
        live = live.where(col(Channel.id).in_(list(due)))
    return due & BitMap64(channel for channel in session.exec(live) if channel is not None) if due else due


def laid_out(session: Session, alert: Alert) -> BitMap64:
    """Give the channels an alert was laid out for."""
    return _united(session, "audience", [alert])


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


def plain_title(alert: Alert) -> str:
    """Give a headline without the word that says it is a correction."""
    return alert.title.removeprefix(headline(alert, AlertKind.correction, ""))


def plain_text(alert: Alert) -> str:
    """Give a text without the reason that a correction begins with."""
    reason = alert.why.partition(": ")[2] if alert.kind == AlertKind.correction else ""
    return alert.text.removeprefix(body(reason, "")).lstrip("\n") if reason else alert.text
