"""PostgreSQL: a table of all queries as `tsquery`, each tried on the article's `tsvector`.

What was tuned, as the defaults are slower: no row is compressed or packed, so that none is unpacked (storage
plain); the table fits into shared memory and is frozen; the article is analysed once a statement (a scalar
subquery), which is prepared; no just-in-time compilation, which takes longer than it saves. One process does
the work, as with the other peers. PostgreSQL has no index for "which tsquery does this answer?".
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from subscriptions.queries import ArticleText
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.measured import Timed, measure
from tests.postgres import PostgresServer

_SETTINGS = {
    "shared_buffers": "1GB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum": "off",
}
# Positions between two fields, held by a word that nobody asks for: no phrase spans two of them.
_GAP = "'~:50'::tsvector"
_MATCHING = f"""
    SELECT id FROM query WHERE asked @@ (SELECT
        setweight(to_tsvector('simple', %s), 'A')
        || {_GAP} || to_tsvector('simple', %s)
        || {_GAP} || to_tsvector('simple', %s))
"""  # noqa: S608 - both parts are ours


@contextmanager
def server() -> Iterator[PostgresServer]:
    """Run a server with settings for this."""
    postgres = PostgresServer()
    try:
        postgres.start()
        for name, value in _SETTINGS.items():
            postgres.run(f"ALTER SYSTEM SET {name} = '{value}'")
        postgres.stop()
        postgres.start()
        yield postgres
    finally:
        postgres.remove()


def time_matching(postgres: PostgresServer, data: Data, queries: int) -> Timed:
    """Store so many queries and time the matching."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        _store(connection, data.queries(queries, "tsquery"))

        def match(article: ArticleText) -> frozenset[int]:
            parts = (article.title, article.summary, article.body)
            return frozenset(number for (number,) in connection.execute(_MATCHING, parts, prepare=True))

        return measure(match, data)


def _store(connection: psycopg.Connection, queries: Iterable[tuple[int, str]]) -> None:
    connection.execute("DROP TABLE IF EXISTS query")
    connection.execute("CREATE TABLE query (id integer NOT NULL, asked tsquery NOT NULL)")
    connection.execute("ALTER TABLE query ALTER COLUMN asked SET STORAGE PLAIN")
    with connection.cursor() as cursor, cursor.copy("COPY query FROM STDIN") as copy:
        for row in queries:
            copy.write_row(row)
    connection.execute("VACUUM (FREEZE, ANALYZE) query")
