"""A subscriber wants to hear every alert of a story."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id


class StoryFollow(SQLModel, table=True):
    """Subscriber x story: its later alerts ring for them at once, whatever topics they are for."""

    __tablename__ = "story_follow"
    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    story_id: int = foreign_id("story.id", primary_key=True, index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=Instant)
