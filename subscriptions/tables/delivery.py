"""One alert to one channel, where a bit cannot say it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, status_column


class DeliveryStatus(StrEnum):
    """What became of a delivery that did not simply go right."""

    waiting = "waiting"  # due at `due_at`: the push sweep claims it
    claimed = "claimed"  # an attempt is under way until `due_at`; after a crash the push sweep claims it then
    # held for its owner's quiet hours: at `due_at` the push sweep claims it, to decide again
    held = "held"
    gathered = "gathered"  # for the digest of `due_at`: the digest sweep tells it with the channel's others
    accepted = "accepted"  # end: went right in a later attempt
    gone = "gone"  # end: the address is no more; its channel is retired
    refused = "refused"  # end: the far end said no, and would again
    unknown = "unknown"  # end: sent, and no answer came; sending again could ring twice
    dropped = "dropped"  # end: not sent, for the reason in `why`


class Delivery(SQLModel, table=True):
    """Alert x channel: which answer came, how often it was tried, and when it is due again."""

    __table_args__ = (Index("ix_delivery_status_due_at", "status", "due_at"),)
    moves: ClassVar = {
        DeliveryStatus.waiting: frozenset({DeliveryStatus.claimed, DeliveryStatus.dropped}),
        DeliveryStatus.held: frozenset({DeliveryStatus.claimed, DeliveryStatus.dropped}),
        DeliveryStatus.gathered: frozenset(DeliveryStatus),
        DeliveryStatus.claimed: frozenset(DeliveryStatus),
        DeliveryStatus.accepted: frozenset(),
        DeliveryStatus.gone: frozenset(),
        DeliveryStatus.refused: frozenset(),
        DeliveryStatus.unknown: frozenset(),
        DeliveryStatus.dropped: frozenset(),
    }

    alert_id: int = foreign_id("alert.id", primary_key=True, ondelete="CASCADE")
    channel_id: int = foreign_id("channel.id", primary_key=True, index=True, ondelete="CASCADE")
    shard_id: int = foreign_id("shard.id", index=True, ondelete="CASCADE")
    status: DeliveryStatus = status_column(DeliveryStatus, DeliveryStatus.waiting)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    in_digest: bool = False  # it is, or was, for a digest
    held_until: datetime | None = Field(default=None, sa_type=Instant)  # when a hold ended: news until then
    attempts: int = 0
    deaths: int = 0  # workers that died while they had it for its next attempt
    answer: str = ""  # the far end's last answer, without secrets: "429 Too Many Requests"
    why: str = ""  # the reason of its status, for people
    updated_at: datetime = Field(sa_type=Instant)
