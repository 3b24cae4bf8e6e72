"""Which queries an article answers, and with which words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from subscriptions.queries.article import PROSE, AnalysedArticle
from subscriptions.queries.nodes import (
    And,
    Field,
    MediaTopic,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Suffix,
    Urgency,
    Word,
)
from subscriptions.queries.places import MOST_PLACES, places
from subscriptions.queries.query import Query
from subscriptions.queries.truth import EXACT, holds


@dataclass(frozen=True)
class MatchedWord:
    """Words that answered the query: `text` is what `field` says from character `start` to `end`."""

    text: str
    field: str
    start: int
    end: int


@dataclass(frozen=True)
class Matched:
    """What answered a query, in order of appearance: title, summary, body, then the rest."""

    words: tuple[MatchedWord, ...]

    @property
    def display(self) -> tuple[str, ...]:
        """The words as they stand in the article, each once."""
        first = {word.text.casefold(): word.text for word in reversed(self.words)}
        return tuple(first[key] for key in dict.fromkeys(word.text.casefold() for word in self.words))


def match(query: Query, article: AnalysedArticle) -> Matched | None:
    """Say what of `article` answers `query`; None where it does not, or where that cannot be known."""
    if query.anchors.isdisjoint(article.keys) or not holds(query.ast, article):
        return None
    leaves = dict.fromkeys(_answered(query.ast, article))
    words = {word for leaf in leaves for word in _words(leaf, article)}
    ranks = {name: rank for rank, name in enumerate((*article.fields, "urgency"))}
    return Matched(tuple(sorted(words, key=lambda word: (ranks[word.field], word.start, -word.end))))


def find_matching(queries: Mapping[int, Query], article: AnalysedArticle) -> dict[int, Matched]:
    """Return the queries that `article` answers, by their ids, each with what answered it."""
    keys = article.keys
    chances = [number for number, query in queries.items() if not query.anchors.isdisjoint(keys)]
    found = ((number, match(queries[number], article)) for number in chances)
    return {number: matched for number, matched in found if matched}


def _answered(node: Node, article: AnalysedArticle) -> Iterator[Node]:
    """Yield the leaves that answer a query which holds."""
    match node:
        case And() | Or():
            for operand in node.operands:
                if holds(operand, article):
                    yield from _answered(operand, article)
        case Not():
            return
        case _:
            yield node


def _words(leaf: Node, article: AnalysedArticle) -> Iterator[MatchedWord]:
    match leaf:
        case Urgency():
            yield MatchedWord(str(article.urgency), "urgency", 0, len(str(article.urgency)))
        case MediaTopic():
            field = article.fields["mediatopic"]
            for code in leaf.codes & field.postings.keys():
                (place,) = field.postings[code]
                yield MatchedWord(code, "mediatopic", place.start, place.end)
        case Field():
            yield from _in_field(leaf, article)
        case Word() | Phrase() | Near() | Prefix() | Suffix():
            for name in PROSE:
                yield from _in_field(Field(name, leaf), article)


def _in_field(node: Field, article: AnalysedArticle) -> Iterator[MatchedWord]:
    field = article.fields.get(node.name)
    if field:
        for place in places(node.leaf, field, exact=node.name in EXACT)[:MOST_PLACES]:
            yield MatchedWord(field.text[place.start : place.end], node.name, place.start, place.end)
