"""The step from a delivery whose time has come to its outcome."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import ColumnElement, case, update
from sqlmodel import Session, and_, col, or_, select

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Alert, Delivery, DeliveryStatus, Shard, ShardStatus
from worker.push.attempt import Attempt
from worker.push.deciding import decide
from worker.push.fall_back import fall_back
from worker.push.outcome import BEGAN, Outcome
from worker.push.pump import pump
from worker.push.recipients import have_refused, recipients
from worker.push.replaced import replaced
from worker.push.settle import close, delivery_status, judge_channels, look_at_alert, mark, mark_first_sent

CLAIMABLE = (DeliveryStatus.waiting, DeliveryStatus.claimed, DeliveryStatus.held)
AT_ONCE = 500  # deliveries one claim takes
FEW = 50  # that are told one by one, so that the others' turn comes
TAKES_S = 5.0  # then the process looks what else there is to do
SLOW_TAKES_S = 25.0  # longer while attempts hang: it could not soon anyway

log = structlog.get_logger()


def deliver_again() -> int:
    """Make the attempts that are due, for some seconds; tell how many there were.

    As with a shard, every 40 ms the outcomes are stored; when the lease is lost nothing
    more is sent.
    """
    taken, until = 0, monotonic() + TAKES_S

    def take(*, idle: bool, slow: bool) -> Claim | None:
        nonlocal taken
        claim = _claim(idle=idle) if monotonic() < until + (SLOW_TAKES_S if slow else 0) else None
        taken += len(claim.open) if claim else 0
        return claim

    pump(take)
    return taken


@dataclass(slots=True)
class Claim:
    """Deliveries of one alert in our hands until `until`, which is also the mark that they are ours."""

    alert: Alert
    open: dict[int, Delivery]  # by channel, those without an outcome yet
    until: datetime
    attempts: list[Attempt]
    have_refused: set[int]  # channels
    one_by_one: bool = False  # workers died with these: one of them may be the cause
    decided: list[Outcome] = field(default_factory=list)  # of those who are not told now

    def store(self, outcomes: Sequence[Outcome], *, done: bool, waits: bool) -> bool:
        """Store outcomes and renew the lease of the others; False when somebody else has one of those."""
        outcomes = [*self.decided, *outcomes]
        with unit_of_work(waits=waits) as session:
            look_at_alert(session, self.alert)
            held = self._held(session, outcomes)
            ours = [outcome for outcome in outcomes if outcome.channel_id in held]
            if ours:
                self._settle(session, ours)
                judge_channels(session, ours, self.have_refused)
                mark_first_sent(session, self.alert, ours)
                holds = {channel: row.held_until for channel, row in self.open.items()}
                fall_back(session, self.alert, ours, holds)
            left = self.open.keys() - {each.channel_id for each in outcomes if not each.has_begun}
            until, kept = (
                self._renew(session, left) if self._needs_lease() and not done else (self.until, True)
            )
            if done:
                close(session, self._alert_id)
        self.until, self.decided = until, []
        self.open = {channel: self.open[channel] for channel in left}
        if not kept:
            log.warning("lease lost, another worker goes on", alert=self._alert_id)
        return kept

    def _needs_lease(self) -> bool:
        whole = timedelta(seconds=settings().lease_s)
        return not whole * 2 / 3 < self.until - clock.now() <= whole

    @property
    def _alert_id(self) -> int:
        return self.alert.id or 0

    def _ours(self, channels: Collection[int]) -> ColumnElement[bool]:
        held = and_(col(Delivery.status) == DeliveryStatus.claimed, col(Delivery.due_at) == self.until)
        begun = and_(col(Delivery.status) == DeliveryStatus.unknown, col(Delivery.why) == BEGAN)
        return and_(
            col(Delivery.alert_id) == self._alert_id,
            col(Delivery.channel_id).in_(channels),
            or_(held, begun) if self.one_by_one else held,
        )

    def _held(self, session: Session, outcomes: Sequence[Outcome]) -> set[int]:
        """Lock those that are still ours: our lease may have ended, or their owner been deleted."""
        rows = select(Delivery.channel_id).where(self._ours([outcome.channel_id for outcome in outcomes]))
        return set(session.exec(rows.with_for_update(key_share=True))) if outcomes else set()

    def _settle(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        now = clock.now()
        rows = [
            {
                "alert_id": self._alert_id,
                "channel_id": outcome.channel_id,
                "status": delivery_status(outcome),
                "due_at": outcome.due_at,
                "attempts": row.attempts + (outcome.tried and outcome.kind != "dropped"),
                "answer": outcome.answer or row.answer,
                "why": outcome.why,
                "in_digest": outcome.digest,
                "held_until": outcome.due_at if outcome.kind == "held" else row.held_until,
                "deaths": 0,
                "updated_at": now,
            }
            for outcome in outcomes
            for row in (self.open[outcome.channel_id],)
        ]
        session.execute(update(Delivery), rows)
        by_shard: dict[int, list[Outcome]] = {}
        for outcome in outcomes:
            by_shard.setdefault(self.open[outcome.channel_id].shard_id, []).append(outcome)
        for shard_id in sorted(by_shard):
            mark(session, shard_id, by_shard[shard_id])

    def _renew(self, session: Session, channels: Collection[int]) -> tuple[datetime, bool]:
        until = clock.now() + timedelta(seconds=settings().lease_s)
        if not channels:
            return until, True
        renewed = session.execute(
            update(Delivery)
            .where(self._ours(channels))
            .values(due_at=until)
            .returning(col(Delivery.channel_id))
            .execution_options(synchronize_session=False)
        ).scalars()
        missing = set(channels) - set(renewed)
        taken = select(Delivery.channel_id).where(
            col(Delivery.alert_id) == self._alert_id, col(Delivery.channel_id).in_(missing)
        )
        # Those that are not even there any more: their owners were deleted meanwhile.
        return until, not missing or session.exec(taken).first() is None


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Delivery.status).in_(CLAIMABLE),
        col(Delivery.due_at) <= now,
    )


def _claim(*, idle: bool) -> Claim | None:
    """Take due deliveries of one alert; a shard still being sent keeps its own until it is settled.

    Those that workers died with twice are taken by themselves, and only while nothing else is under way.
    """
    with unit_of_work(waits=idle) as session:
        now = clock.now()
        ready = (
            select(Delivery.alert_id, Delivery.channel_id, _deadly())
            .join(Shard, col(Shard.id) == col(Delivery.shard_id))
            .where(_due(now), Shard.status == ShardStatus.settled)
            .where(or_(idle, ~_deadly()))
        )
        first = session.exec(ready.order_by(col(Delivery.due_at)).limit(1)).first()
        if first is None:
            return None
        alert_id, _channel, deadly = first
        # Of few shards, not of all: their outcomes are noted shard by shard.
        of_alert = ready.where(Delivery.alert_id == alert_id, _deadly() == deadly)
        of_alert = of_alert.order_by(col(Delivery.shard_id)).limit(FEW if deadly else AT_ONCE)
        channels = [
            row[1]
            for row in session.exec(of_alert.with_for_update(skip_locked=True, key_share=True, of=Delivery))
        ]
        return _take(session, alert_id, channels, now, one_by_one=bool(deadly))


def _take(
    session: Session, alert_id: int, channels: Sequence[int], now: datetime, *, one_by_one: bool
) -> Claim:
    until = now + timedelta(seconds=settings().lease_s)
    died = case((col(Delivery.status) == DeliveryStatus.claimed, 1), else_=0)
    taken = (
        update(Delivery)
        .where(col(Delivery.alert_id) == alert_id, col(Delivery.channel_id).in_(channels), _due(now))
        .values(status=DeliveryStatus.claimed, due_at=until, updated_at=now, deaths=Delivery.deaths + died)
        .returning(Delivery)
    )
    rows = {row.channel_id: row for row in session.execute(taken).scalars()}
    alert = session.get_one(Alert, alert_id)
    found = recipients(session, alert_id, list(rows))
    corrected = replaced(session, alert, [number for number, row in rows.items() if row.held_until])
    holds = {number: row.held_until for number, row in rows.items()}
    rest = [each for each in found if each.channel_id not in corrected]
    decided = decide(session, alert, rest, held_until=holds)
    attempts = [
        Attempt(alert, each, rows[each.channel_id].attempts + 1, holds[each.channel_id])
        for each in decided.tell
    ]
    others = [*corrected.values(), *decided.outcomes]
    return Claim(alert, rows, until, attempts, have_refused(found), one_by_one, others)


def _deadly() -> ColumnElement[bool]:
    """Select the deliveries that are left by a dead worker not for the first time."""
    return and_(col(Delivery.status) == DeliveryStatus.claimed, col(Delivery.deaths) > 0)
