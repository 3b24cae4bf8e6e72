"""Which demands of a segment the chunks of a vocabulary meet, looked up once for each chunk and kept."""

import numpy as np

from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, Pool, within
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.vocabulary import Vocabulary

_UNKNOWN = -1


class Met:
    """The demands that chunks meet in one field, or (empty) in any prose."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary, field: str) -> None:
        self._segment = segment
        self._vocabulary = vocabulary
        self._salt = np.uint64(named.SALTS[field] if field else 0)
        self._starts, self._counts = Pool(np.int64), Pool(np.int64)
        self._demands = Pool(np.int32)
        self._positions, self._afters = Pool(np.int32), Pool(np.int32)

    def by(self, chunks: Array) -> Array:
        """Return the demands that `chunks` meet, some of them several times."""
        indices = self._indices(chunks)  # first: it may learn
        return self._demands.values[indices]

    def places(self, chunks: Array, first: Array) -> tuple[Array, Array, Array]:
        """Return the demands that `chunks` meet, where each begins and ends; chunks begin at `first`."""
        indices = self._indices(chunks)
        positions = first.repeat(self._counts.values[chunks])
        return (
            self._demands.values[indices],
            positions + self._positions.values[indices],
            positions + self._afters.values[indices],
        )

    def _indices(self, chunks: Array) -> Array:
        self._starts.fill(len(self._vocabulary), 0)
        self._counts.fill(len(self._vocabulary), _UNKNOWN)
        counts = self._counts.values[chunks]
        if len(counts) and counts.min() == _UNKNOWN:
            self._learn(np.unique(chunks[counts == _UNKNOWN]))
            counts = self._counts.values[chunks]
        return within(self._starts.values[chunks], counts)

    def _learn(self, chunks: Array) -> None:
        known = self._vocabulary
        counts = known.name_counts.values[chunks]
        indices = within(known.name_starts.values[chunks], counts)
        owners = np.arange(len(chunks)).repeat(counts)
        hits, demands = met(self._segment, known.names.values[indices] ^ self._salt)
        self._starts.values[chunks] = self._demands.length
        found = np.bincount(owners[hits], minlength=len(chunks))
        self._starts.values[chunks] += found.cumsum() - found
        self._counts.values[chunks] = found
        self._demands.extend(demands)
        self._positions.extend(known.positions.values[indices[hits]])
        self._afters.extend(known.afters.values[indices[hits]])


def met(segment: Segment, names: Names) -> tuple[Array, Array]:
    """Return the demands that `names` meet, and for each which name it was."""
    if not len(segment.names):
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
    at = np.searchsorted(segment.names, names)
    at[at == len(segment.names)] = 0
    (hits,) = np.nonzero(segment.names[at] == names)
    at = at[hits]
    counts = segment.name_starts[at + 1] - segment.name_starts[at]
    return hits.repeat(counts), segment.name_demands[within(segment.name_starts[at], counts)]


def met_by_rows(segment: Segment, rows: Names) -> Array:
    """Return the demands that words in a row meet."""
    likely = rows[segment.row_marks[rows & np.uint64(len(segment.row_marks) - 1)] == 1]
    if not len(likely) or not len(segment.rows):
        return np.zeros(0, np.int32)
    at = np.searchsorted(segment.rows, likely)
    at[at == len(segment.rows)] = 0
    demands: Array = segment.row_demands[at[segment.rows[at] == likely]]
    return demands
