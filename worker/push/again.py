"""The step from a delivery whose time has come to its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, tuple_, update
from sqlmodel import Session, and_, col, select

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Alert, Delivery, DeliveryStatus, Shard, ShardStatus
from worker.push.attempt import Attempt
from worker.push.ledger import KINDS, Ledger
from worker.push.outcome import Outcome
from worker.push.recipients import recipients
from worker.push.send import in_turns, sending
from worker.push.settle import close, delivery_status, judge_channels, mark_first_sent

AT_ONCE = 200  # deliveries one call claims


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in our hands until `until`, which is also the mark that it is ours."""

    delivery: Delivery
    until: datetime


def deliver_again() -> int:
    """Make the attempts that are due; tell how many there were, at most 200."""
    with unit_of_work() as session:
        claimed = _claim(session)
        attempts = _attempts(session, claimed)
    by_channel = {(item.delivery.alert_id, item.delivery.channel_id): item for item in claimed}
    for alert_id in sorted({item.delivery.alert_id for item in claimed}):
        _deliver_alert(
            alert_id, [attempt for attempt in attempts if attempt.alert.id == alert_id], by_channel
        )
    return len(claimed)


def _deliver_alert(
    alert_id: int, attempts: Sequence[Attempt], claimed: dict[tuple[int, int], Claimed]
) -> None:
    with sending() as senders:
        for outcomes in in_turns(senders, attempts):
            with unit_of_work() as session:
                for outcome in outcomes:
                    _settle(session, claimed[alert_id, outcome.channel_id], outcome)
                judge_channels(session, outcomes)
                if any(outcome.kind == "accepted" for outcome in outcomes):
                    mark_first_sent(session, alert_id)
                close(session, alert_id)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Delivery.status).in_([DeliveryStatus.waiting, DeliveryStatus.claimed]),
        col(Delivery.due_at) <= now,
    )


def _claim(session: Session) -> list[Claimed]:
    """Take deliveries that are due; a shard still being sent keeps its own until it is settled."""
    now = clock.now()
    until = now + timedelta(seconds=settings().lease_s)
    due = (
        select(Delivery.alert_id, Delivery.channel_id)
        .join(Shard, col(Shard.id) == col(Delivery.shard_id))
        .where(_due(now), Shard.status == ShardStatus.settled)
        .order_by(col(Delivery.due_at))
        .limit(AT_ONCE)
    )
    keys = [tuple(row) for row in session.exec(due)]
    taken = (
        update(Delivery)
        .where(tuple_(col(Delivery.alert_id), col(Delivery.channel_id)).in_(keys), _due(now))
        .values(status=DeliveryStatus.claimed, due_at=until, updated_at=now)
        .returning(Delivery)
    )
    rows = session.execute(taken).scalars().all() if keys else []
    return [Claimed(row, until) for row in rows]


def _attempts(session: Session, claimed: Sequence[Claimed]) -> list[Attempt]:
    attempts: list[Attempt] = []
    for alert_id in {item.delivery.alert_id for item in claimed}:
        alert = session.get_one(Alert, alert_id)
        numbers = {
            item.delivery.channel_id: item.delivery.attempts + 1
            for item in claimed
            if item.delivery.alert_id == alert_id
        }
        found = recipients(session, alert_id, list(numbers))
        attempts += [Attempt(alert, each, numbers[each.channel.id or 0]) for each in found]
    return attempts


def _settle(session: Session, claimed: Claimed, outcome: Outcome) -> None:
    row = claimed.delivery
    ours = update(Delivery).where(
        col(Delivery.alert_id) == row.alert_id,
        col(Delivery.channel_id) == row.channel_id,
        col(Delivery.status) == DeliveryStatus.claimed,
        col(Delivery.due_at) == claimed.until,
    )
    values = {
        "status": delivery_status(outcome),
        "due_at": outcome.due_at,
        "attempts": row.attempts + (outcome.kind != "dropped"),
        "answer": outcome.answer or row.answer,
        "why": outcome.why,
        "updated_at": clock.now(),
    }
    if session.execute(ours.values(**values).returning(col(Delivery.alert_id))).first() is None:
        return  # our lease ended, and somebody else has it
    shard = session.get_one(Shard, row.shard_id, with_for_update=True, populate_existing=True)
    ledger = Ledger(shard.audience, **{kind: getattr(shard, kind) for kind in KINDS})
    ledger.mark(outcome)
    shard.sqlmodel_update(ledger.columns())
    session.flush()
