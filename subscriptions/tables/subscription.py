"""A subscriber follows a topic."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id, status_column
from subscriptions.wants import Cadence


class Subscription(SQLModel, table=True):
    """Subscriber x topic: what is older than `created_at` or less urgent than `threshold` is silent."""

    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    topic_id: int = foreign_id("topic.id", primary_key=True, index=True, ondelete="CASCADE")
    threshold: int = Field(default=8, ge=1, le=8)  # least urgent that rings; IPTC: 1 highest
    cadence: Cadence = status_column(Cadence, Cadence.at_once)
    created_at: datetime = Field(sa_type=Instant)
