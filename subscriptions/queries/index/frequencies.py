"""How many articles have what, counted on some of them: queries are posted under what is rare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from subscriptions.queries.article import METADATA, ArticleText
from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, within
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.reader import Reader
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.vocabulary import Wanted

_AT_ONCE = 50  # articles
_LETTERS = frozenset(range(2, named.LONGEST_END + 1))


@dataclass(frozen=True)
class Frequencies:
    """In how many articles each of `names`, which are sorted, was."""

    names: Names
    counts: Array

    def of(self, names: Names) -> Array:
        """Return how many articles have each of `names`."""
        if not len(self.names):
            return np.zeros(len(names), np.int64)
        at = np.minimum(np.searchsorted(self.names, names), len(self.names) - 1)
        return np.where(self.names[at] == names, self.counts[at], 0)


NOTHING_COUNTED = Frequencies(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def frequencies(articles: Iterable[ArticleText]) -> Frequencies:
    """Count what articles have: some hundred tell what is rare."""
    reader = Reader(Wanted(_LETTERS, _LETTERS))
    counted, some = NOTHING_COUNTED, list[Names]()
    for article in articles:
        some.append(np.unique(np.concatenate(list(_names(reader.read(article))))))
        if len(some) == _AT_ONCE:
            counted, some = _sum(counted, some), []
    return _sum(counted, some)


def together(counted: Iterable[Frequencies]) -> Frequencies:
    """Return what was counted on several lots of articles."""
    lots = list(counted)
    names, inverse = np.unique(np.concatenate([lot.names for lot in lots]), return_inverse=True)
    counts = np.bincount(inverse, np.concatenate([lot.counts for lot in lots]), len(names))
    return Frequencies(names, counts.astype(np.int64))


def _names(reading: Reading) -> Iterator[Names]:
    known = reading.vocabulary.found_by
    for field in ("", *reading.spans):
        chunks = reading.chunks[reading.spans[field]] if field else reading.chunks
        names = known.names.values[within(known.starts.values[chunks], known.counts.values[chunks])]
        yield names ^ np.uint64(named.SALTS[field] if field else 0)
        yield reading.rows(field)
    for field in METADATA:
        yield np.array(reading.metadata(field), np.uint64)


def _sum(counted: Frequencies, some: list[Names]) -> Frequencies:
    return together([counted, *(Frequencies(names, np.ones(len(names), np.int64)) for names in some)])
