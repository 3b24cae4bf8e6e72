"""A link that signs an admin in, once."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant


class DeskLink(SQLModel, table=True):
    """One sign-in link to the desk; its secret is kept only as a digest."""

    __tablename__ = "desk_link"
    digest: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
