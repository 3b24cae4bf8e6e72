"""Finding alerts, approving and rejecting them, as the command and the desk do it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap64
from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.errors import Decided, Missing, Mistake, msgid
from subscriptions.sisters import withdrawal
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Delivery,
    DeliveryStatus,
    Match,
    Shard,
    Story,
    Topic,
    move,
)

THROTTLED = (AlertStatus.proposed, AlertStatus.queued, AlertStatus.ringing)
CEILING = re.compile(r"[1-9][0-9]{0,5}")
LARGEST_CEILING = 100_000  # messages a second: nobody sends as many
URGENT = 2  # IPTC urgency from which an alert goes by the urgent queue
STEPS = {
    "published_at": msgid("published"),
    "seen_at": msgid("seen"),
    "matched_at": msgid("matched"),
    "queued_at": msgid("queued"),
    "first_sent_at": msgid("first sent"),
    "ninety_sent_at": msgid("nine of ten sent"),
    "last_sent_at": msgid("last sent"),
}
OUTCOMES = ("accepted", "later", "held", "gone", "refused", "unknown", "dropped")


def queue_for(urgency: int) -> str:
    """Name the push queue of an alert: a flash never waits behind an ordinary fan-out."""
    return "urgent" if urgency <= URGENT else "push"


def is_urgent(*, urgent: bool = True) -> ColumnElement[bool]:
    """Select the alerts of the urgent queue, or those of the ordinary one."""
    return col(Alert.urgency) <= URGENT if urgent else col(Alert.urgency) > URGENT


def recent_alerts(session: Session, limit: int) -> Sequence[Alert]:
    """List the latest alerts, newest first."""
    return session.exec(select(Alert).order_by(col(Alert.id).desc()).limit(limit)).all()


def find_alert(session: Session, alert_id: int) -> Alert:
    """Find an alert by its number; raises Mistake when there is none."""
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise Missing(f"There is no alert {alert_id}", ": `tocsin alerts list` shows the latest.")
    return alert


def alert_topics(session: Session, alert: Alert) -> Sequence[Topic]:
    """List the topics whose followers an alert is for, by name."""
    wanted = select(Topic).join(AlertTopic).where(AlertTopic.alert_id == alert.id)
    return session.exec(wanted.order_by(col(Topic.name))).all()


def topics_of(session: Session, alerts: Sequence[Alert]) -> dict[int, list[Topic]]:
    """List the topics of each of some alerts, by name."""
    numbers = [alert.id or 0 for alert in alerts]
    wanted = select(AlertTopic.alert_id, Topic).join(Topic).where(col(AlertTopic.alert_id).in_(numbers))
    found: dict[int, list[Topic]] = {number: [] for number in numbers}
    for number, topic in session.exec(wanted.order_by(col(Topic.name))):
        found[number].append(topic)
    return found


@dataclass(frozen=True, slots=True)
class Reached:
    """A step an alert has reached: when, and how many seconds after the one before."""

    name: str
    at: datetime
    took_s: float


def reached(alert: Alert) -> list[Reached]:
    """List the steps an alert has reached, in their order."""
    steps: list[Reached] = []
    for key, name in STEPS.items():
        at = getattr(alert, key)
        if at is not None:
            took = (at - steps[-1].at).total_seconds() if steps else 0.0
            steps.append(Reached(name, at, took))
    return steps


def alert_matches(session: Session, alert: Alert) -> Sequence[tuple[Topic, Match]]:
    """List the topics an alert's article speaks of, each with the words that matched, by name."""
    wanted = select(Topic, Match).join(Match).where(Match.article_id == alert.article_id)
    return session.exec(wanted.order_by(col(Topic.name))).all()


def outcomes(session: Session, alert: Alert) -> dict[str, int]:
    """Count an alert's recipients by outcome, and those that still wait for their first attempt."""
    counts = dict.fromkeys((*OUTCOMES, "waiting"), 0)
    for shard in session.exec(select(Shard).where(Shard.alert_id == alert.id)):
        for outcome in OUTCOMES:
            counts[outcome] += len(bitmap(getattr(shard, outcome)))
        counts["waiting"] += len(bitmap(shard.audience))
    told = sum(counts[outcome] for outcome in OUTCOMES)
    return counts | {"waiting": counts["waiting"] - told}


