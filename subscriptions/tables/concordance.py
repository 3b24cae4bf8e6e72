"""Which stored articles have which words."""

from datetime import datetime

from sqlalchemy import JSON, LargeBinary, Text
from sqlmodel import Field, SQLModel

from subscriptions.tables.columns import BigId, Instant


class Concordance(SQLModel, table=True):
    """The words of up to 256 articles whose ids stand side by side, as they were when first seen.

    It is a copy that can be made again from the articles at any time. What is not in one is looked at in the
    article itself.
    """

    id: int = Field(
        primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False}
    )  # their ids // 256
    analysis: str  # which version of the analysis made it
    articles: int  # how many were settled when it was made
    seen_to: datetime = Field(sa_type=Instant)  # when the last of them was seen
    facts: str = Field(sa_type=Text)  # these three: subscriptions.queries.concordance
    entries: bytes = Field(sa_type=LargeBinary)  # one record an article: subscriptions.concordances.Entry
    languages: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # their sources' by then, by id
    words: bytes = Field(sa_type=LargeBinary)
    stems: bytes = Field(sa_type=LargeBinary)
