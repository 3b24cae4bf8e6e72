"""A person who wants to know."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant, primary_id


class Subscriber(SQLModel, table=True):
    """A person: the owner of channels and subscriptions. Removing one removes all of theirs."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = primary_id()
    # A handle for admins; sign-ups by e-mail get a random one, never the address.
    name: str = Field(unique=True)
    language: str = "en"
    time_zone: str = "UTC"  # IANA
    practice: bool = False
    created_at: datetime = Field(sa_type=Instant)
    signed_out_at: datetime | None = Field(default=None, sa_type=Instant)  # sessions from before are void
