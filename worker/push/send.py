"""The step from shard to told recipients."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from sqlalchemy import update
from sqlmodel import Session, and_, col, or_

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Alert, Shard, ShardStatus, move
from worker.push.attempt import Attempt, tell
from worker.push.ledger import KINDS, Ledger
from worker.push.outcome import Outcome
from worker.push.recipients import recipients
from worker.push.settle import (
    close,
    forget_deliveries,
    judge_channels,
    look_for_stop,
    mark_first_sent,
    store_deliveries,
)

log = structlog.get_logger()

CHECKPOINT_S = 0.1  # what a killed worker may tell twice is what it told since
SIDE_BY_SIDE_CLAIMS = 2  # a shard that outlived as many workers is told one recipient after the other
BEGAN = "the worker died while it told this recipient, who may have been told"


@dataclass(slots=True)
class Claim:
    """A shard in our hands until its lease ends."""

    shard_id: int
    holder: str
    number: int  # how manieth claim of the shard it is
    alert: Alert
    ledger: Ledger
    attempts: list[Attempt]
    missing: list[Outcome]  # channels whose owner was deleted since

    @property
    def one_by_one(self) -> bool:
        """Say whether so many workers died with this shard that a recipient of it may be the cause."""
        return self.number > SIDE_BY_SIDE_CLAIMS


def deliver(shard_id: int) -> None:
    """Tell a shard's recipients who have no outcome yet.

    Does nothing when another worker holds the shard or it is settled. Each tenth of a second the
    outcomes are stored and the lease is renewed; when the lease is lost nothing more is sent, and
    when the alert has been stopped the others are dropped. A shard whose workers died twice may hold
    a recipient whose telling kills them: from then on each recipient is noted down as unknown before
    being told, so that no one can do so twice.
    """
    claim = _claim(shard_id)
    if claim is None:
        return
    with structlog.contextvars.bound_contextvars(trace=claim.alert.trace, shard=shard_id):
        fresh = list(claim.missing)
        with sending() as senders:
            for told in _turns(senders, claim):
                fresh += told
                if not _checkpoint(claim, fresh):
                    log.warning("lease lost, another worker goes on")
                    return
                fresh = []
        _finish(claim, fresh)


def _turns(senders: ThreadPoolExecutor, claim: Claim) -> Iterator[list[Outcome]]:
    if not claim.one_by_one:
        yield from in_turns(senders, claim.attempts)
        return
    log.warning("workers died with this shard, telling one by one", claims=claim.number)
    for attempt in claim.attempts:
        yield [Outcome(attempt.recipient.channel.id or 0, "unknown", why=BEGAN)]  # stored before we go on
        yield from in_turns(senders, [attempt])


@contextmanager
def sending() -> Iterator[ThreadPoolExecutor]:
    """Open the pool of senders; what has not begun when the block is left is not sent any more.

    When the database goes away in the middle, telling all the others with nothing noted down would
    ring every one of them twice.
    """
    senders = ThreadPoolExecutor(settings().send_threads)
    try:
        yield senders
    finally:
        senders.shutdown(cancel_futures=True)


def in_turns(senders: ThreadPoolExecutor, attempts: Sequence[Attempt]) -> Iterator[list[Outcome]]:
    """Make attempts side by side; give, every checkpoint, the outcomes that came since the last."""
    under_way: set[Future[Outcome]] = {senders.submit(tell, attempt) for attempt in attempts}
    came: list[Outcome] = []
    given_at = monotonic()
    while under_way:
        done, under_way = wait(under_way, timeout=CHECKPOINT_S, return_when=FIRST_COMPLETED)
        came += [future.result() for future in done]
        if monotonic() - given_at >= CHECKPOINT_S or not under_way:
            yield came
            came, given_at = [], monotonic()


def _claim(shard_id: int) -> Claim | None:
    holder, now = secrets.token_hex(8), clock.now()
    with unit_of_work() as session:
        free = or_(
            Shard.status == ShardStatus.waiting,
            and_(Shard.status == ShardStatus.claimed, col(Shard.lease_until) < now),
        )
        claimed = (
            update(Shard)
            .where(col(Shard.id) == shard_id, free)
            .values(status=ShardStatus.claimed, status_at=now, holder=holder, claims=Shard.claims + 1)
            .values(lease_until=now + _lease())
            .returning(col(Shard.id))
        )
        if session.execute(claimed).first() is None:
            return None
        return _open(session, session.get_one(Shard, shard_id), holder)


def _open(session: Session, shard: Shard, holder: str) -> Claim:
    assert shard.id is not None  # noqa: S101 - it came from the database
    alert = session.get_one(Alert, shard.alert_id)
    ledger = Ledger(shard.audience, **{kind: getattr(shard, kind) for kind in KINDS})
    to_do = ledger.to_do()
    found = recipients(session, shard.alert_id, to_do)
    known = {recipient.channel.id for recipient in found}
    missing = [
        Outcome(channel, "dropped", why="its owner was deleted") for channel in to_do if channel not in known
    ]
    attempts = [Attempt(alert, each) for each in found]
    return Claim(shard.id, holder, shard.claims, alert, ledger, attempts, missing)


def _lease() -> timedelta:
    return timedelta(seconds=settings().lease_s)


def _checkpoint(claim: Claim, outcomes: Sequence[Outcome]) -> bool:
    """Store outcomes and renew the lease; False, with nothing stored, when the shard is no longer ours."""
    with unit_of_work() as session:
        look_for_stop(session, claim.alert)
        return _store(session, claim, outcomes, lease_until=clock.now() + _lease())


def _store(session: Session, claim: Claim, outcomes: Sequence[Outcome], **values: object) -> bool:
    for outcome in outcomes:
        claim.ledger.mark(outcome)
    ours = update(Shard).where(
        col(Shard.id) == claim.shard_id,
        col(Shard.holder) == claim.holder,
        col(Shard.status) == ShardStatus.claimed,
    )
    if (
        session.execute(ours.values(**claim.ledger.columns(), **values).returning(col(Shard.id))).first()
        is None
    ):
        return False
    if claim.one_by_one:
        forget_deliveries(session, claim.alert.id or 0, outcomes)
    store_deliveries(session, claim.alert.id or 0, claim.shard_id, outcomes)
    judge_channels(session, outcomes)
    if any(outcome.kind == "accepted" for outcome in outcomes):
        mark_first_sent(session, claim.alert.id or 0)
    return True


def _finish(claim: Claim, outcomes: Sequence[Outcome]) -> None:
    with unit_of_work() as session:
        if not _store(session, claim, outcomes, lease_until=None):
            return
        leave, enter = ShardStatus.claimed, ShardStatus.settled
        move(session, Shard, [claim.shard_id], leave=leave, enter=enter, status_at=clock.now())
        close(session, claim.alert.id or 0)
    counts = {kind: len(told) for kind, told in claim.ledger.told.items() if told}
    log.info("shard settled", alert=claim.alert.id, **counts)
