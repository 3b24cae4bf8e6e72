"""The step from shards to told recipients."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from time import monotonic
from typing import Any, Literal, NamedTuple, get_args

import structlog
from sqlalchemy import bindparam, inspect, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, and_, col, or_, select

from subscriptions import clock
from subscriptions.alerts import is_urgent
from subscriptions.database import BusyError, reading, unit_of_work
from subscriptions.prepared import Prepared
from subscriptions.settings import settings
from subscriptions.tables import Alert, Shard, ShardStatus
from worker.push.attempt import Attempt
from worker.push.deciding import decide
from worker.push.fall_back import fall_back
from worker.push.fan_out import fan_out, queued_alerts
from worker.push.ledger import KINDS, Ledger
from worker.push.outcome import Outcome
from worker.push.pump import pump
from worker.push.recipients import Messages, have_refused, recipients
from worker.push.settle import (
    close,
    forget_deliveries,
    judge_channels,
    mark_first_sent,
    note_by_admin,
    store_deliveries,
)

log = structlog.get_logger()

SHARDS: Any = inspect(Shard).local_table
ALERTS: Any = inspect(Alert).local_table
Which = Literal[
    "given", "urgent", "ordinary"
]  # shard is to be claimed: a certain one, or the first of a queue
SIDE_BY_SIDE_CLAIMS = 2  # a shard that outlived as many workers is told one recipient after the other
# The statement that is executed twenty-five times a second for every shard under way.
KEEP = Prepared(
    update(SHARDS)
    .where(
        SHARDS.c.id == bindparam("ours"),
        SHARDS.c.holder == bindparam("holds"),
        SHARDS.c.status == ShardStatus.claimed,
    )
    .values({name: bindparam(f"new_{name}") for name in (*KINDS, "settled", "lease_until")})
    .returning(  # and what an admin did meanwhile: one statement is half the time of two
        select(ALERTS.c.status).where(ALERTS.c.id == bindparam("of_alert")).scalar_subquery(),
        select(ALERTS.c.stop_why).where(ALERTS.c.id == bindparam("of_alert")).scalar_subquery(),
        select(ALERTS.c.ceiling).where(ALERTS.c.id == bindparam("of_alert")).scalar_subquery(),
    )
)
SETTLE = Prepared(  # what subscriptions.tables.move does; KEEP has just said that it is ours
    update(SHARDS)
    .where(SHARDS.c.id == bindparam("ours"), SHARDS.c.status == ShardStatus.claimed)
    .values(status=ShardStatus.settled, status_at=bindparam("at"), lease_until=None)
    .returning(SHARDS.c.id)
)
TAKES_S = 5.0  # then the process looks what else there is to do
SLOW_TAKES_S = 25.0  # longer while attempts hang: it could not soon anyway


def deliver(*shard_ids: int, urgent: bool | None = None) -> bool:
    """Tell these shards' recipients who have no outcome yet; for some seconds, those of others too.

    The others are those of urgent alerts, then unless `urgent` of ordinary ones; none when it is None. Tells
    whether some may still wait. Alerts of the queue that are rung meanwhile are laid out and told, too.
    Shards that another worker holds or that are settled are passed over. Every 40 ms the outcomes are
    stored and the lease is renewed; when the lease is lost nothing more is sent, and when the alert has been
    stopped the others are dropped. A shard whose workers died twice may hold a recipient whose telling kills
    them: from then on each recipient is noted down as unknown before being told, so that no one can do so
    twice.
    """
    taker = _Taker(list(shard_ids), urgent=urgent)
    pump(taker.take)
    return taker.out_of_time


class _Taker:
    def __init__(self, shard_ids: list[int], *, urgent: bool | None) -> None:
        self._given = shard_ids
        self._urgent = urgent
        self._until = monotonic() + TAKES_S
        self.out_of_time = False
        self._laid_out: set[int] = set()

    def take(self, *, idle: bool, slow: bool) -> "Claim | None":
        """Claim the next shard; one that may kill the worker only when nothing else is under way."""
        while self._given:
            claim = _claim("given", idle=idle, ours=self._given[0])
            self._given.pop(0)
            if claim is not None:
                return claim
        self.out_of_time = monotonic() > self._until + (SLOW_TAKES_S if slow else 0)
        if self._urgent is None or self.out_of_time:
            return None
        return self._first_waiting(idle=idle) or (self._lay_out() and self._first_waiting(idle=idle)) or None

    def _first_waiting(self, *, idle: bool) -> "Claim | None":
        return _claim("urgent", idle=idle) or (None if self._urgent else _claim("ordinary", idle=idle))

    def _lay_out(self) -> bool:
        """Lay out alerts that were rung meanwhile: whose task it is may wait for what hangs here."""
        queued = set(queued_alerts(urgent=bool(self._urgent))) - self._laid_out
        self._laid_out |= queued
        for alert_id in sorted(queued):
            try:
                fan_out(alert_id)
            except (OperationalError, BusyError):
                raise
            except Exception:
                log.exception("cannot be laid out", alert=alert_id)
        return bool(queued)


@dataclass(slots=True)
class Claim:
    """A shard in our hands until its lease ends."""

    shard_id: int
    holder: str
    number: int  # how manieth claim of the shard it is
    alert: Alert
    ledger: Ledger
    attempts: list[Attempt]
    have_refused: set[int]  # channels
    decided: list[Outcome] = field(default_factory=list)  # of those who are not told now

    @property
    def one_by_one(self) -> bool:
        """Say whether so many workers died with this shard that a recipient of it may be the cause."""
        return self.number > SIDE_BY_SIDE_CLAIMS

    def store(self, outcomes: Sequence[Outcome], *, done: bool, waits: bool) -> bool:
        """Store outcomes and renew the lease; False, with nothing stored, when it is no longer ours."""
        fresh = [*self.decided, *outcomes]
        for outcome in fresh:
            self.ledger.mark(outcome)
        if done or not self._are_only_bits(fresh):
            kept = self._store_with_rows(fresh, done=done, waits=waits)
        else:
            kept = self._heard(KEEP.alone(waits=waits, **self.columns()))
        if not kept:
            log.warning("lease lost, another worker goes on", shard=self.shard_id)
            return False
        self.decided = []
        if done:
            counts = {kind: len(told) for kind, told in self.ledger.told.items() if told}
            names = {"trace": self.alert.trace, "alert": self.alert.id, "shard": self.shard_id}
            log.info("shard settled", **names, **counts)
        return True

    def _are_only_bits(self, outcomes: Sequence[Outcome]) -> bool:
        """Say whether the bitmaps say all there is to store, as they do nearly always."""
        if self.one_by_one or (outcomes and self.alert.first_sent_at is None):
            return False
        return all(
            outcome.kind == "accepted" and outcome.channel_id not in self.have_refused for outcome in outcomes
        )

    def _store_with_rows(self, outcomes: Sequence[Outcome], *, done: bool, waits: bool) -> bool:
        with unit_of_work(waits=waits) as session:
            if not self._heard(KEEP.within(session, **self.columns())):
                return False
            self._note(session, outcomes)
            if done:
                self._settle(session)
        return True

    def columns(self) -> dict[str, Any]:
        """Give what KEEP is executed with."""
        values = self.ledger.columns() | {"lease_until": clock.now() + _lease()}
        given: dict[str, Any] = {f"new_{name}": value for name, value in values.items()}
        return given | {"ours": self.shard_id, "holds": self.holder, "of_alert": self.alert.id}

    def _heard(self, kept: Sequence[Any]) -> bool:
        """Note what an admin did to the alert meanwhile; say whether the shard is ours still."""
        for row in kept:
            note_by_admin(self.alert, *row)
        return bool(kept)

    def _settle(self, session: Session) -> None:
        SETTLE.within(session, ours=self.shard_id, at=clock.now())
        close(session, self.alert.id or 0)

    def _note(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        alert_id = self.alert.id or 0
        if self.one_by_one:
            forget_deliveries(session, alert_id, outcomes)
        store_deliveries(session, alert_id, self.shard_id, outcomes)
        judge_channels(session, outcomes, self.have_refused)
        mark_first_sent(session, self.alert, outcomes)
        fall_back(session, self.alert, outcomes)


class Row(NamedTuple):
    """A shard that was claimed, as stored."""

    id: int
    alert_id: int
    claims: int
    audience: bytes
    told: tuple[bytes | None, ...]  # in the order of KINDS


@cache
def _claiming(which: Which, *, idle: bool) -> Prepared:
    """Write down how a shard is claimed: while others are under way, not one that may kill us."""
    now = bindparam("at", type_=SHARDS.c.status_at.type)
    over = and_(SHARDS.c.status == ShardStatus.claimed, SHARDS.c.lease_until < now)
    harmless = [] if idle else [SHARDS.c.claims < SIDE_BY_SIDE_CLAIMS]
    wanted = bindparam("ours") if which == "given" else _first_waiting(urgent=which == "urgent")
    return Prepared(
        update(SHARDS)
        .where(SHARDS.c.id == wanted, or_(SHARDS.c.status == ShardStatus.waiting, over), *harmless)
        .values(status=ShardStatus.claimed, status_at=now, claims=SHARDS.c.claims + 1)
        .values(holder=bindparam("holds"), lease_until=bindparam("until"))
        .returning(*(SHARDS.c[name] for name in ("id", "alert_id", "claims", "audience", *KINDS)))
    )


def write_down_claims() -> None:
    """Write down all ways to claim a shard, ahead of the first."""
    for which in get_args(Which):
        for idle in (True, False):
            _claiming(which, idle=idle)


def _first_waiting(*, urgent: bool) -> Any:
    """Select the first shard that waits in a queue; on PostgreSQL, the first nobody is just taking."""
    return (
        select(Shard.id)
        .where(
            Shard.status == ShardStatus.waiting,
            col(Shard.alert_id).in_(select(Alert.id).where(is_urgent(urgent=urgent))),
        )
        .order_by(col(Shard.id))
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
        .scalar_subquery()
    )


def _claim(which: Which, *, idle: bool, **given: int) -> Claim | None:
    """Claim a shard; while others are under way, without waiting for who is writing."""
    holder, now = secrets.token_hex(8), clock.now()
    claimed = _claiming(which, idle=idle).alone(
        waits=idle, at=now, until=now + _lease(), holds=holder, **given
    )
    if not claimed:
        return None
    number, alert_id, claims, audience, *told = claimed[0]
    with reading() as session:  # apart: others may write while a thousand recipients are read
        return _open(session, Row(number, alert_id, claims, audience, tuple(told)), holder)


def _open(session: Session, shard: Row, holder: str) -> Claim:
    alert = session.get_one(Alert, shard.alert_id)
    ledger = Ledger(shard.audience, **dict(zip(KINDS, shard.told, strict=True)))
    to_do = ledger.to_do()
    found = recipients(session, shard.alert_id, to_do)
    known = {recipient.channel_id for recipient in found}
    missing = [
        Outcome(channel, "dropped", why="its owner was deleted") for channel in to_do if channel not in known
    ]
    decided = decide(session, alert, found)
    messages = Messages(alert)
    attempts = [Attempt(alert, each, message=messages.message_for(each)) for each in decided.tell]
    refused, others = have_refused(decided.tell), [*missing, *decided.outcomes]
    return Claim(shard.id, holder, shard.claims, alert, ledger, attempts, refused, others)


def _lease() -> timedelta:
    return timedelta(seconds=settings().lease_s)
