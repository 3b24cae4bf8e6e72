"""How long a peer takes for an article, and what it finds."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, cycle

from subscriptions.queries import ArticleText
from tests.benchmarks.matching.data import Data

Match = Callable[[ArticleText], frozenset[int]]

WARM_UP_S = 4.0
ROUND_S = 5.0  # a slow peer gets fewer articles: as many as it matches in this time
ROUNDS = 3  # the best counts, so that a busy moment of the machine is held against nobody


@dataclass(frozen=True)
class Timed:
    """Milliseconds an article, the mean of the best round; the queries that each article answers."""

    ms: float
    found: Sequence[frozenset[int]]
    first_ms: float = math.nan  # the mean of the first round, whose articles are all new


@dataclass(frozen=True)
class Measured:
    """How a peer did with so many queries."""

    peer: str
    queries: int
    timed: Timed
    note: str = ""


def measure(match: Match, data: Data) -> Timed:
    """Warm up, then time `match`."""
    articles = data.articles()
    _round(match, cycle(data.earlier()), WARM_UP_S)
    first = _round(match, articles, ROUND_S)
    again = [_round(match, articles[: len(first.found)], 2 * ROUND_S) for _ in range(ROUNDS - 1)]
    return Timed(min(each.ms for each in (first, *again)), first.found, first.ms)


def _round(match: Match, articles: Iterable[ArticleText], seconds: float) -> Timed:
    found = []
    began = time.perf_counter()
    for article in articles:
        found.append(match(article))
        if time.perf_counter() - began > seconds:
            break
    return Timed((time.perf_counter() - began) * 1e3 / len(found), found)


def assert_same(peers: Iterable[Measured]) -> None:
    """Fail where two peers disagree about an article that both have seen."""
    for one, other in combinations(peers, 2):
        pairs = zip(one.timed.found, other.timed.found, strict=False)
        for number, (found, found_too) in enumerate(pairs, 1):
            differing = sorted(found ^ found_too)[:5]
            where = f"line {number} of articles.jsonl and the queries {differing}"
            assert not differing, f"{one.peer} and {other.peer} differ about {where}"
