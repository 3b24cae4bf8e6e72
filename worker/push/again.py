"""The step from a delivery whose time has come to its outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Update, tuple_, update
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
from worker.push.settle import close, delivery_status, judge_channels, look_for_stop, mark_first_sent

AT_ONCE = 200  # deliveries one call claims
Key = tuple[int, int]  # alert and channel
KEY = (col(Delivery.alert_id), col(Delivery.channel_id))

log = structlog.get_logger()


@dataclass(slots=True)
class Claim:
    """Deliveries in our hands until `until`, which is also the mark that they are ours."""

    open: dict[Key, Delivery]  # those without an outcome yet
    until: datetime


def deliver_again() -> int:
    """Make the attempts that are due; tell how many there were, at most 200.

    As with a shard, each tenth of a second the outcomes are stored and the lease of the others is
    renewed; when it is lost nothing more is sent.
    """
    with unit_of_work() as session:
        claim = _claim(session)
        attempts = _attempts(session, claim)
    taken = len(claim.open)
    for alert_id in sorted({alert_id for alert_id, _channel_id in claim.open}):
        of_alert = [attempt for attempt in attempts if attempt.alert.id == alert_id]
        if not _deliver_alert(claim, alert_id, of_alert):
            log.warning("lease lost, another worker goes on")
            break
    return taken


def _deliver_alert(claim: Claim, alert_id: int, attempts: Sequence[Attempt]) -> bool:
    with sending() as senders:
        for outcomes in in_turns(senders, attempts):
            with unit_of_work() as session:
                for outcome in outcomes:
                    _settle(session, claim, (alert_id, outcome.channel_id), outcome)
                judge_channels(session, outcomes)
                if any(outcome.kind == "accepted" for outcome in outcomes):
                    mark_first_sent(session, alert_id)
                close(session, alert_id)
                look_for_stop(session, attempts[0].alert)
                ours = _renew(session, claim)
            if not ours:
                return False
    return True


def _renew(session: Session, claim: Claim) -> bool:
    """Keep what is not settled yet for another lease; False when somebody else has some of it."""
    if not claim.open:
        return True
    until = clock.now() + timedelta(seconds=settings().lease_s)
    renewed = session.execute(_ours(claim, claim.open).values(due_at=until).returning(*KEY)).all()
    missing = set(claim.open) - {(alert_id, channel_id) for alert_id, channel_id in renewed}
    claim.until = until
    if not missing:
        return True
    for key in missing:
        del claim.open[key]
    taken = select(Delivery.channel_id).where(tuple_(*KEY).in_(list(missing)))
    return session.exec(taken).first() is None  # else their owners were deleted meanwhile


def _ours(claim: Claim, keys: Iterable[Key]) -> Update:
    return update(Delivery).where(
        tuple_(*KEY).in_(list(keys)),
        col(Delivery.status) == DeliveryStatus.claimed,
        col(Delivery.due_at) == claim.until,
    )


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Delivery.status).in_([DeliveryStatus.waiting, DeliveryStatus.claimed]),
        col(Delivery.due_at) <= now,
    )


def _claim(session: Session) -> Claim:
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
        .where(tuple_(*KEY).in_(keys), _due(now))
        .values(status=DeliveryStatus.claimed, due_at=until, updated_at=now)
        .returning(Delivery)
    )
    rows = session.execute(taken).scalars().all() if keys else []
    return Claim({(row.alert_id, row.channel_id): row for row in rows}, until)


def _attempts(session: Session, claim: Claim) -> list[Attempt]:
    attempts: list[Attempt] = []
    for alert_id in {alert_id for alert_id, _channel_id in claim.open}:
        alert = session.get_one(Alert, alert_id)
        numbers = {
            row.channel_id: row.attempts + 1 for row in claim.open.values() if row.alert_id == alert_id
        }
        found = recipients(session, alert_id, list(numbers))
        attempts += [Attempt(alert, each, numbers[each.channel.id or 0]) for each in found]
    return attempts


def _settle(session: Session, claim: Claim, key: Key, outcome: Outcome) -> None:
    row = claim.open.pop(key, None)
    if row is None:
        return  # its owner was deleted meanwhile
    values = {
        "status": delivery_status(outcome),
        "due_at": outcome.due_at,
        "attempts": row.attempts + (outcome.kind != "dropped"),
        "answer": outcome.answer or row.answer,
        "why": outcome.why,
        "updated_at": clock.now(),
    }
    if (
        session.execute(_ours(claim, [key]).values(**values).returning(col(Delivery.alert_id))).first()
        is None
    ):
        return  # our lease ended, and somebody else has it
    shard = session.get_one(Shard, row.shard_id, with_for_update=True, populate_existing=True)
    ledger = Ledger(shard.audience, **{kind: getattr(shard, kind) for kind in KINDS})
    ledger.mark(outcome)
    shard.sqlmodel_update(ledger.columns())
    session.flush()
