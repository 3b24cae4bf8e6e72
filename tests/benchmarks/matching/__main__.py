"""`make bench-match`: our index beside evaluating every query, PostgreSQL and Lucene Monitor, all in one run.

All peers read the same made-up articles and queries, analyse the text themselves, and must find the same.
Prints a table, and the same as JSON lines to build/bench-match.jsonl.
"""

import argparse
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.benchmarks.matching import lucene, naive, postgresql
from tests.benchmarks.matching.costs import tell_costs
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.measured import Measured, assert_same
from tests.benchmarks.matching.ours import Ours
from tests.benchmarks.matching.progress import say
from tests.benchmarks.matching.table import LUCENE, NAIVE, OURS, PLAIN, POSTGRESQL, Table
from tests.postgres import PostgresServer

KEPT = Path("build/bench-match.jsonl")
DATA = Data(Path("build/bench-match"))
LUCENE_FOLDER = Path("build/lucene")  # stays: what is fetched is the same each time
SIZES = [1_000, 10_000, 100_000, 1_000_000]
PEERS = ("naive", "postgresql", "lucene")

Peer = Callable[[int], Measured | None]  # with so many queries; None where they are too many


def main() -> None:
    """Measure everything, or what is asked for."""
    asked = _asked()
    shutil.rmtree(DATA.folder, ignore_errors=True)
    DATA.folder.mkdir(parents=True)
    say("making up articles and queries")
    DATA.make(max(asked.sizes), asked.articles)
    table, ours = Table(KEPT), Ours(DATA)
    with ExitStack() as stack:
        peers = list(_peers(stack, ours, asked.without))
        for size in sorted(asked.sizes):
            rows = [measured for peer in peers if (measured := peer(size))]
            assert_same(rows)
            table.add(rows)
    table.grown()
    tell_costs(table, DATA, ours)
    table.judge()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-match", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=SIZES, metavar="N,N", help="numbers of queries")
    parser.add_argument("--articles", type=int, default=2_000, help="at most; slow peers get fewer")
    parser.add_argument(
        "--without", type=_names, default=(), metavar="PEER,PEER", help=f"of {', '.join(PEERS)}"
    )
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return list(map(int, text.split(",")))


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(PEERS):
        raise argparse.ArgumentTypeError(f"write one or several of {', '.join(PEERS)}, with commas between")
    return names


def _peers(stack: ExitStack, ours: Ours, without: Collection[str]) -> Iterator[Peer]:
    if "naive" not in without:
        yield partial(_naive, ours)
    yield partial(_ours, ours)
    yield partial(_plain, ours)
    if "postgresql" not in without:
        yield partial(_postgresql, stack.enter_context(postgresql.server()))
    if "lucene" not in without:
        try:
            yield partial(_lucene, lucene.compiled(LUCENE_FOLDER))
        except lucene.MissingError as error:
            print(f"Lucene Monitor is left out: {error}", flush=True)


def _naive(ours: Ours, queries: int) -> Measured | None:
    if queries > naive.MOST_QUERIES:
        return None
    say(f"{queries:,} queries, one by one")
    return Measured(NAIVE, queries, ours.in_process(queries, naive.time_matching, DATA, queries))


def _ours(ours: Ours, queries: int) -> Measured:
    timed = ours.time_matching(queries)
    return Measured(OURS, queries, timed, f"{timed.first_ms:.3f} where articles and some words are new")


def _plain(ours: Ours, queries: int) -> Measured | None:
    timed = ours.time_plain(queries)
    return Measured(PLAIN, queries, timed) if timed else None


def _postgresql(server: PostgresServer, queries: int) -> Measured:
    say(f"{queries:,} queries in PostgreSQL")
    return Measured(POSTGRESQL, queries, postgresql.time_matching(server, DATA, queries))


def _lucene(program: lucene.Lucene, queries: int) -> Measured:
    say(f"{queries:,} queries in Lucene Monitor")
    return Measured(LUCENE, queries, *program.time_matching(DATA, queries))


if __name__ == "__main__":
    main()
