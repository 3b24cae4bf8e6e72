"""The step from sources that are due to new articles."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, or_, select

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Source, SourceStatus, move
from worker.watch.cadence import after_failure, after_success
from worker.watch.feed import Feed, NotAFeed
from worker.watch.fetch import Client, Fetched, FetchError, Limits, fetch
from worker.watch.ingest import LANGUAGE_LIMIT, TITLE_LIMIT, Ingested, ingest
from worker.watch.wire import read_feed

log = structlog.get_logger()

HandOn = Callable[[list[int]], object]
AT_ONCE = 50  # sources one poll claims
SIDE_BY_SIDE = 20  # fetches under way
PER_HOST = 2  # of them from one host
# A claim outlasts its fetch by this much, for reading and storing. A killed worker's sources are not looked
# at for so long; a claim that ends too soon costs a second poll, which finds the source's row locked.
CLAIM_SPARE_S = 10


def poll_due(hand_on: HandOn = lambda _article_ids: None) -> list[int]:
    """Poll the sources whose time has come; tell the ids of the articles that may ring.

    Each source's articles are also handed on as soon as they are stored: a slow source delays no other's.
    """
    claimed = _claim()
    return asyncio.run(_poll_all(claimed, hand_on)) if claimed else []


def _claim() -> list[Source]:
    """Take sources that are due, so that no other worker polls them meanwhile."""
    now = clock.now()
    free = or_(col(Source.claimed_until).is_(None), col(Source.claimed_until) < now)
    due = (
        select(Source.id)
        .where(Source.status == SourceStatus.live, Source.next_poll_at <= now, free)
        .order_by(col(Source.next_poll_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    until = now + timedelta(seconds=settings().fetch_timeout_s + CLAIM_SPARE_S)
    with unit_of_work() as session:
        taken = update(Source).where(col(Source.id).in_(due), free).values(claimed_until=until)
        return list(session.execute(taken.returning(Source)).scalars())


async def _poll_all(sources: Sequence[Source], hand_on: HandOn) -> list[int]:
    given = settings()
    limits = Limits(given.user_agent, given.fetch_timeout_s, given.fetch_max_bytes)
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))

    async def poll(source: Source) -> list[int]:
        # The wait for a place comes before the fetch and its time limit: who waits has not failed.
        async with hosts[urlsplit(source.url).netloc], places:
            if _claim_is_over(source):
                return []
            try:
                validators = {"etag": source.etag, "last_modified": source.last_modified}
                fetched = await fetch(client, source.url, limits, **validators)
            except FetchError as problem:
                return await asyncio.to_thread(_store_failure, source, problem)
            except Exception as error:  # a fault of ours with this publisher is to cost the others nothing
                log.exception("document not fetched", source=source.id)
                return await asyncio.to_thread(_store_failure, source, _of_ours("fetched", error))
            seen = await asyncio.to_thread(_store_or_say, source, fetched)
        if seen:
            await asyncio.to_thread(hand_on, seen)
        return seen

    async with Client(limits) as client:
        results = await asyncio.gather(*(poll(source) for source in sources))
    return [article_id for articles in results for article_id in articles]


def _claim_is_over(source: Source) -> bool:
    """Say whether a source waited so long for its slow host that it is due for anybody again."""
    return source.claimed_until is not None and source.claimed_until < clock.now()


def _store_or_say(claimed: Source, fetched: Fetched) -> list[int]:
    """Store a document; one that breaks us is its source's failure, and no other's."""
    try:
        return _store(claimed, fetched)
    except OperationalError:  # the database is away: for all of them
        raise
    except Exception as error:
        log.exception("document not stored", source=claimed.id)
        return _store_failure(claimed, _of_ours("stored", error))


def _of_ours(what: str, error: Exception) -> FetchError:
    return FetchError(
        f"Its document could not be {what} ({type(error).__name__}): see the log of the watch worker."
    )


def _store(claimed: Source, fetched: Fetched) -> list[int]:
    """Read the document and store it with the validators; a document that is no feed is a failure."""
    feed = None
    if fetched.document is not None:
        try:
            feed = read_feed(fetched.document, url=fetched.url, content_type=fetched.content_type)
        except NotAFeed as problem:
            return _store_failure(claimed, FetchError(str(problem)))
    with unit_of_work() as session:
        source = session.get_one(Source, claimed.id, with_for_update={"key_share": True})
        if source.status != SourceStatus.live:  # an admin stopped it meanwhile
            source.claimed_until = None
            return []
        result = ingest(session, source, feed) if feed is not None else Ingested([])
        _note_success(session, source, fetched, feed, result)
        seen = [article.id for article in result.seen if article.id is not None]
    log.info("polled", source=source.id, changed=result.changed, seen=len(seen), stale=result.stale)
    return seen


def _note_success(
    session: Session, source: Source, fetched: Fetched, feed: Feed | None, result: Ingested
) -> None:
    now = clock.now()
    if feed is not None:
        source.etag, source.last_modified = fetched.etag, fetched.last_modified
        source.baseline_at = source.baseline_at or now
        source.title = source.title or feed.title[:TITLE_LIMIT]
        source.language = source.language or feed.language[:LANGUAGE_LIMIT]
    if result.seen or source.new_at is None:
        source.new_at = now
    source.polled_at = source.answered_at = now
    source.failures, source.problem, source.claimed_until = 0, "", None
    if result.held:
        source.problem = f"{result.held} articles turned new at once and are held: look at them on the desk."
    if fetched.moved_to:
        _move_address(session, source, fetched.moved_to)
    decision = after_success(
        now,
        interval_s=source.interval_s or settings().poll_interval_s,
        own_interval=bool(source.interval_s),
        quiet_since=source.new_at,
        fresh_s=fetched.max_age_s,
        jitter=random.random(),  # noqa: S311 - no secret
    )
    source.next_poll_at = decision.at


def _move_address(session: Session, source: Source, address: str) -> None:
    """Follow a permanent redirect from now on, unless another source is there already."""
    if session.exec(select(Source.id).where(Source.url == address)).first() is None:
        log.info("source moved", source=source.id)
        source.url = address


def _store_failure(claimed: Source, problem: FetchError) -> list[int]:
    now = clock.now()
    with unit_of_work() as session:
        source = session.get_one(Source, claimed.id, with_for_update={"key_share": True})
        source.failures += 1
        source.problem, source.polled_at, source.claimed_until = str(problem), now, None
        source.next_poll_at = after_failure(
            now,
            interval_s=source.interval_s or settings().poll_interval_s,
            failures=source.failures,
            asked_s=problem.after_s,
            jitter=random.random(),  # noqa: S311 - no secret
        ).at
        session.flush()
        if problem.gone and source.id is not None:
            move(session, Source, [source.id], leave=SourceStatus.live, enter=SourceStatus.gone)
    log.warning("poll failed", source=claimed.id, problem=str(problem), failures=source.failures)
    return []
