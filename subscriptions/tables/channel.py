"""A way to reach a subscriber."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, primary_id, status_column


class ChannelStatus(StrEnum):
    """Whether a channel may be sent to."""

    waiting = "waiting"  # its owner has not confirmed; the link in the confirmation mail makes it live
    live = "live"  # rings; send retires it when the address is gone or refuses again and again
    retired = "retired"  # its owner left, or the address is gone (`why`); its owner may confirm it again


class Channel(SQLModel, table=True):
    """One Apprise address of a subscriber; what could send in their name is sealed."""

    __table_args__ = (
        UniqueConstraint("subscriber_id", "digest"),
        {"sqlite_autoincrement": True},
    )
    moves: ClassVar = {
        ChannelStatus.waiting: frozenset({ChannelStatus.live, ChannelStatus.retired}),
        ChannelStatus.live: frozenset({ChannelStatus.retired}),
        ChannelStatus.retired: frozenset({ChannelStatus.waiting, ChannelStatus.live}),
    }

    id: int | None = primary_id()
    subscriber_id: int = foreign_id("subscriber.id", index=True, ondelete="CASCADE")
    scheme: str  # Apprise's name of the kind: "ntfys", "tgram"; "email" is by the newsroom's own SMTP server
    sealed: bytes = Field(sa_type=LargeBinary)
    digest: str = Field(index=True)  # keyed hash of the address: finds it again without opening the seal
    label: str = ""  # what people see: scheme and host, or a@…; never a secret
    private: bool = False  # an admin lets it lead to this machine or a private network
    # Rings only where none of a lower rank took the alert; those of one rank all ring.
    rank: int = 0
    status: ChannelStatus = status_column(ChannelStatus, ChannelStatus.waiting, index=True)
    status_at: datetime = Field(sa_type=Instant)
    why: str = ""  # the reason of its status, for people
    ask_at: datetime | None = Field(default=None, sa_type=Instant, index=True)  # a confirmation mail is due
    asked_at: datetime | None = Field(default=None, sa_type=Instant)  # when the last one went out
    asks: int = 0  # confirmation mails since its owner last said yes
    refusals: int = 0  # refused sends in a row
    created_at: datetime = Field(sa_type=Instant)
