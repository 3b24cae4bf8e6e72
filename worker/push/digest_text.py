"""What a digest says: stories in the order of their weight, each once. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from subscriptions.texts import Language, language_of
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
    items: Sequence[Item], *, link: str, leave: str, expires_at: datetime, thread: str, reader: str = "en"
) -> Message:
    """Write a digest of ranked items to one who reads a language; `leave` is the page to unsubscribe by."""
    language, left = language_of(reader), len(items) - MOST
    text = "\n\n".join(_entry(item) for item in items[:MOST])
    more = language.ngettext("And %(num)s more.", "And %(num)s more.", left) if left > 0 else ""
    return Message(
        _title(items[0].title, len(items) - 1, language),
        f"{text}\n\n{more}" if more else text,
        link=link,
        note=language.gettext("Your digest of what you follow."),
        leave=leave,
        reader=reader,
        thread=thread,
        expires_at=expires_at,
    )


def _title(first: str, more: int, language: Language) -> str:
    if not more:
        return one_line(first, TITLE_LIMIT)

    def among(headline: str) -> str:
        return language.ngettext(
            "%(headline)s and %(num)s more story",
            "%(headline)s and %(num)s more stories",
            more,
            headline=headline,
        )

    return among(one_line(first, TITLE_LIMIT - len(among(""))))


def _entry(item: Item) -> str:
    source = f" ({one_line(item.source_name, 80)})" if item.source_name else ""
    return "\n".join(part for part in (f"• {one_line(item.title, TITLE_LIMIT)}{source}", item.link) if part)
