"""Which stored articles a query matches.

Concordances say of most articles whether they match. Of the others, and of articles that are in none, the
matcher decides. Those may be very many: then the newest are looked at, and what is older is left out
altogether, so that what is told of the rest is whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import structlog
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from subscriptions.articles import FirstSeen, as_first_seen
from subscriptions.backtesting.newsroom import Newsroom
from subscriptions.concordance_entry import Entry, link_sum, unpack_entries
from subscriptions.concordances import analysis, entry
from subscriptions.queries import Query, analyse
from subscriptions.queries.bounds import Bounds, asks_about, bounds
from subscriptions.queries.concordance import numbers, unpack
from subscriptions.queries.packed_forms import Articles
from subscriptions.queries.truth import holds
from subscriptions.tables import Concordance

log = structlog.get_logger()

MOST_LOOKED_AT = 1_500  # articles the matcher is asked about, and their characters: about a second
MOST_CHARACTERS = 1_500_000
_ROWS = 40  # concordances in memory at once; some 3 MB
# What need not be taken apart where a query does not ask about it: field, its name in a text, and nothing.
_SPARED = (
    *(("url", "url", ""), ("source", "source", ""), ("family", "family", ""), ("author", "author", "")),
    *(("tag", "tags", ()), ("mediatopic", "media_topics", ())),
)


@dataclass(slots=True)
class Found:
    """Matching articles in the order they were seen; those not newer than `since` are left out."""

    since: datetime
    hits: list[Entry] = field(default_factory=list)
    doubtful: int = 0  # articles that the matcher had to be asked about
    looked_at: int = 0  # how many of them it was

    @property
    def is_cut(self) -> bool:
        """Whether there were too many to ask the matcher about all of them."""
        return self.looked_at < self.doubtful


def search(session: Session, query: Query, newsroom: Newsroom, since: datetime) -> Found:
    """Find a newsroom's articles seen since an instant that match."""
    found = Found(since)
    stored = newsroom.articles(since)
    doubtful = set(stored)
    links = newsroom.links(since) if asks_about("url", query.ast) else None
    for row in _concordances(session, query, since):
        known = unpack_entries(row.entries)
        sure, possible = _asked(query, row, known, newsroom)
        unsure = _changed(row, known, newsroom, links)
        sure, possible = sure & ~unsure, possible | unsure
        found.hits += [known[number] for number in numbers(sure) if known[number].article_id in stored]
        doubtful.difference_update(map(itemgetter(0), known))
        doubtful.update(known[number].article_id for number in numbers(possible & ~sure))
    doubtful &= stored
    found.doubtful = len(doubtful)
    _look(session, query, sorted(doubtful, reverse=True), found)
    found.hits.sort(key=attrgetter("seen_us", "article_id"))
    return found


def _concordances(session: Session, query: Query, since: datetime) -> Iterator[Concordance]:
    wanted = select(Concordance).where(Concordance.seen_to >= since, Concordance.analysis == analysis())
    if not query.stem:
        wanted = wanted.options(defer(Concordance.stems))  # type: ignore[arg-type]  # SQLModel does not type it
    yield from session.exec(wanted.order_by(col(Concordance.id)).execution_options(yield_per=_ROWS))


def _asked(query: Query, row: Concordance, known: list[Entry], newsroom: Newsroom) -> Bounds:
    by_source = [each.source_id for each in known]
    concordance = unpack(row.facts, row.words, row.stems if query.stem else None)
    return bounds(query.ast, concordance, lambda leaf: newsroom.answers(leaf, by_source))


def _changed(
    row: Concordance, known: list[Entry], newsroom: Newsroom, links: Mapping[int, str] | None
) -> Articles:
    """Give the articles of a concordance that would be analysed otherwise now."""
    otherwise = newsroom.speak_otherwise(row.languages)
    if not otherwise and links is None:
        return 0
    return sum(
        1 << number
        for number, each in enumerate(known)
        if (each.speaks_as_source and each.source_id in otherwise)
        or (links is not None and link_sum(links.get(each.article_id, "")) != each.link_sum)
    )


def _look(session: Session, query: Query, ids: list[int], found: Found) -> None:
    """Let the matcher decide, on the newest articles first, as far as is bearable."""
    characters = 0
    spared = {name: empty for field, name, empty in _SPARED if not asks_about(field, query.ast)}
    for each in as_first_seen(session, ids):
        if found.looked_at == MOST_LOOKED_AT or characters > MOST_CHARACTERS:
            last = each.article.id or 0
            found.since = each.article.seen_at
            found.hits = [hit for hit in found.hits if hit.article_id > last]
            return
        found.looked_at += 1
        characters += len(each.text.summary) + len(each.text.body)
        if _matches(query, each, spared):
            found.hits.append(entry(each.article))


def _matches(query: Query, each: FirstSeen, spared: dict[str, Any]) -> bool:
    try:
        return holds(query.ast, analyse(replace(each.text, **spared), stems=(query.stem,)))
    except Exception:
        log.exception("cannot be matched", trace=each.article.trace, article=each.article.id)
        return False
