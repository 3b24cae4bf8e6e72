"""A topic query, parsed."""

from dataclasses import dataclass, field

from subscriptions.queries.anchors import anchors
from subscriptions.queries.grammar import tree
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.media_topics import CodesOnly, MediaTopics
from subscriptions.queries.nodes import Node
from subscriptions.queries.normal import canonical, normal, stem_of


@dataclass(frozen=True)
class Query:
    """`text` as written; `ast` in its normal form; `canonical`, the same text for queries that ask the same.

    `anchors` are keys of which every article that answers has one at least. `stem` is the code of the
    language it stems in, which `analyse` must have been asked for, or empty.
    """

    text: str
    canonical: str
    ast: Node = field(repr=False)
    anchors: frozenset[str] = field(repr=False)
    stem: str = field(default="", repr=False)


GENEROUS = QueryLimits()
CODES_ONLY = CodesOnly()


def parse_query(
    text: str, *, limits: QueryLimits = GENEROUS, media_topics: MediaTopics = CODES_ONLY
) -> Query:
    """Return the query that `text` says, with the names and narrower ones of `media_topics`.

    Raises `QueryError` with the place and what was expected there.
    """
    ast = normal(tree(text, limits, media_topics), text)
    return Query(text, canonical(ast), ast, anchors(ast), stem_of(ast))
