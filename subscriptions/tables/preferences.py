"""How a subscriber wants to be told."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from subscriptions.quiet_hours import EVERY_DAY
from subscriptions.tables.columns import Instant, foreign_id
from subscriptions.wants import BREAKFAST, EVERYTHING, FLASH


class Preferences(SQLModel, table=True):
    """What one person changed; who changed nothing has no row, and hears everything at once.

    Minutes are of the day, by the clock of the subscriber's time zone.
    """

    subscriber_id: int = foreign_id("subscriber.id", primary_key=True, ondelete="CASCADE")
    quiet_begin: int | None = Field(default=None, ge=0, le=1439)
    quiet_end: int | None = Field(default=None, ge=0, le=1439)
    quiet_days: int = EVERY_DAY  # a bit for each day on which they begin, Monday the lowest
    through: int = Field(default=FLASH, ge=0, le=2)  # so urgent rings whatever the hour, cap and cadence
    threshold: int = Field(default=EVERYTHING, ge=1, le=8, index=True)  # least urgent that is told
    cap: int | None = Field(default=None, ge=1)  # alerts a day; the others come in a digest
    pause_until: datetime | None = Field(default=None, sa_type=Instant)
    digest_at: int = Field(default=BREAKFAST, ge=0, le=1439)  # of daily digests
