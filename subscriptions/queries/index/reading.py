"""An article as the numbers of its chunks: read once, looked up in every segment."""

from collections.abc import Mapping
from functools import cached_property, lru_cache

import numpy as np

from subscriptions.queries.article import (
    AnalysedArticle,
    ArticleText,
    analyse,
    metadata_field,
    metadata_said,
)
from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, starts, within
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.vocabulary import (
    GAP,
    Vocabulary,
    Wanted,
    names_of,
)

APART = 10_000  # positions between two fields: more than a query may put between near words


class Reading:
    """What is asked of one article while its queries are found.

    `language` is the article's, or empty; `vocabulary` knows the words of articles in it; `chunks` are those
    of its prose, in order, and `spans` tells which of them are a field's.
    """

    def __init__(
        self,
        article: ArticleText,
        language: str,
        vocabulary: Vocabulary,
        chunks: Array,
        spans: Mapping[str, slice],
    ) -> None:
        self.article = article
        self.vocabulary = vocabulary
        self.chunks = chunks
        self.spans = spans
        self._language = language

    @cached_property
    def analysed(self) -> AnalysedArticle:
        """The article taken apart, for what names alone cannot decide."""
        return analyse(self.article)

    @cached_property
    def positions(self) -> Array:
        """The position of each chunk's first word; fields lie far apart."""
        widths = self.vocabulary.widths.values[self.chunks].astype(np.int32)
        widths[self.chunks == GAP] = APART
        return widths.cumsum() - widths

    def rows(self, field: str) -> Names:
        """Name all words that stand side by side, two and more, in a field or (empty) in all prose."""
        if field and field not in self.spans:
            return np.zeros(0, np.uint64)
        chunks = self.chunks[self.spans[field]] if field else self.chunks
        known = self.vocabulary
        if known.is_plain.values.take(chunks).all():
            rows = named.rows(known.written.names.values.take(known.written.starts.values.take(chunks)))
        else:
            rows = _paths(chunks, known)
        return rows ^ np.uint64(named.SALTS[field]) if field else rows

    def metadata(self, field: str) -> tuple[int, ...]:
        """Name what the article says in a field that is not prose."""
        if field == "urgency":
            level = self.article.urgency
            return () if level is None else (named.has(field), named.urgency(level))
        said = metadata_said(self.article, field, self._language)
        main = self._language.partition("-")[0]
        return _metadata(field, said, main, self.vocabulary.wanted)


def _paths(chunks: Array, known: Vocabulary) -> Names:
    """Name the rows of words that may be spelt in several ways: "US" or "us", "Tel-Aviv" as one word or two.

    Each spelling leads from its first position to the one behind it; a row is a path.
    """
    counts = known.written.counts.values[chunks]
    at = within(known.written.starts.values[chunks], counts)
    widths = known.widths.values[chunks].astype(np.int64)
    first = (widths.cumsum() - widths).repeat(counts)
    names = known.written.names.values[at]
    begins, ends = (first + of.values[at] for of in (known.written.positions, known.written.afters))
    following = starts(np.bincount(begins, minlength=int(widths.sum()) + 1))
    end, found = ends, list[Names]()
    row: Names = names * named.FACTORS[0]
    for factor in named.FACTORS[1:]:
        counts = following[end + 1] - following[end]
        following_words = within(following[end], counts)
        row = np.add(row.repeat(counts), names[following_words] * factor)
        end = ends[following_words]
        found.append(row)
    return np.concatenate(found)


@lru_cache(maxsize=1 << 10)
def _metadata(field: str, said: tuple[str, ...], language: str, wanted: Wanted) -> tuple[int, ...]:
    analysed = metadata_field(field, said, language, language if language in wanted.stems else "")
    if not analysed.text:
        return ()
    names = (name for form in analysed.postings for name in names_of(form, wanted))
    return (named.has(field), *named.in_field(dict.fromkeys(names), field))
