"""Which alerts a person's channels are recipients of, and with which outcome: looked up by index.

An alert's recipients lie in shards, each a range of channels. Of the alerts of some weeks one search of an
index gives the shards whose range holds a channel; only these are opened.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pyroaring import BitMap64
from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as columns
from sqlmodel import Session, and_, col, func, select

from subscriptions.alerts import OUTCOMES, bitmap
from subscriptions.tables import Alert, AlertStatus, Shard

LOOKED_AT = 2_000  # shards one look opens: some 50 ms
AT_ONCE = 100
WITH_SHARDS = (AlertStatus.ringing, AlertStatus.rung, AlertStatus.stopped)

Outcomes = dict[int, str]  # by channel: one of OUTCOMES, or "waiting"


class Found(NamedTuple):
    """Alerts with their outcomes, newest first; there may be more before alert `older`."""

    alerts: dict[int, Outcomes]
    older: int | None


def find_alerts(
    session: Session, channels: Collection[int], *, most: int, since: datetime, before: int | None = None
) -> Found:
    """Find up to `most` alerts that are for any of these channels, of those not older than `since`.

    `before` goes on where another look ended.
    """
    oldest = _oldest(session, since) if channels else None
    if oldest is None:
        return Found({}, None)
    alerts: dict[int, list[int]] = {}
    for looked, (alert_id, shard_id, audience) in enumerate(_around(session, channels, oldest, before)):
        if alert_id not in alerts and (len(alerts) == most or looked >= LOOKED_AT):
            return Found(_outcomes(session, channels, alerts), alert_id + 1)
        opened = bitmap(audience)
        if any(each in opened for each in channels):
            alerts.setdefault(alert_id, []).append(shard_id)
    return Found(_outcomes(session, channels, alerts), None)


def outcomes_of(
    session: Session, channels: Collection[int], alert_ids: Collection[int]
) -> dict[int, Outcomes]:
    """Give the outcomes of these alerts for these channels; alerts that are for none of them are left out."""
    if not channels or not alert_ids:
        return {}
    around = columns(col(Shard.alert_id), col(Shard.id)).where(
        col(Shard.alert_id).in_(alert_ids), _may_hold(channels)
    )
    shards: dict[int, list[int]] = {}
    for alert_id, shard_id in session.execute(around):
        shards.setdefault(alert_id, []).append(shard_id or 0)
    return _outcomes(session, channels, shards)


def _oldest(session: Session, since: datetime) -> int | None:
    """Give the first alert that has come somewhere since: its number is no higher than that of any since."""
    recent = select(func.min(Alert.id)).where(
        col(Alert.status).in_(WITH_SHARDS), col(Alert.status_at) >= since
    )
    return session.exec(recent).one()


def _around(
    session: Session, channels: Collection[int], oldest: int, before: int | None
) -> Iterator[tuple[int, int, bytes]]:
    """Give the shards whose range holds one of the channels, those of the newest alert first."""
    wanted = (
        columns(col(Shard.alert_id), col(Shard.id), col(Shard.audience))
        .where(col(Shard.alert_id) >= oldest, _may_hold(channels))
        .order_by(col(Shard.alert_id).desc())
    )
    if before is not None:
        wanted = wanted.where(col(Shard.alert_id) < before)
    rows: Any = session.execute(wanted.execution_options(yield_per=AT_ONCE))
    try:
        yield from rows
    finally:
        rows.close()


def _may_hold(channels: Collection[int]) -> ColumnElement[bool]:
    return or_(
        *(and_(col(Shard.first_channel) <= each, col(Shard.last_channel) >= each) for each in channels)
    )


def _outcomes(
    session: Session, channels: Collection[int], shards: Mapping[int, Sequence[int]]
) -> dict[int, Outcomes]:
    ids = [shard_id for own in shards.values() for shard_id in own]
    bits = [getattr(Shard, name) for name in ("audience", *OUTCOMES)]
    opened = columns(col(Shard.alert_id), *bits).where(col(Shard.id).in_(ids))
    found: dict[int, Outcomes] = {alert_id: {} for alert_id in shards}
    for alert_id, audience, *told in session.execute(opened) if ids else ():
        for channel in bitmap(audience) & BitMap64(channels):
            has = (name for name, packed in zip(OUTCOMES, told, strict=True) if channel in bitmap(packed))
            found[alert_id][channel] = next(has, "waiting")
    return {alert_id: outcomes for alert_id, outcomes in found.items() if outcomes}
