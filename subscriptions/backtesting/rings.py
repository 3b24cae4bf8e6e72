"""Which matching articles would have rung. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from subscriptions.concordance_entry import Entry, microseconds


class Rung(NamedTuple):
    """The article by which a story would have rung, and how many of the story's matched in all."""

    hit: Entry
    story_id: int | None
    articles: int


def would_ring(hits: Sequence[Entry], stories: Mapping[int, int], since: datetime) -> list[Rung]:
    """Let each story ring once, with its first hit, and say which have rung since an instant.

    `hits` come in the order they were seen, and begin early enough before `since` to hold a story's first.
    `stories` gives the articles' stories; an article whose story is not known yet is one of its own.
    """
    keys = [stories.get(hit.article_id, -hit.article_id) for hit in hits]
    firsts: dict[int, Entry] = {}
    for key, hit in zip(keys, hits, strict=True):
        firsts.setdefault(key, hit)
    articles, first_us = Counter(keys), microseconds(since)
    return [
        Rung(hit, key if key > 0 else None, articles[key])
        for key, hit in firsts.items()
        if hit.seen_us >= first_us
    ]
