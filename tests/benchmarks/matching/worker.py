"""What the index costs a worker process besides the time for an article, and how fast two processes are.

Each function runs in a process of its own: see `Ours.in_process`.
"""

import re
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

from sqlmodel import select

from subscriptions.database import reading, unit_of_work
from subscriptions.queries import ArticleText
from subscriptions.tables import TopicRevision
from subscriptions.topics import add_topic
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.measured import ROUND_S, WARM_UP_S
from tests.benchmarks.matching.ours import opened
from worker.match.fill_shelf import shelf
from worker.match.live_topics import LiveTopics

_OPENINGS = 3  # the best counts
_ARTICLES = 500


def bytes_in_files() -> int:
    """Return the size of the index's files."""
    return sum(file.stat().st_size for file in shelf().folder.glob("*.segment"))


def opening_ms() -> float:
    """Return in how many milliseconds a process that has its database open knows all topics."""
    _open_database()
    return min(_opening_ms() for _ in range(_OPENINGS))


def _opening_ms() -> float:
    began = time.perf_counter()
    opened()
    return (time.perf_counter() - began) * 1e3


def memory_mb(data: Data) -> dict[str, float]:
    """Return what is a process's own before it opens the index, then, and after 500 articles."""
    articles = islice(cycle(data.articles()), _ARTICLES)
    _open_database()
    before = _own_mb("before")
    topics = opened()
    then = _own_mb("opened")
    for article in articles:
        topics.find(article, practice=False)
    return before | then | _own_mb(f"after {_ARTICLES} articles")


def _own_mb(when: str) -> dict[str, float]:
    """Read anonymous memory, and pages that were written to; those of files are shared."""
    status, smaps = (Path(f"/proc/self/{name}").read_text() for name in ("status", "smaps_rollup"))
    return {
        f"RssAnon {when}": round(_kilobytes("RssAnon", status) / 1e3, 1),
        f"Private_Dirty {when}": round(_kilobytes("Private_Dirty", smaps) / 1e3, 1),
    }


def _kilobytes(name: str, report: str) -> int:
    return sum(map(int, re.findall(rf"^{name}:\s+(\d+) kB", report, re.MULTILINE)))


def _open_database() -> None:
    with reading() as session:
        session.exec(select(TopicRevision)).one()


def edit_s() -> float:
    """Return how many seconds after a topic is added another matcher finds it."""
    topics = opened()
    began = time.perf_counter()
    with unit_of_work() as session:
        added = add_topic(session, "harbours", "harbour").id
    with reading() as session:
        topics.refresh(session)
    assert topics.find(ArticleText("Storm closes the harbour"), practice=False) == [added]
    return time.perf_counter() - began


def articles_a_minute(data: Data, processes: int) -> float:
    """Return how many articles so many processes match in a minute, all together."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return sum(pool.map(_pace, [data] * processes))


def _pace(data: Data) -> float:
    topics, articles = opened(), data.articles()
    _matched(topics, articles, WARM_UP_S)
    return _matched(topics, articles, ROUND_S) * 60 / ROUND_S


def _matched(topics: LiveTopics, articles: list[ArticleText], seconds: float) -> int:
    until = time.perf_counter() + seconds
    left, count = cycle(articles), 0
    while time.perf_counter() < until:
        topics.find(next(left), practice=False)
        count += 1
    return count
