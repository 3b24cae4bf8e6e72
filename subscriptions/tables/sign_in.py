"""A person asked for a link that signs them in."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import BigId, Instant, primary_id


class SignIn(SQLModel, table=True):
    """One wish for a link, by whoever typed an address.

    A row is made whether we know the address or not, so that asking looks the same. The worker mails the link
    and notes to which channel; where nobody has that address it removes the row.
    """

    __tablename__ = "sign_in"
    id: int | None = primary_id()
    digest: str = Field(index=True)  # of the address: how often it was asked for
    sealed: bytes = Field(sa_type=LargeBinary)  # the address, until the worker has looked it up
    due_at: datetime | None = Field(default=None, sa_type=Instant, index=True)  # the mail is to go out
    channel_id: int | None = Field(
        default=None, sa_type=BigId, foreign_key="channel.id", index=True, ondelete="CASCADE"
    )
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
