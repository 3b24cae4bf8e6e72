"""A topic query, parsed."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from subscriptions.queries.anchors import anchors
from subscriptions.queries.grammar import tree
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.media_topics import CodesOnly, MediaTopics
from subscriptions.queries.nodes import And, Node, Word
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
_PLAIN_WORDS = re.compile("[a-z0-9]++(?: [a-z0-9]++)*")
_OPERATORS = frozenset({"and", "or", "not"})
CODES_ONLY = CodesOnly()


def parse_query(
    text: str, *, limits: QueryLimits = GENEROUS, media_topics: MediaTopics = CODES_ONLY
) -> Query:
    """Return the query that `text` says, with the names and narrower ones of `media_topics`.

    Raises `QueryError` with the place and what was expected there.
    """
    if _PLAIN_WORDS.fullmatch(text) and (plain := _of_plain_words(text, limits)):
        return plain
    written, asked = tree(text, limits, media_topics)
    ast, spelt, _ = normal(written, text)
    stem = stem_of(ast) if asked else ""
    return Query(text, with_stem(stem, spelt), ast, stem)


def _of_plain_words(text: str, limits: QueryLimits) -> Query | None:
    """Return what many queries are, a few words, at a fifth of the cost; None if that is not all."""
    written = text.split(" ")
    if len(written) > limits.terms or len(text) > limits.length or not _OPERATORS.isdisjoint(written):
        return None
    words: dict[str, Word] = {}
    start = 0
    for word in written:
        end = start + len(word)
        if word not in words:
            words[word] = Word((word,), span=(start, end))
        start = end + 1
    if len(words) == 1:
        return Query(text, written[0], words[written[0]])
    in_order = sorted(words)
    return Query(text, " AND ".join(in_order), And(tuple([words[each] for each in in_order]), (0, len(text))))
