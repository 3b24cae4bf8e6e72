"""Our index as a newsroom has it: topics in a database, laid out in files, found by a worker process.

The functions here and in worker.py run in processes of their own: see `Ours.in_process`.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Table, insert, update
from sqlmodel import SQLModel, select

from subscriptions import clock
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.migrations import migrate
from subscriptions.queries import ArticleText
from subscriptions.queries.index import Index
from subscriptions.queries.index.steps import Compiled, Plain, fastest_steps
from subscriptions.tables import Article, ArticleStatus, Source, Topic, TopicRevision
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.measured import Timed, measure
from tests.benchmarks.matching.progress import say
from worker.match.fill_shelf import fill_shelf, read_shelf
from worker.match.live_topics import LiveTopics

P = ParamSpec("P")
T = TypeVar("T")

_AT_ONCE = 10_000  # rows of one insert


class Ours:
    """Lays topics out and matches, in processes of their own; keeps how long it took to lay out how many."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self.laid_out_s: dict[int, float] = {}

    def time_matching(self, queries: int) -> Timed:
        """Time it with so many queries."""
        say(f"{queries:,} topics: storing them")
        self.in_process(queries, store, self._data, queries)
        say(f"{queries:,} topics: laying them out")
        self.laid_out_s[queries] = self.in_process(queries, fill)
        say(f"{queries:,} topics: matching")
        return self.in_process(queries, time_matching, self._data)

    def time_plain(self, queries: int) -> Timed | None:
        """Time it with the same files and without the compiled steps; None where there are none."""
        if not isinstance(fastest_steps(), Compiled):
            return None
        say(f"{queries:,} topics: matching without compiled steps")
        return self.in_process(queries, time_plain, self._data)

    def in_process(self, queries: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Run `work` in a new process whose database and index are those for so many queries."""
        folder = self._data.folder / str(queries)
        with ProcessPoolExecutor(1, get_context("spawn"), _settle, (folder,)) as process:
            return process.submit(work, *arguments, **named).result()


def _settle(folder: Path) -> None:
    os.environ["TOCSIN_DATA_DIR"] = str(folder)
    os.environ.pop("TOCSIN_DATABASE_URL", None)


def store(data: Data, queries: int) -> None:
    """Store topics, each with the number of its query, and the earlier articles."""
    migrate(engine())
    earlier = data.earlier()
    with unit_of_work() as session:
        session.execute(insert(_table(Source)), [_source()])
        session.execute(insert(_table(Article)), [_article(*each) for each in enumerate(earlier, 1)])
        topics = (_topic(number, text) for number, text in data.queries(queries))
        while rows := list(islice(topics, _AT_ONCE)):
            session.execute(insert(_table(Topic)), rows)
        session.execute(update(TopicRevision).values(number=2))


def fill() -> float:
    """Lay all topics out in files; return how many seconds it took."""
    began = time.perf_counter()
    fill_shelf(anew=True)
    return time.perf_counter() - began


def opened() -> LiveTopics:
    """Return the topics as a worker process knows them."""
    topics = LiveTopics()
    with reading() as session:
        topics.refresh(session)
    return topics


def time_matching(data: Data) -> Timed:
    """Time the matching in a worker process."""
    topics = opened()
    return measure(lambda article: frozenset(topics.find(article, practice=False)), data)


def time_plain(data: Data) -> Timed:
    """Time the same with the steps in numpy."""
    with reading() as session:
        contents = read_shelf(session.exec(select(TopicRevision)).one())
    index = Index(contents.segments, steps=Plain())
    return measure(lambda article: frozenset(index.find(article)), data)


def _source() -> dict[str, Any]:
    now = clock.now()
    return Source(id=1, url="http://news.example/feed", created_at=now, next_poll_at=now).model_dump()


def _article(number: int, text: ArticleText) -> dict[str, Any]:
    now, link = clock.now(), f"http://news.example/{number}"
    article = Article(
        id=number,
        source_id=1,
        identity=link,
        link=link,
        title=text.title,
        summary=text.summary,
        body=text.body,
        language=text.language,
        seen_at=now,
        status=ArticleStatus.matched,
        status_at=now,
    )
    return article.model_dump()


def _topic(number: int, text: str) -> dict[str, Any]:
    now, name = clock.now(), f"topic-{number}"
    topic = Topic(id=number, slug=name, name=name, query=text, created_at=now, updated_at=now, revision=2)
    return topic.model_dump()


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
    return table
