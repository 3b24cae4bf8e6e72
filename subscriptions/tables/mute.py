"""A subscriber wants to hear no more of a story, or of what speaks of a topic."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id


class Mute(SQLModel, table=True):
    """Subscriber x story: its later alerts are not for them; corrections of what they were told are."""

    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    story_id: int = foreign_id("story.id", primary_key=True, index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=Instant)


class TopicMute(SQLModel, table=True):
    """Subscriber x topic: what speaks of it is silent, also where it speaks of what they follow."""

    __tablename__ = "topic_mute"
    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    topic_id: int = foreign_id("topic.id", primary_key=True, index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=Instant)
