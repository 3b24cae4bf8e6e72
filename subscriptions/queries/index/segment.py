"""Queries laid out in flat arrays, which do not change any more and may lie in a file.

*Demands* are numbered; 0 is always met and 1 never. A *conjunction* (see `conjunctions`) is posted under each
demand of its rarest group. Beside the posting stand two more demands that must be met and one that must not,
so that most that do not match are never looked at. What else a conjunction asks is its *rest*.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from subscriptions.queries.index.arrays import Array, Ints
from subscriptions.queries.index.demands import Need
from subscriptions.queries.index.names import Names

ALWAYS, NEVER = 0, 1
NO_REST = -1
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Segment:
    """The arrays. `*_starts` tell where each list begins in the array behind it, and where the last ends."""

    names: Names  # sorted; what vocabularies name
    name_starts: Ints
    name_demands: Ints
    rows: Names  # sorted; words in a row, each with the demand that it meets
    row_demands: Ints
    row_marks: (
        Bytes  # by the last bits of a row: 1 where there may be one; most of an article are in no query
    )

    demand_keys: Names
    posting_starts: Ints  # by demand
    posting_conjunctions: Ints
    posting_firsts: Ints  # demands that must be met too
    posting_seconds: Ints
    posting_excluded: Ints

    conjunction_queries: Ints
    conjunction_rests: Ints
    rest_group_starts: Ints
    group_starts: Ints
    group_demands: Ints
    group_excludes: NDArray[np.bool_]
    rest_check_starts: Ints
    check_kinds: NDArray[np.int8]
    check_distances: Ints
    check_starts: Ints
    check_demands: Ints  # of `Kind.text` one number of a text instead
    text_starts: Ints
    texts: Bytes

    query_keys: Names  # the name of the canonical query
    topic_starts: Ints  # by query
    topics: NDArray[np.int64]  # ids
    topic_order: Ints  # where in `topics` the lowest is, and so on
    removed: NDArray[np.int64]  # topics that earlier segments may have and that count no more

    needs: frozenset[Need]

    def text(self, number: int) -> str:
        """Return what a check of `Kind.text` says."""
        return bytes(self.texts[self.text_starts[number] : self.text_starts[number + 1]]).decode()

    def places(self, topics: Array) -> Array:
        """Return where in `self.topics` those of `topics` are that it has."""
        if not len(self.topics):
            return np.zeros(0, np.int64)
        ranks = np.searchsorted(self.topics, topics, sorter=self.topic_order)
        at: Array = self.topic_order[np.minimum(ranks, len(self.topics) - 1)]
        found: Array = at[self.topics[at] == topics]
        return found


ARRAYS = tuple(field.name for field in fields(Segment) if field.name != "needs")
