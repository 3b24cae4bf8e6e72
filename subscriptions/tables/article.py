"""A fetched item, normalised, and what it said before."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, primary_id, status_column


class ArticleStatus(StrEnum):
    """How far an article has come down the chain."""

    baseline = "baseline"  # end: it stood there when its source was first read, or a backup was put back
    stale = "stale"  # end: published too long before it was seen
    held = "held"  # many articles turned new at once (a publisher's new ids?); an admin lets them go or not
    seen = "seen"  # understand moves it on; after a crash the match sweep calls it again
    understood = (
        "understood"  # it has a story; find moves it on; after a crash the match sweep calls it again
    )
    matched = "matched"  # end: its matches and alerts are stored; `why` says what came of it


class Article(SQLModel, table=True):
    """One item of a source as we last read it; `identity` is unique within the source."""

    __table_args__ = (
        UniqueConstraint("source_id", "identity"),
        Index("ix_article_status_status_at", "status", "status_at"),
        Index("ix_article_source_id_seen_at", "source_id", "seen_at"),
        Index("ix_article_source_id_link_key", "source_id", "link_key"),
        {"sqlite_autoincrement": True},
    )
    moves: ClassVar = {
        ArticleStatus.seen: frozenset({ArticleStatus.understood, ArticleStatus.baseline}),
        ArticleStatus.understood: frozenset({ArticleStatus.matched, ArticleStatus.baseline}),
        ArticleStatus.held: frozenset({ArticleStatus.seen, ArticleStatus.baseline}),
        ArticleStatus.baseline: frozenset(),
        ArticleStatus.stale: frozenset(),
        ArticleStatus.matched: frozenset(),
    }

    id: int | None = primary_id()
    source_id: int = foreign_id("source.id")
    identity: str  # which of guid, link or title it is, and its value: "guid:...", "link:...", "title:..."
    link: str = ""
    link_key: str = ""  # its canonical link; "" where that names no article of its own
    title: str = ""
    summary: str = Field(default="", sa_type=Text)
    body: str = Field(default="", sa_type=Text)
    author: str = ""
    image: str = ""
    language: str = ""
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
    urgency: int | None = None  # the publisher's own (IPTC 1 to 8), where the format carries one
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant, index=True)
    version: int = 1
    content_hash: str = ""  # of title, summary and body: a change makes a new version
    trace: str = Field(default="", index=True)  # follows it through every log line, from fetch to delivery
    status: ArticleStatus = status_column(ArticleStatus, ArticleStatus.seen)
    status_at: datetime = Field(sa_type=Instant)
    why: str = ""  # the reason of its status, for people


class ArticleVersion(SQLModel, table=True):
    """What an article said before its publisher changed it."""

    __tablename__ = "article_version"
    article_id: int = foreign_id("article.id", primary_key=True, ondelete="CASCADE")
    version: int = Field(primary_key=True)
    title: str
    summary: str = Field(default="", sa_type=Text)
    body: str = Field(default="", sa_type=Text)
    replaced_at: datetime = Field(sa_type=Instant)
