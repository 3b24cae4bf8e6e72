"""Articles about one event."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, primary_id, status_column


class JoinMethod(StrEnum):
    """Why an article belongs to its story."""

    first = "first"  # no known story fits: it opened one
    same_link = "same_link"
    same_headline = "same_headline"


class Story(SQLModel, table=True):
    """One event as told by several articles; `version` counts the alerts decided about it."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = primary_id()
    headline: str
    language: str = ""
    practice: bool = False
    urgency: int = 5  # IPTC: 1 highest, 5 normal, 8 lowest
    urgency_why: str = ""
    version: int = 0
    first_seen_at: datetime = Field(sa_type=Instant)
    last_seen_at: datetime = Field(sa_type=Instant, index=True)


class StoryJoin(SQLModel, table=True):
    """An article's place in a story: by which method and how surely, to be explained and undone."""

    __tablename__ = "story_join"
    article_id: int = foreign_id("article.id", primary_key=True, ondelete="CASCADE")
    story_id: int = foreign_id("story.id", index=True)
    method: JoinMethod = status_column(JoinMethod, JoinMethod.first)
    score: float = 1.0  # 0 to 1
    joined_at: datetime = Field(sa_type=Instant)


class StoryKey(SQLModel, table=True):
    """Something by which a story is known again: a canonical link or a normalised headline."""

    __tablename__ = "story_key"
    __table_args__ = (
        UniqueConstraint("key", "story_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = primary_id()
    key: str
    story_id: int = foreign_id("story.id", ondelete="CASCADE")
