"""How many alerts people were told in their day so far, counted in the ledgers."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pyroaring import BitMap64
from sqlalchemy import select as columns
from sqlmodel import Session, col

from subscriptions import clock
from subscriptions.local_time import start_of_day
from subscriptions.tables import Alert, AlertKind, Channel, Delivery, DeliveryStatus, Shard
from subscriptions.wants import Wants, zone
from worker.push.ledger import KINDS, unpack

UNDER_WAY = (DeliveryStatus.waiting, DeliveryStatus.claimed)
TOLD = (DeliveryStatus.accepted, DeliveryStatus.unknown)


class Row(NamedTuple):
    """A delivery row, as far as it tells whether and when somebody was told."""

    channel_id: int
    status: DeliveryStatus
    in_digest: bool
    updated_at: datetime


def told_today(session: Session, alert: Alert, wants: Mapping[int, Wants]) -> Counter[int]:
    """Count the other alerts of each person's day, by their own calendar; digests and corrections are none.

    Of two alerts under way at once the earlier one counts for the later one: else both would be the last.
    """
    if not wants:
        return Counter()
    now = clock.now()
    days = {name: start_of_day(now, zone(name)) for name in {each.time_zone for each in wants.values()}}
    began = {owner: days[each.time_zone] for owner, each in wants.items()}
    owner_of = _channels(session, wants)
    earliest = min(began.values())
    counts: Counter[int] = Counter()
    for number, queued_at, told, rows in _ledgers(session, alert, owner_of, earliest):
        owners = {owner_of[channel] for channel in told if queued_at >= began[owner_of[channel]]}
        for row in rows:
            counted = row.status in TOLD or (row.status in UNDER_WAY and number < (alert.id or 0))
            owner = owner_of[row.channel_id]
            if counted and not row.in_digest and row.updated_at >= began[owner]:
                owners.add(owner)
        counts.update(owners)
    return counts


def _channels(session: Session, owners: Collection[int]) -> dict[int, int]:
    own = columns(col(Channel.id), col(Channel.subscriber_id)).where(col(Channel.subscriber_id).in_(owners))
    return {channel: owner for channel, owner in session.execute(own) if channel is not None}


def _ledgers(
    session: Session, alert: Alert, channels: Collection[int], earliest: datetime
) -> Iterator[tuple[int, datetime, BitMap64, list[Row]]]:
    """Give the other alerts with whom they told without a row, and the rows of these channels."""
    if not channels:
        return
    ours = BitMap64(channels)
    rows = _rows(session, ours, earliest)
    bits: dict[int, BitMap64] = {}
    queued: dict[int, datetime] = {}
    for shard in session.execute(_shards(alert, ours, earliest, list(rows))):
        done = BitMap64()
        for kind in KINDS:
            done |= unpack(getattr(shard, kind))
        told = unpack(shard.accepted) | unpack(shard.unknown)
        if shard.number < (alert.id or 0):
            told |= unpack(shard.audience) - done  # they are being told
        bits[shard.number] = bits.get(shard.number, BitMap64()) | told & ours
        queued[shard.number] = shard.queued_at
    for number, told in bits.items():
        own = rows.get(number, [])
        yield number, queued[number], told - BitMap64(row.channel_id for row in own), own


def _rows(session: Session, channels: BitMap64, earliest: datetime) -> dict[int, list[Row]]:
    names = ("alert_id", *Row._fields)
    recent = columns(*(getattr(Delivery, name) for name in names)).where(
        col(Delivery.channel_id).in_(list(channels)), col(Delivery.updated_at) >= earliest
    )
    rows: dict[int, list[Row]] = {}
    for alert_id, *values in session.execute(recent):
        rows.setdefault(alert_id, []).append(Row(*values))
    return rows


def _shards(alert: Alert, channels: BitMap64, earliest: datetime, with_rows: list[int]) -> Any:
    kinds = [getattr(Shard, kind) for kind in ("audience", *KINDS)]
    return (
        columns(col(Alert.id).label("number"), col(Alert.queued_at), *kinds)
        .join(Alert, col(Alert.id) == col(Shard.alert_id))
        .where(
            col(Alert.id) != alert.id,
            col(Alert.kind) == AlertKind.alert,
            (col(Alert.queued_at) >= earliest) | col(Alert.id).in_(with_rows),
            col(Shard.first_channel) <= channels.max(),
            col(Shard.last_channel) >= channels.min(),
        )
    )
