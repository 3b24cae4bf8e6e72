"""An article that is no longer kept."""

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import BigId, foreign_id


class ForgottenArticle(SQLModel, table=True):
    """What is left of an article: enough to know that it is no news when its source lists it still."""

    __tablename__ = "forgotten_article"

    source_id: int = foreign_id("source.id", primary_key=True, ondelete="CASCADE")
    identity_sum: int = Field(primary_key=True, sa_type=BigId)  # 64 bits of a digest of its identity
