"""What a query would have rung within the last days."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.articles import FirstSeen, as_first_seen
from subscriptions.backtesting.marking import Piece, excerpt, pieces
from subscriptions.backtesting.newsroom import Newsroom
from subscriptions.backtesting.rings import Rung, would_ring
from subscriptions.backtesting.search import search
from subscriptions.concordance_entry import Entry
from subscriptions.errors import Mistake
from subscriptions.queries import Matched, Query, analyse, match
from subscriptions.settings import settings
from subscriptions.tables import Article, StoryJoin

DAY = timedelta(days=1)
MOST_DAYS = 366
MOST_SHOWN = 200
FEW = 5_000  # articles that are asked for one by one


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC: the alerts that would have rung, and matching articles that do not ring."""

    day: date
    alerts: int
    silent: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A matching article as it was first seen, its words marked."""

    article: Article
    source: str
    story_id: int | None
    articles: int  # of its story that match
    matched: Matched
    title: list[Piece]
    excerpt: list[Piece]  # from the summary, else the body; empty where neither has a word that matched


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a query would have rung between two instants."""

    query: str
    days: int  # as asked
    since: datetime
    until: datetime
    articles: int  # stored, matching or not
    per_day: list[Day]
    stories: list[Shown]  # that would have rung, the newest first
    silent: list[Shown]  # that match and do not ring (baseline, too old, held), the newest first
    doubtful: int  # articles that had to be looked at one by one
    looked_at: int  # how many of them were, the newest; fewer: `since` is later than asked

    @property
    def alerts(self) -> int:
        """How many alerts it would have rung."""
        return sum(day.alerts for day in self.per_day)

    @property
    def silent_articles(self) -> int:
        """How many articles match and do not ring."""
        return sum(day.silent for day in self.per_day)

    @property
    def alerts_a_day(self) -> float:
        """How many alerts a day, on average."""
        return self.alerts / max(1.0, (self.until - self.since) / DAY)

    @property
    def is_cut(self) -> bool:
        """Whether it matches so much that not all could be looked at."""
        return self.looked_at < self.doubtful


def backtest(session: Session, query: Query, *, days: int, shown: int, practice: bool = False) -> Backtest:
    """Try a query on the articles stored within the last days; show as many of each kind, the newest.

    Raises Mistake for more days or more to show than it is made for.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Mistake(f"A backtest looks back 1 to {MOST_DAYS} days: {days} are not possible.")
    if not 1 <= shown <= MOST_SHOWN:
        raise Mistake(f"A backtest shows 1 to {MOST_SHOWN} stories: {shown} are not possible.")
    until = clock.now()
    newsroom = Newsroom(session, practice=practice)
    since = max(until - days * DAY, newsroom.oldest() or until)
    # A story that rang before is silent: its first article may have come as long before as stories are open.
    found = search(session, query, newsroom, since - timedelta(hours=settings().story_window_hours))
    since = max(since, found.since) if found.is_cut else since
    hits = [hit for hit in found.hits if not hit.is_silent]
    rung = would_ring(hits, _stories(session, hits), since)
    silent = [Rung(hit, None, 1) for hit in found.hits if hit.is_silent and hit.seen_at >= since]
    return Backtest(
        query=query.text,
        days=days,
        since=since,
        until=until,
        articles=newsroom.count(since),
        per_day=_per_day(since, until, rung, silent),
        stories=list(_shown(session, query, rung[::-1][:shown])),
        silent=list(_shown(session, query, silent[::-1][:shown])),
        doubtful=found.doubtful,
        looked_at=found.looked_at,
    )


def _stories(session: Session, hits: Sequence[Entry]) -> dict[int, int]:
    ids = [hit.article_id for hit in hits]
    if not ids:
        return {}
    joins = select(StoryJoin.article_id, StoryJoin.story_id)
    wanted = joins.where(col(StoryJoin.article_id).between(min(ids), max(ids)))
    if len(ids) <= FEW:
        wanted = joins.where(col(StoryJoin.article_id).in_(ids))
    return dict(session.exec(wanted).all())


def _per_day(since: datetime, until: datetime, rung: Sequence[Rung], silent: Sequence[Rung]) -> list[Day]:
    alerts, quiet = (Counter(each.hit.seen_at.date() for each in those) for those in (rung, silent))
    days = [since.date() + number * DAY for number in range((until.date() - since.date()).days + 1)]
    return [Day(day, alerts[day], quiet[day]) for day in days]


def _shown(session: Session, query: Query, those: Sequence[Rung]) -> Iterator[Shown]:
    by_id = {each.hit.article_id: each for each in those}
    for first in as_first_seen(session, list(by_id)):
        if matched := match(query, analyse(first.text, stems=(query.stem,))):
            yield _marked(first, by_id[first.article.id or 0], matched)


def _marked(first: FirstSeen, rung: Rung, matched: Matched) -> Shown:
    spans: dict[str, list[tuple[int, int]]] = {}
    for word in matched.words:
        spans.setdefault(word.field, []).append((word.start, word.end))
    long = next((name for name in ("summary", "body") if name in spans), "")
    return Shown(
        article=first.article,
        source=first.source.title or first.source.url,
        story_id=rung.story_id,
        articles=rung.articles,
        matched=matched,
        title=pieces(first.text.title, spans.get("title", ())),
        excerpt=excerpt(getattr(first.text, long), spans[long]) if long else [],
    )
