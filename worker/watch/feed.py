"""What a feed document says, whatever its format."""

from dataclasses import dataclass
from datetime import datetime


class NotAFeed(Exception):  # noqa: N818 - it says what the document is, not that we failed
    """The document is no feed; the text is one sentence that says what it is instead."""


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a feed, normalised: texts are plain, links are absolute http(s) URLs or ""."""

    id: str
    link: str
    title: str
    summary: str = ""
    summary_markup: str = ""  # the same with its tags, which have lost all attributes
    body: str = ""
    published: datetime | None = None  # aware, UTC
    updated: datetime | None = None  # aware, UTC
    language: str = ""  # BCP 47, as given
    tags: tuple[str, ...] = ()
    author: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and its items in document order."""

    title: str
    link: str
    language: str = ""
    items: tuple[Item, ...] = ()
    hubs: tuple[str, ...] = ()  # WebSub rel=hub
    self_url: str = ""
