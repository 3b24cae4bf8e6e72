"""An article as the numbers of its chunks: read once, looked up in every segment."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from subscriptions.queries.article import (
    PROSE,
    AnalysedArticle,
    ArticleText,
    analyse,
    metadata_field,
    metadata_said,
)
from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, within
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.vocabulary import GAP, Vocabulary, Wanted, names_of

_APART = 10_000  # positions between two fields: more than a query may put between near words


class Reading:
    """What is asked of one article while its queries are found; `chunks` are those of its prose, in order.

    `language` is the article's, or empty; `vocabulary` knows the words of articles in it.
    """

    def __init__(self, article: ArticleText, language: str, vocabulary: Vocabulary) -> None:
        self.article = article
        self.vocabulary = vocabulary
        self._language = language
        self.spans: dict[str, slice] = {}
        numbers: list[int] = []
        for field in PROSE:
            if text := getattr(article, field):
                begin = len(numbers)
                numbers += vocabulary.read(text)
                self.spans[field] = slice(begin, len(numbers))
                numbers.append(GAP)
        self.chunks = np.array(numbers, np.int64)

    @cached_property
    def analysed(self) -> AnalysedArticle:
        """The article taken apart, for what names alone cannot decide."""
        return analyse(self.article)

    @cached_property
    def different(self) -> Array:
        """Its chunks, each once."""
        ordered = np.sort(self.chunks)
        is_first = np.ones(len(ordered), np.bool_)
        is_first[1:] = ordered[1:] != ordered[:-1]
        different: Array = ordered[is_first]
        return different

    @cached_property
    def positions(self) -> Array:
        """The position of each chunk's first word; fields lie far apart."""
        widths = self.vocabulary.part_counts.values[self.chunks]
        widths[self.chunks == GAP] = _APART
        return widths.cumsum() - widths

    def rows(self, field: str) -> list[Names]:
        """Name all words that stand side by side, two and three, in a field or (empty) in all prose."""
        if field and field not in self.spans:
            return []
        span = self.spans[field] if field else slice(0, len(self.chunks))
        first, last = (int(self._part_ends[at - 1]) if at else 0 for at in (span.start, span.stop))
        pairs, triples = self._pairs_and_triples
        odd = self._odd_rows(span)
        found = [pairs[first : max(first, last - 1)], triples[first : max(first, last - 2)], odd]
        return [names ^ np.uint64(named.SALTS[field]) for names in found] if field else found

    @cached_property
    def _part_ends(self) -> Array:
        return self.vocabulary.part_counts.values[self.chunks].cumsum()

    @cached_property
    def _pairs_and_triples(self) -> tuple[Names, Names]:
        known = self.vocabulary
        counts = known.part_counts.values[self.chunks]
        parts = known.parts.values[within(known.part_starts.values[self.chunks], counts)]
        return named.rows(parts, 2), named.rows(parts, 3)

    def _odd_rows(self, span: slice) -> Names:
        """Name rows with words that are not spelt in one way only: "AI", or "Tel-Aviv" as one word."""
        (odd,) = np.nonzero(self.vocabulary.is_odd.values[self.chunks[span]])
        names = (name for at in odd.tolist() for name in self._rows_around(span.start + at, span))
        return np.fromiter(names, np.uint64)

    def _rows_around(self, index: int, span: slice) -> Iterator[int]:
        begun: dict[int, list[tuple[int, int]]] = {}
        for at in range(max(span.start, index - 2), min(span.stop, index + 3)):
            first = int(self.positions[at])
            for word, position, after in self.vocabulary.words(int(self.chunks[at])):
                begun.setdefault(first + position, []).append((word, first + after))
        for words in begun.values():
            for word, after in words:
                for second, after_second in begun.get(after, ()):
                    yield named.row((word, second))
                    for third, _ in begun.get(after_second, ()):
                        yield named.row((word, second, third))

    def metadata(self, field: str) -> tuple[int, ...]:
        """Name what the article says in a field that is not prose."""
        if field == "urgency":
            level = self.article.urgency
            return () if level is None else (named.has(field), named.urgency(level))
        said = metadata_said(self.article, field, self._language)
        main = self._language.partition("-")[0]
        return _metadata(field, said, main, self.vocabulary.wanted)


@lru_cache(maxsize=1 << 10)
def _metadata(field: str, said: tuple[str, ...], language: str, wanted: Wanted) -> tuple[int, ...]:
    analysed = metadata_field(field, said, language, language if language in wanted.stems else "")
    if not analysed.text:
        return ()
    names = (name for form in analysed.postings for name in names_of(form, wanted))
    return (named.has(field), *named.in_field(dict.fromkeys(names), field))
