"""The step that lays the live topics out in files, for all processes of this machine to share.

The database is the truth, and processes know by themselves what has changed since. This only spares them the
memory, and the time to gather a million topics when they start.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import structlog
from sqlalchemy import literal
from sqlmodel import Session, col, func, select

from subscriptions.articles import article_text, latest_articles
from subscriptions.database import reading
from subscriptions.media_topics import Vocabulary, vocabulary
from subscriptions.queries import ArticleText, Query, QueryError, parse_query
from subscriptions.queries.index import (
    Assembler,
    Contents,
    DamagedError,
    Frequencies,
    Index,
    Shelf,
    frequencies,
    together,
)
from subscriptions.settings import settings
from subscriptions.tables import Topic, TopicRevision, TopicStatus
from worker.parent import die_with_parent

SAMPLE = 1_000  # articles that tell what is rare
AT_ONCE = 50_000  # topics that one process lays out in one go
_THOUSAND = 1_000  # ids that are counted together
SEGMENTS = 4  # with more, all are merged

log = structlog.get_logger()


@dataclass(frozen=True)
class Filled:
    """How many topics were laid out; what the shelf holds now, and up to which change."""

    laid_out: int
    topics: int
    segments: int
    revision: int


def shelf() -> Shelf:
    """Return this machine's shelf."""
    return Shelf(settings().data_dir / "index")


def read_shelf(now: TopicRevision) -> Contents:
    """Open what is on the shelf, if it is of this database and whole; else nothing."""
    try:
        found = shelf().read()
    except DamagedError as error:
        log.warning("a file of the index is damaged, it is made anew", file=str(error))
        found = None
    if found is None or found.origin != now.origin or found.revision > now.number:
        return Contents(now.origin, 0)
    return found


def fill_elsewhere() -> "subprocess.Popen[bytes]":
    """Have another process fill the shelf, while this one matches; it ends with this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "worker.cli", "topics", "index"],
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - it is one call of the kernel
    )


def fill_shelf(
    progress: Callable[[int, int], None] = lambda _done, _total: None, *, anew: bool = False
) -> Filled:
    """Lay out what has changed since the shelf was last filled, or everything; waits for others who do.

    `progress` is called with how many topics are done, and how many there are.
    """
    with shelf().locked():
        with reading() as session:
            now = session.exec(select(TopicRevision)).one()
            contents = Contents(now.origin, 0) if anew else read_shelf(now)
            ranges = list(_ranges(session, contents.revision))
            practice = session.exec(select(Topic.id).where(Topic.practice).order_by(col(Topic.id))).all()
            latest = [article_text(*row) for row in latest_articles(session, SAMPLE)] if ranges else []
        new = _lay_out(ranges, contents.revision, latest, progress)
        names = [*contents.names, *new]
        if len(names) > SEGMENTS or (len(new) == len(names) > 1):
            names = [_merged(names)]
        if names != list(contents.names) or contents.revision != now.number:
            shelf().publish(now.origin, now.number, names, [number for number in practice if number])
        filled = Index(shelf().segments(names))
    laid_out = sum(each.topics for each in ranges)
    return Filled(laid_out, len(filled), len(names), now.number)


@dataclass(frozen=True)
class _Range:
    first: int
    last: int
    topics: int


def _ranges(session: Session, since: int) -> Iterator[_Range]:
    """Yield ranges of ids that hold about as many changed topics as a process lays out in one go.

    Counted in the database, by a thousand ids: to fetch a million of them takes a second.
    """
    thousand = (col(Topic.id) - 1) // literal(_THOUSAND)
    changed = select(func.min(Topic.id), func.max(Topic.id), func.count()).where(Topic.revision > since)
    first = last = topics = 0
    for lowest, highest, count in session.exec(changed.group_by(thousand).order_by(func.min(Topic.id))):
        if topics and topics + count > AT_ONCE:
            yield _Range(first, last, topics)
            topics = 0
        first = first if topics else lowest or 0
        last, topics = highest or 0, topics + count
    if topics:
        yield _Range(first, last, topics)


@dataclass(frozen=True)
class _Layout:
    since: int  # the last change that is on the shelf
    frequencies: Frequencies


def _lay_out(
    ranges: list[_Range], since: int, latest: list[ArticleText], progress: Callable[[int, int], None]
) -> list[str]:
    total, done = sum(each.topics for each in ranges), 0
    progress(0, total)
    if len(ranges) < 2:  # noqa: PLR2004 - nothing to do at the same time
        return [_segment(each, _Layout(since, frequencies(latest))) for each in ranges]
    names: dict[int, str] = {}
    processes = os.cpu_count() or 1
    with ProcessPoolExecutor(processes, get_context("spawn"), die_with_parent) as pool:
        lots = [latest[first::processes] for first in range(processes)]
        layout = _Layout(since, together(pool.map(frequencies, lots)))
        under_way = {pool.submit(_segment, each, layout): number for number, each in enumerate(ranges)}
        for future in as_completed(under_way):
            names[under_way[future]] = future.result()
            done += ranges[under_way[future]].topics
            progress(done, total)
    return [names[number] for number in sorted(names)]


def _segment(of: _Range, layout: _Layout) -> str:
    """Lay out one range of topics; return the name of the file."""
    assembler = Assembler()
    wanted = (
        select(Topic.id, Topic.query, Topic.status, Topic.practice)
        .where(Topic.revision > layout.since, col(Topic.id).between(of.first, of.last))
        .order_by(col(Topic.id))
    )
    with reading() as session, _looking_for_no_garbage():
        known = vocabulary(session)
        for topic, text, status, practice in session.exec(wanted.execution_options(yield_per=5_000)):
            query = parsed(text, known) if status == TopicStatus.live and not practice else None
            if query is None:
                assembler.remove(topic or 0)
            else:
                assembler.add(topic or 0, query)
    return shelf().add(assembler.segment(layout.frequencies))


@contextmanager
def _looking_for_no_garbage() -> Iterator[None]:
    """Let no garbage collector run: it took a fifth of the time, and queries have no cycles to find."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _merged(names: list[str]) -> str:
    return shelf().add(Index(shelf().segments(names)).segment())


def parsed(text: str, known: Vocabulary) -> Query | None:
    """Parse a stored query; None for one that was right when it was saved, before the language changed."""
    try:
        return parse_query(text, media_topics=known)
    except QueryError as error:
        log.warning("a topic cannot be matched", query=text, problem=str(error))
        return None
