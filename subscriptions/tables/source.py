"""A place to look for news."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, primary_id, status_column


class SourceStatus(StrEnum):
    """Where a source stands."""

    live = "live"  # polled when due, by watch.poll; a poll that died is due again when its claim ends
    paused = "paused"  # an admin stopped the polls; an admin resumes them
    gone = "gone"  # the publisher answered 410; an admin may resume it
    removed = "removed"  # an admin took it off the list; adding the same URL brings it back


class Source(SQLModel, table=True):
    """A feed that is polled: its cadence, validators, health and publisher family."""

    __table_args__ = {"sqlite_autoincrement": True}
    moves: ClassVar = {
        SourceStatus.live: frozenset({SourceStatus.paused, SourceStatus.gone, SourceStatus.removed}),
        SourceStatus.paused: frozenset({SourceStatus.live, SourceStatus.removed}),
        SourceStatus.gone: frozenset({SourceStatus.live, SourceStatus.removed}),
        SourceStatus.removed: frozenset({SourceStatus.live}),
    }

    id: int | None = primary_id()
    url: str = Field(unique=True)
    title: str = ""
    family: str = ""  # publishers that speak with one voice share it; the host where nobody says
    language: str = ""  # BCP 47, the admin's or the feed's word
    status: SourceStatus = status_column(SourceStatus, SourceStatus.live)
    practice: bool = False
    created_at: datetime = Field(sa_type=Instant)

    interval_s: int = 0  # an admin's own interval; 0: the settings' and the feed's
    next_poll_at: datetime = Field(sa_type=Instant, index=True)
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)

    etag: str = ""
    last_modified: str = ""
    baseline_at: datetime | None = Field(default=None, sa_type=Instant)  # first poll that was stored
    polled_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)  # last poll without an error
    new_at: datetime | None = Field(default=None, sa_type=Instant)  # last poll that brought something new
    failures: int = 0  # polls in a row that failed
    problem: str = ""  # what is wrong now, in words; empty when well
