"""Queries laid out in flat arrays, which do not change any more and may lie in a file.

*Demands* are numbered; 0 is always met and 1 never. A *conjunction* (see `conjunctions`) is posted under each
demand of its rarest group. Beside the posting stand four *terms*, which are gone through from the last to
the first: a demand that must be met, one that must not, or one that may and then settles it. Most
conjunctions ask no more than that. What else one asks is its *rest*.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from subscriptions.queries.index.arrays import Array, Ints
from subscriptions.queries.index.demands import Need
from subscriptions.queries.index.names import Names

ALWAYS, NEVER = 0, 1
Bytes = NDArray[np.uint8]

TERMS = 4  # beside each posting, a byte of its state each, so that all are one number
MUST, MUST_NOT, MAY = 0, 1, 2  # added to four times the demand
KINDS = 4  # of terms of a demand; there are three, but four are one number
# The state of a demand's terms. Those of a posting are one number too, the last one its highest byte. They
# hold if it is at least 1, 1, 1, 1: what is 0 fails, what is 1 leaves it to those below, what is 2 settles.
UNMET = int.from_bytes(bytes([0, 1, 1, 0]), "little")
MET = int.from_bytes(bytes([1, 0, 2, 0]), "little")
HOLDS = 0x01010101


@dataclass(frozen=True)
class Segment:
    """The arrays. `*_starts` tell where each list begins in the array behind it, and where the last ends."""

    names: Names  # sorted; what vocabularies name
    name_starts: Ints
    name_demands: Ints
    rows: Names  # sorted; words in a row, each with the demand that it meets
    row_demands: Ints
    row_marks: NDArray[np.bool_]  # by a row's last bits: whether it may be one; most rows are in no query

    demand_keys: Names
    posting_starts: Ints  # by demand
    posting_terms: Ints  # four of each
    posting_targets: Ints  # the query, or -1 and less: the rest -1, -2, ... of one

    rest_queries: Ints
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
    topics: NDArray[np.int32] | NDArray[np.int64]  # ids
    removed: NDArray[np.int64]  # topics that earlier segments may have and that count no more

    needs: frozenset[Need]

    def text(self, number: int) -> str:
        """Return what a check of `Kind.text` says."""
        return bytes(self.texts[self.text_starts[number] : self.text_starts[number + 1]]).decode()

    def posted_queries(self) -> Array:
        """Return the query of each posting."""
        if not len(self.rest_queries):
            return self.posting_targets
        of_rests = self.rest_queries[np.maximum(~self.posting_targets, 0)]
        return np.where(self.posting_targets < 0, of_rests, self.posting_targets)

    def places(self, topics: Array) -> Array:
        """Return where in `self.topics` those of `topics` are that it has."""
        return np.flatnonzero(np.isin(self.topics, topics))


ARRAYS = tuple(field.name for field in fields(Segment) if field.name != "needs")


def fitting(ids: Array) -> Array:
    """Return ids in 32 bits each, if they fit."""
    fits = not len(ids) or int(ids.max()) <= np.iinfo(np.int32).max
    return ids.astype(np.int32 if fits else np.int64)
