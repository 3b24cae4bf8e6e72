"""What a digest says: stories in the order of their weight, each once. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from worker.push.compose import TITLE_LIMIT, Message, one_line

MOST = 20  # stories that are named; the others are counted


class Item(NamedTuple):
    """One alert of a digest; `articles` is how many its story has by now."""

    alert_id: int
    story_id: int
    urgency: int
    articles: int
    title: str
    source_name: str
    link: str


def ranked(items: Iterable[Item]) -> list[Item]:
    """Give one item a story, its latest: the most urgent story first, then the one that grew most."""
    latest: dict[int, Item] = {}
    urgency: dict[int, int] = {}
    for item in sorted(items):
        urgency[item.story_id] = min(item.urgency, urgency.get(item.story_id, item.urgency))
        latest[item.story_id] = item
    return sorted(latest.values(), key=lambda item: (urgency[item.story_id], -item.articles, -item.alert_id))


def write_digest(
    items: Sequence[Item], *, link: str, leave: str, expires_at: datetime, thread: str
) -> Message:
    """Write a digest of ranked items; `leave` is the page to unsubscribe by, for mails."""
    first, more = items[0].title, len(items) - 1
    others = f" and {more} more {'story' if more == 1 else 'stories'}" if more else ""
    text = "\n\n".join(_entry(item) for item in items[:MOST])
    left = len(items) - MOST
    return Message(
        f"{one_line(first, TITLE_LIMIT - len(others))}{others}",
        f"{text}\n\nAnd {left} more." if left > 0 else text,
        link=link,
        note="Your digest of what you follow.",
        leave=leave,
        thread=thread,
        expires_at=expires_at,
    )


def _entry(item: Item) -> str:
    source = f" ({one_line(item.source_name, 80)})" if item.source_name else ""
    return "\n".join(part for part in (f"• {one_line(item.title, TITLE_LIMIT)}{source}", item.link) if part)
