"""How long a backtest takes over 100,000 stored articles: python -m tests.benchmarks.backtest [ARTICLES].

Words are made up: drawn from a vocabulary with the few-are-frequent shape of real text (Zipf's law). A
quarter of the articles are made up, the others have the same texts again. Each query is asked three times,
and the median is told.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select
from sqlmodel import SQLModel

from subscriptions import clock, database, settings
from subscriptions.backtesting import Backtest, backtest
from subscriptions.concordance_entry import pack_entries
from subscriptions.concordances import analysis, entry
from subscriptions.migrations import migrate
from subscriptions.queries import ArticleText, analyse, parse_query
from subscriptions.queries.concordance import Packed, pack
from subscriptions.queries.packed_forms import MOST_ARTICLES
from subscriptions.tables import Article, ArticleStatus, Concordance, Source, Story, StoryJoin
from tests.postgres import PostgresServer

ARTICLES = 100_000
NOW = clock.now()
DAYS = timedelta(days=30)
ROUNDS = 3
DISTINCT = 98  # concordances that are made up
PART = 5_000  # rows of one insert
RANDOM = random.Random(1_000_003)  # noqa: S311 - made-up text, no secret
LETTERS = "abcdefghijklmnprstuvw"  # no "o": "or" and "not" would join words
VOCABULARY = ["".join(RANDOM.choices(LETTERS, k=RANDOM.randint(3, 10))) for _ in range(60_000)]
WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))
QUERIES = {
    "rare word": VOCABULARY[30_000],
    "middling word": VOCABULARY[1_000],
    "beginning": f"{VOCABULARY[200][:3]}*",
    "rare phrase": f'"{VOCABULARY[300]} {VOCABULARY[800]}"',
    "near words": f'"{VOCABULARY[20]} {VOCABULARY[90]}"~5',
    "broad word": VOCABULARY[3],
    "broad phrase": f'"{VOCABULARY[0]} {VOCABULARY[1]}"',
    "100 words": " OR ".join(VOCABULARY[5_000:5_100]),
}


def main() -> None:
    """Fill a SQLite database, copy it to PostgreSQL, and print a table of both."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TOCSIN_DATA_DIR"] = folder
        os.environ.pop("TOCSIN_DATABASE_URL", None)
        local = database.engine()
        _fill(local, count)
        times = {"SQLite": _ask_all()}
        with _postgres(local):
            times["PostgreSQL"] = _ask_all()
    _print(times)


def _fill(engine: Engine, count: int) -> None:
    migrate(engine)
    started = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        made_up = list(pool.map(_made_up, range(DISTINCT)))
    _say(f"{DISTINCT * MOST_ARTICLES:,} articles made up, their words gathered", started)
    numbers = range(1, count // MOST_ARTICLES + 1)
    with engine.begin() as connection:
        connection.execute(insert(_table(Source)), [_source().model_dump()])
        for number in numbers:
            seen_at = NOW - DAYS * (len(numbers) - number) / len(numbers)
            for model, rows in _rows(number, seen_at, *made_up[number % DISTINCT]).items():
                connection.execute(insert(_table(model)), rows)
        packed = connection.execute(select(func.sum(func.length(Concordance.words)))).scalar_one()
    _say("stored", started)
    size, stored = Path(engine.url.database or "").stat().st_size, len(numbers) * MOST_ARTICLES
    print(
        f"{stored:,} articles; the database has {size / 1e6:.0f} MB, their words {packed / 1e6:.0f} MB of it."
    )


def _made_up(seed: int) -> tuple[list[tuple[str, str]], Packed]:
    """Make up the titles and summaries of one concordance, and that."""
    chance = random.Random(seed)  # noqa: S311 - made-up text, no secret
    texts = [(_prose(chance, 10), _prose(chance, 100)) for _ in range(MOST_ARTICLES)]
    return texts, pack([analyse(ArticleText(*text, language="en")) for text in texts])


def _rows(
    number: int, seen_at: datetime, texts: list[tuple[str, str]], packed: Packed
) -> dict[type[SQLModel], list[dict[str, Any]]]:
    """Give the rows of a concordance's articles; every third is the second of its story."""
    first = number * MOST_ARTICLES
    articles = [_article(first + each, seen_at, *text) for each, text in enumerate(texts)]
    ids = range(first, first + MOST_ARTICLES)
    made = Concordance(
        id=number,
        analysis=analysis(),
        articles=MOST_ARTICLES,
        seen_to=seen_at,
        entries=pack_entries(map(entry, articles)),
        **packed._asdict(),
    )
    return {
        Article: [each.model_dump() for each in articles],
        Story: [{"id": each, "headline": "", "first_seen_at": NOW, "last_seen_at": NOW} for each in ids],
        StoryJoin: [
            {"article_id": each, "story_id": each - (each % 3 == 0 and each > first), "joined_at": NOW}
            for each in ids
        ],
        Concordance: [made.model_dump()],
    }


def _source() -> Source:
    return Source(id=1, url="http://news.example/feed", title="Herald", created_at=NOW, next_poll_at=NOW)


def _article(number: int, seen_at: datetime, title: str, summary: str) -> Article:
    return Article(
        id=number,
        source_id=1,
        identity=f"guid:{number}",
        link=f"http://news.example/{number}",
        title=title,
        summary=summary,
        language="en",
        seen_at=seen_at,
        status=ArticleStatus.matched,
        status_at=seen_at,
    )


def _prose(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=words))


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not type it
    return table


@contextmanager
def _postgres(local: Engine) -> Iterator[None]:
    started = time.perf_counter()
    server = PostgresServer()
    server.start()
    try:
        server.run("CREATE DATABASE tocsin")
        os.environ["TOCSIN_DATABASE_URL"] = server.url("tocsin")
        database.forget_engine()
        settings.settings.cache_clear()
        migrate(database.engine())
        with local.connect() as here, database.engine().begin() as there:
            for model in (Source, Article, Story, StoryJoin, Concordance):
                for part in here.execute(select(_table(model))).partitions(PART):
                    there.execute(insert(_table(model)), [dict(row._mapping) for row in part])
            there.exec_driver_sql("ANALYZE")
        _say("copied to PostgreSQL", started)
        yield
        database.engine().dispose()
    finally:
        server.remove()


def _ask_all() -> dict[str, tuple[Backtest, float]]:
    return {name: _asked(query) for name, query in QUERIES.items()}


def _asked(query: str) -> tuple[Backtest, float]:
    rounds = [_once(query) for _ in range(ROUNDS)]
    return rounds[0][0], statistics.median(seconds for _, seconds in rounds)


def _once(query: str) -> tuple[Backtest, float]:
    started = time.perf_counter()
    with database.reading() as session:
        tested = backtest(session, parse_query(query), days=DAYS.days, shown=20)
    return tested, time.perf_counter() - started


def _print(times: dict[str, dict[str, tuple[Backtest, float]]]) -> None:
    print(f"{'query':<28} {'alerts':>8} {'one by one':>12}  " + "  ".join(f"{name:>10}" for name in times))
    for query in QUERIES:
        tested = times["SQLite"][query][0]
        looked = f"{tested.looked_at:,}" + (f"/{tested.doubtful:,}" if tested.is_cut else "")
        seconds = "  ".join(f"{of_all[query][1]:>8.2f} s" for of_all in times.values())
        print(f"{query:<28} {tested.alerts:>8,} {looked:>12}  {seconds}")


def _say(what: str, started: float) -> None:
    print(f"{what} after {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
