"""A decision to tell people about one version of a story."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, primary_id, status_column


class AlertStatus(StrEnum):
    """How far an alert has come."""

    proposed = "proposed"  # waits for an admin, who approves or rejects it
    queued = "queued"  # fan_out makes its shards; after a crash the push sweep calls it again
    ringing = "ringing"  # send settles its shards; after a crash their leases end and the push sweep calls it
    rung = "rung"  # end: every recipient is settled
    rejected = "rejected"  # end: an admin said no
    stopped = "stopped"  # end: an admin stopped it; send drops whoever has not been told


class AlertKind(StrEnum):
    """What an alert is to those who get it."""

    alert = "alert"
    correction = "correction"  # of the alert `corrects`
    kill = "kill"  # withdraws the alert `corrects`; its story rings no more by itself


class Alert(SQLModel, table=True):
    """What is told, why, to whom it goes, and when each step was reached."""

    __table_args__ = (
        UniqueConstraint("story_id", "version"),
        Index("ix_alert_status_status_at", "status", "status_at"),
        {"sqlite_autoincrement": True},
    )
    moves: ClassVar = {
        AlertStatus.proposed: frozenset({AlertStatus.queued, AlertStatus.rejected}),
        AlertStatus.queued: frozenset({AlertStatus.ringing, AlertStatus.stopped}),
        AlertStatus.ringing: frozenset({AlertStatus.rung, AlertStatus.stopped}),
        AlertStatus.rung: frozenset(),
        AlertStatus.rejected: frozenset(),
        AlertStatus.stopped: frozenset(),
    }

    id: int | None = primary_id()
    story_id: int = foreign_id("story.id")
    version: int
    kind: AlertKind = status_column(AlertKind, AlertKind.alert)
    corrects: int | None = foreign_id("alert.id", optional=True)
    article_id: int = foreign_id("article.id", index=True)  # the article that rang it
    title: str
    text: str = Field(default="", sa_type=Text)
    link: str = ""
    image: str = ""
    language: str = ""
    source_name: str = ""
    practice: bool = False
    urgency: int = 5
    why: str = ""  # the decision's reason, for people
    trace: str = Field(default="", index=True)
    status: AlertStatus = status_column(AlertStatus, AlertStatus.queued)
    status_at: datetime = Field(sa_type=Instant)
    stop_why: str = ""  # why who had not been told when it was stopped is not
    ceiling: int | None = None  # messages a second; 0: no ceiling, NULL: what the settings say
    recipients: int = 0
    expires_at: datetime = Field(sa_type=Instant)  # what is not delivered by then is dropped

    published_at: datetime | None = Field(default=None, sa_type=Instant)  # publisher's word
    seen_at: datetime = Field(sa_type=Instant)
    matched_at: datetime = Field(sa_type=Instant)
    queued_at: datetime | None = Field(default=None, sa_type=Instant)  # shards committed
    first_sent_at: datetime | None = Field(default=None, sa_type=Instant)
    ninety_sent_at: datetime | None = Field(default=None, sa_type=Instant)  # 90 % of recipients settled
    last_sent_at: datetime | None = Field(default=None, sa_type=Instant)


class AlertTopic(SQLModel, table=True):
    """A topic whose followers an alert is for."""

    __tablename__ = "alert_topic"
    __table_args__ = (Index("ix_alert_topic_topic_id_alert_id", "topic_id", "alert_id"),)
    alert_id: int = foreign_id("alert.id", primary_key=True, ondelete="CASCADE")
    topic_id: int = foreign_id("topic.id", primary_key=True, ondelete="CASCADE")
