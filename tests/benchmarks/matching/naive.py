"""Evaluating every query, one after the other."""

from subscriptions.queries import ArticleText, analyse, parse_query
from subscriptions.queries.truth import holds
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.measured import Timed, measure

MOST_QUERIES = 10_000


def time_matching(data: Data, queries: int) -> Timed:
    """Time it with so many queries."""
    parsed = [(number, parse_query(text).ast) for number, text in data.queries(queries)]

    def match(article: ArticleText) -> frozenset[int]:
        analysed = analyse(article)
        return frozenset(number for number, ast in parsed if holds(ast, analysed))

    return measure(match, data)
