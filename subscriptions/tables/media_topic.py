"""A subject of IPTC's vocabulary."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import Instant


class MediaTopic(SQLModel, table=True):
    """One of IPTC's Media Topics, as a file that the newsroom imported says."""

    __tablename__ = "media_topic"

    code: str = Field(primary_key=True)  # eight digits
    broader: list[str] = Field(default_factory=list, sa_type=JSON)  # codes of those right above it; often one
    labels: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # its name by language: "en-GB", "de"
    former: list[str] = Field(
        default_factory=list, sa_type=JSON
    )  # names it had; queries still know it by them
    retired: bool = False  # IPTC gives it out no more; articles may have it
    imported_at: datetime = Field(sa_type=Instant)
