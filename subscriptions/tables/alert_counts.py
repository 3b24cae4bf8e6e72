"""How often an alert was shown and opened, in sum."""

from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import foreign_id


class AlertCounts(SQLModel, table=True):
    """One row an alert of which something was counted; who it was is not stored anywhere."""

    __tablename__ = "alert_counts"
    alert_id: int = foreign_id("alert.id", primary_key=True, ondelete="CASCADE")
    shown: int = Field(default=0, ge=0)  # receipts: a browser has shown the notification
    opened: int = Field(default=0, ge=0)  # clicks on the notification, or on the link of a mail
