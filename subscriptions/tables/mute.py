"""A subscriber wants to hear no more of a story."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id


class Mute(SQLModel, table=True):
    """Subscriber x story: its later alerts are not for them; corrections of what they were told are."""

    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    story_id: int = foreign_id("story.id", primary_key=True, index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=Instant)
