"""A range of an alert's recipients, sent by one worker at a time."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import BigId, Instant, foreign_id, primary_id, status_column


class ShardStatus(StrEnum):
    """Who holds a shard."""

    waiting = "waiting"  # send claims it; after a lost message the push sweep calls it again
    claimed = "claimed"  # its worker settles it, or its lease ends and another worker claims it
    settled = "settled"  # end: every recipient has an outcome or a delivery row of its own


class Shard(SQLModel, table=True):
    """About 500 channels of one alert: who is to be told, and per outcome who was (bitmaps of channel ids).

    Each bitmap is a serialised pyroaring.BitMap64; NULL is an empty one.
    """

    __table_args__ = (
        UniqueConstraint("alert_id", "first_channel"),
        Index("ix_shard_status_lease_until", "status", "lease_until"),
        Index("ix_shard_status_id", "status", "id"),
        Index("ix_shard_alert_id_channels", "alert_id", "first_channel", "last_channel"),
        {"sqlite_autoincrement": True},
    )
    moves: ClassVar = {
        ShardStatus.waiting: frozenset({ShardStatus.claimed}),
        ShardStatus.claimed: frozenset({ShardStatus.claimed, ShardStatus.settled}),
        ShardStatus.settled: frozenset(),
    }

    id: int | None = primary_id()
    alert_id: int = foreign_id("alert.id", ondelete="CASCADE")
    first_channel: int = Field(sa_type=BigId)
    last_channel: int = Field(sa_type=BigId)
    status: ShardStatus = status_column(ShardStatus, ShardStatus.waiting)
    status_at: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    holder: str = ""  # the claim's own random name: a worker that lost its lease writes nothing more
    claims: int = 0

    recipients: int = 0
    settled: int = 0  # recipients with a final outcome
    audience: bytes = Field(sa_type=LargeBinary)
    accepted: bytes | None = Field(default=None, sa_type=LargeBinary)
    later: bytes | None = Field(
        default=None, sa_type=LargeBinary
    )  # each has a delivery row with its due time
    held: bytes | None = Field(default=None, sa_type=LargeBinary)  # the same, for a digest or later
    gone: bytes | None = Field(default=None, sa_type=LargeBinary)
    refused: bytes | None = Field(default=None, sa_type=LargeBinary)
    unknown: bytes | None = Field(default=None, sa_type=LargeBinary)
    dropped: bytes | None = Field(default=None, sa_type=LargeBinary)
