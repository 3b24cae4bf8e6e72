"""What somebody asked to follow and has not confirmed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id


class Wish(SQLModel, table=True):
    """Channel x topic: confirming by the mailed link makes it a subscription; a stranger's wish stays one."""

    channel_id: int = foreign_id("channel.id", primary_key=True, ondelete="CASCADE")
    topic_id: int = foreign_id("topic.id", primary_key=True, index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=Instant)
