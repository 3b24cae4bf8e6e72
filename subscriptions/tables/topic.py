"""A named, matchable interest."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Text, update
from sqlmodel import Field, Session, SQLModel, col

from subscriptions.tables.columns import BigId, Instant, primary_id, status_column


class TopicStatus(StrEnum):
    """Whether a topic matches."""

    draft = "draft"  # being written; an admin makes it live
    live = "live"  # matches every new article; an admin pauses or removes it
    paused = "paused"  # keeps its subscriptions, matches nothing; an admin resumes it
    removed = "removed"  # off the list, its subscriptions are gone; adding the same slug brings it back


class Rings(StrEnum):
    """Who decides that a match rings."""

    by_itself = "by_itself"
    after_approval = "after_approval"  # its alerts wait as proposed until an admin approves


class Topic(SQLModel, table=True):
    """A query in the topic language under a name people can follow."""

    __table_args__ = {"sqlite_autoincrement": True}
    moves: ClassVar = {
        TopicStatus.draft: frozenset({TopicStatus.live, TopicStatus.removed}),
        TopicStatus.live: frozenset({TopicStatus.paused, TopicStatus.removed}),
        TopicStatus.paused: frozenset({TopicStatus.live, TopicStatus.removed}),
        TopicStatus.removed: frozenset({TopicStatus.draft, TopicStatus.live}),
    }

    id: int | None = primary_id()
    slug: str = Field(unique=True)
    name: str = Field(index=True)  # the box looks topics up by articles' tags
    query: str = Field(sa_type=Text)
    status: TopicStatus = status_column(TopicStatus, TopicStatus.live)
    rings: Rings = status_column(Rings, Rings.by_itself)
    practice: bool = False
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    revision: int = Field(default=0, sa_type=BigId, index=True)  # of its last change: `next_revision`


class TopicRevision(SQLModel, table=True):
    """How often topics have changed, in one row; `origin` is another one after a backup was put back.

    Matchers that know all up to a number ask for what has a higher one. Who changes a topic keeps the row
    locked until they commit, so that numbers are seen in their order.
    """

    __tablename__ = "topic_revision"

    id: int = Field(default=1, primary_key=True)
    number: int = Field(default=0, sa_type=BigId)
    origin: str


def next_revision(session: Session) -> int:
    """Count one more change of topics; return its number."""
    counted = update(TopicRevision).values(number=TopicRevision.number + 1)
    return int(session.execute(counted.returning(col(TopicRevision.number))).scalar_one())
