"""A topic query, parsed."""

from dataclasses import dataclass, field
from functools import cached_property

from subscriptions.queries.anchors import anchors
from subscriptions.queries.grammar import tree
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.media_topics import CodesOnly, MediaTopics
from subscriptions.queries.nodes import Node
from subscriptions.queries.normal import normal, stem_of, with_stem


@dataclass(frozen=True)
class Query:
    """`text` as written; `ast` in its normal form; `canonical`, the same text for queries that ask the same.

    `stem` is the code of the language it stems in, which `analyse` must have been asked for, or empty.
    """

    text: str
    canonical: str
    ast: Node = field(repr=False)
    stem: str = field(default="", repr=False)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Keys of which every article that answers has one at least."""
        return anchors(self.ast)


GENEROUS = QueryLimits()
CODES_ONLY = CodesOnly()


def parse_query(
    text: str, *, limits: QueryLimits = GENEROUS, media_topics: MediaTopics = CODES_ONLY
) -> Query:
    """Return the query that `text` says, with the names and narrower ones of `media_topics`.

    Raises `QueryError` with the place and what was expected there.
    """
    written, asked = tree(text, limits, media_topics)
    ast, spelt, _ = normal(written, text)
    stem = stem_of(ast) if asked else ""
    return Query(text, with_stem(stem, spelt), ast, stem)
