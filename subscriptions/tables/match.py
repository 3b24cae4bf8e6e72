"""An article speaks of a topic."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, foreign_id


class Match(SQLModel, table=True):
    """Article x topic, and which words matched, as they stand in the article."""

    article_id: int = foreign_id("article.id", primary_key=True, ondelete="CASCADE")
    topic_id: int = foreign_id("topic.id", primary_key=True, index=True, ondelete="CASCADE")
    words: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=Instant)