def bitmap(stored: bytes | None) -> BitMap64:
    """Open a shard's bitmap of channel ids; NULL is an empty one."""
    return BitMap64.deserialize(stored) if stored else BitMap64()


def approve_alert(session: Session, alert: Alert, ceiling: int | None = None) -> None:
    """Let a proposed alert ring, at most `ceiling` messages a second where one is given.

    Raises Mistake where it is not proposed, too old, or withdrawn.
    """
    # FOR NO KEY UPDATE: nobody withdraws its story meanwhile (SQLite has one writer anyway).
    session.get_one(Story, alert.story_id, with_for_update={"key_share": True}, populate_existing=True)
    session.refresh(alert)
    if alert.status == AlertStatus.proposed and (kill := withdrawal(session, alert.story_id)):
        raise Decided(f"The story of alert {alert.id} was withdrawn by alert {kill.id}: it does not ring.")
    if alert.status == AlertStatus.proposed and alert.expires_at <= clock.now():
        raise Decided(f"Alert {alert.id} is too old to ring: its time ended at {alert.expires_at:%H:%M} UTC.")
    if ceiling is not None:
        throttle_alert(session, alert, ceiling)
    _decide(session, alert, AlertStatus.queued)


def reject_alert(session: Session, alert: Alert) -> None:
    """Let a proposed alert never ring; raises Mistake where it is not proposed."""
    _decide(session, alert, AlertStatus.rejected)


def read_ceiling(text: str, *, needed: bool = False) -> int | None:
    """Read a ceiling as people write it: a number, `off` (0), or unless `needed` nothing (None).

    Raises Mistake for anything else.
    """
    written = text.strip().lower()
    if not written and not needed:
        return None
    if written == "off":
        return 0
    if CEILING.fullmatch(written) and int(written) <= LARGEST_CEILING:
        return int(written)
    raise Mistake(
        f"{text.strip()!r} is no ceiling: write how many messages a second, "
        f"from 1 to {LARGEST_CEILING}, or off."
    )


def throttle_alert(session: Session, alert: Alert, ceiling: int) -> None:
    """Let an alert send at most `ceiling` messages a second, 0: as many as can be sent.

    Its senders know within a quarter of a second. Raises Mistake where it does not wait or ring.
    """
    throttled = update(Alert).where(col(Alert.id) == alert.id, col(Alert.status).in_(THROTTLED))
    if not session.execute(throttled.values(ceiling=ceiling).returning(col(Alert.id))).first():
        raise Mistake(
            f"Alert {alert.id} is {alert.status}: only one that waits or is ringing can be throttled."
        )
    session.refresh(alert)


def turn_down(session: Session, alert: Alert, why: str) -> None:
    """Let a proposed alert never ring, for this reason, which the desk is shown."""
    alert.stop_why = why
    session.flush()
    reject_alert(session, alert)


def stop_alert(session: Session, alert: Alert) -> None:
    """Stop an alert that is ringing: within a quarter of a second its senders tell nobody more.

    Raises Mistake where it is not ringing.
    """
    cancel(session, alert, "an admin stopped the alert")


def cancel(session: Session, alert: Alert, why: str) -> None:
    """Tell nobody more of an alert, for this reason; raises Mistake where it is not ringing."""
    assert alert.id is not None  # noqa: S101 - it came from the database
    now, ringing = clock.now(), (AlertStatus.queued, AlertStatus.ringing)
    # Deliveries before the alert, as those who tell them lock them.
    later = update(Delivery).where(
        col(Delivery.alert_id) == alert.id,
        col(Delivery.status).in_([DeliveryStatus.waiting, DeliveryStatus.held]),
    )
    session.execute(later.values(due_at=now))  # their next attempt drops them
    values = {"status_at": now, "stop_why": why}
    if not move(session, Alert, [alert.id], leave=ringing, enter=AlertStatus.stopped, **values):
        raise Decided(f"Alert {alert.id} is {alert.status}: only one that is ringing can be stopped.")
    session.refresh(alert)


def _decide(session: Session, alert: Alert, enter: AlertStatus) -> None:
    assert alert.id is not None  # noqa: S101 - it came from the database
    if not move(session, Alert, [alert.id], leave=AlertStatus.proposed, enter=enter, status_at=clock.now()):
        raise Decided(f"Alert {alert.id} is {alert.status}: only a proposed one can be decided on.")
    session.refresh(alert)
