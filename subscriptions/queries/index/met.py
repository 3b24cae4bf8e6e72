"""Which demands of a segment the chunks of a vocabulary meet, looked up once for each chunk and kept."""

from collections.abc import Sequence

import numpy as np

from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, Pool, within
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.vocabulary import Vocabulary

_UNKNOWN = -1
_ALL_PROSE = ""


class Met:
    """The demands that chunks meet: in any prose, and in those of `fields` of which queries ask."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary, fields: Sequence[str]) -> None:
        self._segment = segment
        self.vocabulary = vocabulary
        self._fields = (_ALL_PROSE, *fields)
        self._salts = np.array([named.SALTS[field] if field else 0 for field in self._fields], np.uint64)
        # of each chunk in each field, chunk by chunk
        self._starts, self._counts = Pool(np.int32), Pool(np.int32)
        self._demands = Pool(np.int32)
        self._positions, self._afters = Pool(np.uint8), Pool(np.uint8)

    def by(self, reading: Reading) -> tuple[Array, Array]:
        """Return the demands that the article's words meet, and for `places` where that is kept."""
        keys = self._keys(reading)
        self._counts.fill(len(self.vocabulary) * len(self._fields), _UNKNOWN)
        self._starts.fill(len(self.vocabulary) * len(self._fields), 0)
        counts = self._counts.values.take(keys)
        if len(counts) and counts.min() == _UNKNOWN:
            self._learn(np.unique(keys[counts == _UNKNOWN]))
            counts = self._counts.values.take(keys)
        indices = within(self._starts.values.take(keys), counts)
        return self._demands.values.take(indices), indices

    def places(self, reading: Reading, indices: Array) -> tuple[Array, Array, Array]:
        """Return the demands at `indices`, where what meets each begins, and where it ends."""
        counts = self._counts.values[self._keys(reading)]
        firsts = self._in_fields(reading, reading.positions).repeat(counts)
        return (
            self._demands.values[indices],
            firsts + self._positions.values[indices],
            firsts + self._afters.values[indices],
        )

    def _keys(self, reading: Reading) -> Array:
        """Return where each chunk of the article is, and once more those in each of the fields."""
        if len(self._fields) == 1:
            return reading.chunks
        keys = [reading.chunks * len(self._fields)]
        for number, field in enumerate(self._fields):
            if field in reading.spans:
                keys.append(keys[0][reading.spans[field]] + number)
        return np.concatenate(keys)

    def _in_fields(self, reading: Reading, of_chunks: Array) -> Array:
        """Return what is known of each chunk in the order of `_keys`."""
        spans = [reading.spans[field] for field in self._fields if field in reading.spans]
        return np.concatenate([of_chunks, *(of_chunks[span] for span in spans)])

    def _learn(self, keys: Array) -> None:
        known = self.vocabulary.found_by
        chunks, fields = np.divmod(keys, len(self._fields))
        counts = known.counts.values[chunks]
        indices = within(known.starts.values[chunks], counts)
        owners = np.arange(len(keys)).repeat(counts)
        hits, demands = met(self._segment, known.names.values[indices] ^ self._salts[fields[owners]])
        found = np.bincount(owners[hits], minlength=len(keys))
        self._starts.values[keys] = self._demands.length + found.cumsum() - found
        self._counts.values[keys] = found
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
    likely = rows[segment.row_marks.take(rows & np.uint64(len(segment.row_marks) - 1))]
    if not len(likely) or not len(segment.rows):
        return np.zeros(0, np.int32)
    at = segment.rows.searchsorted(likely)
    at[at == len(segment.rows)] = 0
    demands: Array = segment.row_demands[at[segment.rows[at] == likely]]
    return demands
