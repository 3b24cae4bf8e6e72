"""The topic query language: parse a query, take an article apart, see which queries it answers and why."""

from subscriptions.queries.article import AnalysedArticle, ArticleText, analyse
from subscriptions.queries.errors import QueryError
from subscriptions.queries.explaining import explain
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.matching import Matched, MatchedWord, find_matching, match
from subscriptions.queries.media_topics import MediaTopics
from subscriptions.queries.query import Query, parse_query

__all__ = [
    "AnalysedArticle",
    "ArticleText",
    "Matched",
    "MatchedWord",
    "MediaTopics",
    "Query",
    "QueryError",
    "QueryLimits",
    "analyse",
    "explain",
    "find_matching",
    "match",
    "parse_query",
]
