"""The next channel of a person, where none of those before it took an alert."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from pyroaring import BitMap64
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from subscriptions.tables import Alert, AlertKind, Channel, ChannelStatus, Delivery, Shard
from worker.push.fan_out import lay_out
from worker.push.ledger import KINDS, unpack
from worker.push.outcome import Outcome
from worker.push.people import among

TOO_LONG = timedelta(minutes=2)  # a channel whose next attempt would come later is not waited for

log = structlog.get_logger()


class Own(NamedTuple):
    """A channel of a person."""

    number: int
    owner: int
    rank: int
    live: bool


def fall_back(
    session: Session,
    alert: Alert,
    outcomes: Sequence[Outcome],
    held_until: Mapping[int, datetime | None] | None = None,
) -> None:
    """Lay out the next channels of those whose channels have all failed with these outcomes, stored already.

    Failed is who is gone, refused, or not to be tried for long; not who may have been told (unknown).
    A correction goes only where what it corrects went.
    """
    holds = held_until or {}
    failed = [each.channel_id for each in outcomes if _has_failed(alert, each, holds.get(each.channel_id))]
    if not failed or alert.kind != AlertKind.alert or alert.stop_why:
        return
    own = _channels_of_owners(session, failed)
    if all(not channels[1:] for channels in own):
        return
    # FOR NO KEY UPDATE: two channels that fail at once are not both to lay out the next one.
    locked = session.get_one(Alert, alert.id, with_for_update={"key_share": True}, populate_existing=True)
    hopes, known = _ledger(
        session, alert, [each.number for channels in own for each in channels], set(failed)
    )
    following = sorted(number for channels in own for number in _next(channels, hopes, known))
    if following:
        lay_out(session, alert.id or 0, following)
        locked.recipients += len(following)
        session.flush()
        log.info("next channels", trace=alert.trace, alert=alert.id, channels=len(following))


def _has_failed(alert: Alert, outcome: Outcome, held_until: datetime | None) -> bool:
    if outcome.kind == "later":
        return _is_too_late(alert, outcome.due_at, held_until)
    return outcome.kind in ("gone", "refused") or (outcome.kind == "dropped" and outcome.tried)


def _is_too_late(alert: Alert, due_at: datetime | None, held_until: datetime | None) -> bool:
    began = max(each for each in (alert.queued_at, held_until, alert.matched_at) if each is not None)
    return due_at is not None and due_at > began + TOO_LONG


def _channels_of_owners(session: Session, numbers: Sequence[int]) -> list[list[Own]]:
    owners = columns(col(Channel.subscriber_id)).where(among(Channel.id, numbers)).distinct()
    rows = columns(col(Channel.id), col(Channel.subscriber_id), col(Channel.rank), col(Channel.status))
    own: dict[int, list[Own]] = {}
    for number, owner, rank, status in session.execute(rows.where(col(Channel.subscriber_id).in_(owners))):
        one = Own(number or 0, owner, rank, status == ChannelStatus.live)
        own.setdefault(owner, []).append(one)
    return list(own.values())


def _ledger(
    session: Session, alert: Alert, numbers: Sequence[int], failed: set[int]
) -> tuple[BitMap64, BitMap64]:
    """Give which of these channels took the alert, or may still, and which are among its recipients."""
    hopes, known = BitMap64(), BitMap64()
    shards = select(Shard).where(
        Shard.alert_id == alert.id,
        col(Shard.first_channel) <= max(numbers),
        col(Shard.last_channel) >= min(numbers),
    )
    for shard in session.exec(shards.execution_options(populate_existing=True)):
        audience = unpack(shard.audience)
        known |= audience
        bits = {kind: unpack(getattr(shard, kind)) for kind in KINDS}
        hopes |= audience - bits["gone"] - bits["refused"] - bits["dropped"]
    rows = columns(col(Delivery.channel_id), col(Delivery.due_at), col(Delivery.held_until))
    waiting = rows.where(col(Delivery.alert_id) == alert.id, col(Delivery.channel_id).in_(numbers))
    late = (number for number, due, held in session.execute(waiting) if _is_too_late(alert, due, held))
    return hopes - BitMap64(late) - BitMap64(failed), known


def _next(channels: Sequence[Own], hopes: BitMap64, known: BitMap64) -> Iterable[int]:
    """Give the live channels of the first rank after those that were tried, where none of these took it."""
    tried = [each for each in channels if each.number in known]
    if not tried or any(each.number in hopes for each in tried):
        return []
    left = [each for each in channels if each.live and each.number not in known]
    after = [each for each in left if each.rank > min(one.rank for one in tried)]
    first = min((each.rank for each in after), default=0)
    return [each.number for each in after if each.rank == first]
