"""Storing what became of attempts: deliveries to try again, channels to retire, alerts that have rung."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, case, delete, func, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.corrections import are_settled, owed
from subscriptions.database import reading, unit_of_work
from subscriptions.prepared import Prepared
from subscriptions.sisters import corrected
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    move,
)
from worker.push.ledger import KINDS, Ledger
from worker.push.outcome import Outcome

log = structlog.get_logger()

ALERTS: Any = inspect(Alert).local_table
REFUSALS = 5  # in a row with no success between: the address is as good as gone
NINETY = 0.9
# What an admin may do to an alert while it rings: stop it, and throttle it.
BY_ADMIN = Prepared(
    select(Alert.status, Alert.stop_why, Alert.ceiling).where(col(Alert.id) == bindparam("alert"))
)
# FOR NO KEY UPDATE, so that of two workers that settle an alert's last two shards one sees both.
PROGRESS = Prepared(
    select(Alert.recipients, Alert.ninety_sent_at)
    .where(col(Alert.id) == bindparam("alert"))
    .with_for_update(key_share=True)
)
SETTLED = Prepared(
    select(
        func.coalesce(func.sum(Shard.settled), 0),
        func.coalesce(func.sum(case((col(Shard.status) == ShardStatus.settled, 0), else_=1)), 0),
    ).where(col(Shard.alert_id) == bindparam("alert"))
)
NOTE_NINETY = Prepared(
    update(ALERTS)
    .where(ALERTS.c.id == bindparam("alert"))
    .values(ninety_sent_at=bindparam("at"))
    .returning(ALERTS.c.id)
)


def store_deliveries(session: Session, alert_id: int, shard_id: int, outcomes: Sequence[Outcome]) -> None:
    """Store a row for each first attempt that a bit cannot tell."""
    ids = [outcome.channel_id for outcome in outcomes if outcome.kind != "accepted"]
    known = set(session.exec(select(Channel.id).where(col(Channel.id).in_(ids)))) if ids else set()
    rows = [
        {
            "alert_id": alert_id,
            "channel_id": outcome.channel_id,
            "shard_id": shard_id,
            "status": delivery_status(outcome),
            "due_at": outcome.due_at,
            "attempts": int(outcome.tried and outcome.kind != "dropped"),
            "in_digest": outcome.digest,
            "held_until": outcome.due_at if outcome.kind == "held" else None,
            "answer": outcome.answer,
            "why": outcome.why,
            "updated_at": clock.now(),
        }
        for outcome in outcomes
        if outcome.channel_id in known and outcome.kind != "accepted"
    ]
    if rows:  # they may be there already, when the answer to an earlier commit was lost
        session.execute(_insert(session)(Delivery).on_conflict_do_nothing(), rows)


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def forget_deliveries(session: Session, alert_id: int, outcomes: Sequence[Outcome]) -> None:
    """Delete what was noted down before telling these channels, now that it is known what came of it."""
    ids = [outcome.channel_id for outcome in outcomes]
    noted = delete(Delivery).where(col(Delivery.alert_id) == alert_id, col(Delivery.channel_id).in_(ids))
    session.execute(noted)


def delivery_status(outcome: Outcome) -> DeliveryStatus:
    """Give the state of a delivery with this outcome."""
    if outcome.kind == "later":
        return DeliveryStatus.waiting
    return DeliveryStatus.gathered if outcome.digest else DeliveryStatus(outcome.kind)


def mark(session: Session, shard_id: int, outcomes: Sequence[Outcome]) -> None:
    """Note outcomes in the ledger of a shard."""
    shard = session.get_one(Shard, shard_id, with_for_update={"key_share": True}, populate_existing=True)
    ledger = Ledger(shard.audience, **{kind: getattr(shard, kind) for kind in KINDS})
    for outcome in outcomes:
        ledger.mark(outcome)
    shard.sqlmodel_update(ledger.columns())
    session.flush()


def judge_channels(session: Session, outcomes: Sequence[Outcome], have_refused: Collection[int]) -> None:
    """Retire channels that are gone or refuse again and again; a success forgives who `have_refused`."""
    accepted = [
        outcome.channel_id
        for outcome in outcomes
        if outcome.kind == "accepted" and outcome.channel_id in have_refused
    ]
    refused = [outcome.channel_id for outcome in outcomes if outcome.kind == "refused"]
    if accepted:
        forgiven = update(Channel).where(col(Channel.id).in_(accepted))
        session.execute(forgiven.values(refusals=0))
    if refused:
        counted = update(Channel).where(col(Channel.id).in_(refused))
        session.execute(counted.values(refusals=Channel.refusals + 1))
        many = select(Channel.id).where(col(Channel.id).in_(refused), Channel.refusals >= REFUSALS)
        _retire(
            session, [channel for channel in session.exec(many) if channel], "refused five times in a row"
        )
    for outcome in outcomes:
        if outcome.kind == "gone":
            _retire(session, [outcome.channel_id], f"the address is gone: {outcome.answer}")


def _retire(session: Session, channels: Sequence[int], why: str) -> None:
    for channel in move(
        session,
        Channel,
        channels,
        leave=ChannelStatus.live,
        enter=ChannelStatus.retired,
        status_at=clock.now(),
        why=why,
    ):
        log.info("channel retired", channel=channel, why=why)


def note_by_admin(alert: Alert, status: str, stop_why: str, ceiling: int | None) -> None:
    """Note on the alert that its attempts share whether it has been stopped meanwhile, and its ceiling."""
    if status != alert.status:
        alert.status, alert.stop_why = AlertStatus(status), stop_why
    alert.ceiling = ceiling


def look_at_alert(session: Session, alert: Alert) -> None:
    """Look what an admin did to an alert meanwhile."""
    for row in BY_ADMIN.within(session, alert=alert.id):
        note_by_admin(alert, *row)


def look_at_alerts(alerts: Sequence[Alert]) -> None:
    """Look what an admin did to alerts under way meanwhile."""
    found = {number: BY_ADMIN.alone(alert=number) for number in {alert.id for alert in alerts}}
    for alert in alerts:
        for row in found[alert.id]:
            note_by_admin(alert, *row)


def mark_first_sent(session: Session, alert: Alert, outcomes: Sequence[Outcome]) -> None:
    """Note when the first recipient of an alert was told."""
    if alert.first_sent_at is None and any(outcome.kind == "accepted" for outcome in outcomes):
        first = update(Alert).where(col(Alert.id) == alert.id, col(Alert.first_sent_at).is_(None))
        session.execute(first.values(first_sent_at=clock.now()))
        alert.first_sent_at = clock.now()


def close(session: Session, alert_id: int) -> None:
    """Note how far an alert has come; it has rung when every recipient is settled."""
    ((recipients, ninety_sent_at),) = PROGRESS.within(session, alert=alert_id)
    ((settled, left),) = SETTLED.within(session, alert=alert_id)
    is_ninety = not ninety_sent_at and recipients and settled >= NINETY * recipients
    if left and not is_ninety:
        return
    now = clock.now()
    if is_ninety:
        NOTE_NINETY.within(session, alert=alert_id, at=now)
    alert = session.get_one(Alert, alert_id, populate_existing=True)
    # Rows, not counts, decide: a recipient deleted while waiting for another attempt leaves only its bit.
    if not are_settled(session, [alert, *corrected(session, alert)]):
        return
    if alert.corrects is not None and owed(session, alert):
        return  # they were told meanwhile what is corrected; the sweep lays out the correction for them
    if alert.status == AlertStatus.stopped:
        alert.last_sent_at = alert.last_sent_at or now
        session.flush()
    values = {"status_at": now, "last_sent_at": now if alert.recipients else None}
    if move(session, Alert, [alert_id], leave=AlertStatus.ringing, enter=AlertStatus.rung, **values):
        log.info("rung", trace=alert.trace, alert=alert_id, recipients=alert.recipients, took_s=_took(alert))


def close_late() -> None:
    """Close alerts that ring with nothing left to do: their last recipient was deleted while waiting."""
    open_shards = select(Shard.alert_id).where(Shard.status != ShardStatus.settled)
    due = col(Delivery.status).in_([DeliveryStatus.waiting, DeliveryStatus.claimed])
    ringing = select(Alert.id).where(
        Alert.status == AlertStatus.ringing,
        col(Alert.id).not_in(open_shards),
        col(Alert.id).not_in(select(Delivery.alert_id).where(due)),
    )
    with reading() as session:
        done = [alert_id for alert_id in session.exec(ringing) if alert_id is not None]
    for alert_id in done:
        with unit_of_work() as session:
            close(session, alert_id)


def _took(alert: Alert) -> float:
    return round((clock.now() - alert.seen_at) / timedelta(seconds=1), 3)
