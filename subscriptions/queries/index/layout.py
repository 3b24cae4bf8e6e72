"""Where each conjunction is posted, and what is left to ask of it then."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from subscriptions.queries.index.arrays import Array, Ints, starts
from subscriptions.queries.index.demands import Kind
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.segment import ALWAYS, NEVER, NO_REST, Bytes

_BYTES_A_ROW = 6  # of the marks of rows: one in ten that are in no query looks as if it was

Group = tuple[int, ...]


class Numbered(NamedTuple):
    """A conjunction of the query number `query`, its demands by number."""

    query: int
    groups: tuple[Group, ...]
    excluded: Group
    checks: tuple[tuple[Kind, int, tuple[int, ...]], ...]


class Postings:
    """Posts conjunctions under the demands of their rarest group."""

    def __init__(self, frequencies: Sequence[float]) -> None:
        self._frequencies = frequencies
        self._demands = array("i")
        self._conjunctions = array("i")
        self._firsts = array("i")
        self._seconds = array("i")
        self._excluded = array("i")

    def post(self, number: int, conjunction: Numbered) -> tuple[list[Group], Group]:
        """Post a conjunction; return the groups and the excluded that no posting tells."""
        anchor, *others = sorted(conjunction.groups, key=self._frequency) or [(ALWAYS,)]
        beside = [group for group in others if len(group) == 1][:2]
        first = beside[0][0] if beside else ALWAYS
        second = beside[1][0] if len(beside) > 1 else ALWAYS
        excluded = max(conjunction.excluded, key=self._frequencies.__getitem__, default=NEVER)
        for demand in anchor:
            self._demands.append(demand)
            self._conjunctions.append(number)
            self._firsts.append(first)
            self._seconds.append(second)
            self._excluded.append(excluded)
        left = [group for group in others if group not in beside]
        return left, tuple(demand for demand in conjunction.excluded if demand != excluded)

    def _frequency(self, group: Group) -> float:
        if len(group) == 1:
            return self._frequencies[group[0]]
        return sum([self._frequencies[demand] for demand in group])

    def arrays(self) -> dict[str, Array]:
        """Return the segment's arrays, sorted by demand."""
        demands = np.frombuffer(self._demands, np.int32) if self._demands else np.zeros(0, np.int32)
        order = np.argsort(demands, kind="stable")
        columns = {
            "posting_conjunctions": self._conjunctions,
            "posting_firsts": self._firsts,
            "posting_seconds": self._seconds,
            "posting_excluded": self._excluded,
        }
        counts = np.bincount(demands, minlength=len(self._frequencies))
        sorted_columns = {name: np.array(column, np.int32)[order] for name, column in columns.items()}
        return {"posting_starts": starts(counts)} | sorted_columns


class Rests:
    """What is left of conjunctions: groups, of which each must be met; checks."""

    def __init__(self) -> None:
        self._of_conjunction = array("i")
        self._rest_groups, self._rest_checks = array("i"), array("i")
        self._groups, self._demands, self._excludes = array("i"), array("i"), array("b")
        self._kinds, self._distances = array("b"), array("i")
        self._checks, self._checked = array("i"), array("i")

    def add(self, left: list[Group], excluded: Group, conjunction: Numbered) -> None:
        """Add the rest of the next conjunction, if it has one."""
        if not (left or excluded or conjunction.checks):
            self._of_conjunction.append(NO_REST)
            return
        self._of_conjunction.append(len(self._rest_groups))
        groups = [*left, excluded] if excluded else left
        for group in groups:
            self._groups.append(len(group))
            self._demands.extend(group)
            self._excludes.append(group is excluded)
        self._rest_groups.append(len(groups))
        for kind, distance, demands in conjunction.checks:
            self._kinds.append(kind)
            self._distances.append(distance)
            self._checks.append(len(demands))
            self._checked.extend(demands)
        self._rest_checks.append(len(conjunction.checks))

    def arrays(self) -> dict[str, Array]:
        """Return the segment's arrays."""
        return {
            "conjunction_rests": np.array(self._of_conjunction, np.int32),
            "rest_group_starts": starts(self._rest_groups),
            "group_starts": starts(self._groups),
            "group_demands": np.array(self._demands, np.int32),
            "group_excludes": np.array(self._excludes, np.bool_),
            "rest_check_starts": starts(self._rest_checks),
            "check_kinds": np.array(self._kinds, np.int8),
            "check_distances": np.array(self._distances, np.int32),
            "check_starts": starts(self._checks),
            "check_demands": np.array(self._checked, np.int32),
        }


def lists(keys: Array, values: Array) -> tuple[Array, Ints, Ints]:
    """Return the different keys in order, where the list of each begins, and all their values."""
    order = np.argsort(keys, kind="stable")
    different, counts = np.unique(keys, return_counts=True)
    return different, starts(counts), values[order].astype(np.int32)


def marks(rows: Names) -> Bytes:
    """Return bytes, a power of two, with those marked that the last bits of each row name."""
    marked = np.zeros(1 << (len(rows) * _BYTES_A_ROW).bit_length(), np.uint8)
    marked[rows & np.uint64(len(marked) - 1)] = 1
    return marked
