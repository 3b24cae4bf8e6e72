"""A topic that a subscriber wrote for themself."""

from sqlmodel import SQLModel

from subscriptions.tables.columns import foreign_id


class OwnTopic(SQLModel, table=True):
    """Topic x its one owner: only they see and follow it; a topic without such a row is everybody's."""

    __tablename__ = "own_topic"
    topic_id: int = foreign_id("topic.id", primary_key=True, ondelete="CASCADE")
    subscriber_id: int = foreign_id("subscriber.id", index=True, ondelete="CASCADE")
