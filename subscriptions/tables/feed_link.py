"""The address of a person's own feed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import BigId, Instant, foreign_id


class FeedLink(SQLModel, table=True):
    """One row a person who wants a feed; a link signed with another `number` than this one leads nowhere."""

    __tablename__ = "feed_link"
    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    number: int = Field(sa_type=BigId)  # random, so that a link of long ago never comes back to life
    made_at: datetime = Field(sa_type=Instant)
