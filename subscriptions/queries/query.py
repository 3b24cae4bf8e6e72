"""A topic query, parsed."""

from dataclasses import dataclass, field

from subscriptions.queries.anchors import anchors
from subscriptions.queries.grammar import tree
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.nodes import Node
from subscriptions.queries.normal import canonical, normal


@dataclass(frozen=True)
class Query:
    """`text` as written; `ast` in its normal form; `canonical`, the same text for queries that ask the same.

    `anchors` are keys of which every article that answers has one at least.
    """

    text: str
    canonical: str
    ast: Node = field(repr=False)
    anchors: frozenset[str] = field(repr=False)


def parse_query(text: str, *, limits: QueryLimits = QueryLimits()) -> Query:  # noqa: B008 - it is frozen
    """Return the query that `text` says; raises `QueryError` with the place and what was expected there."""
    ast = normal(tree(text, limits), text)
    return Query(text, canonical(ast), ast, anchors(ast))
