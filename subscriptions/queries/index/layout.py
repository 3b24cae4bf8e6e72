"""Where each conjunction is posted, and what is left to ask of it then."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from subscriptions.queries.index.arrays import Array, Ints, starts
from subscriptions.queries.index.demands import Kind
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.segment import ALWAYS, KINDS, MAY, MUST, MUST_NOT, TERMS

_BYTES_A_ROW = 6  # of the marks of rows: one in ten that are in no query looks as if it was

Group = tuple[int, ...]
_NOTHING_BESIDE: tuple[list[int], list[Group], Group] = ([KINDS * ALWAYS + MUST] * TERMS, [], ())


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
        self._rests = Rests()
        self._demands, self._terms, self._targets = array("i"), array("i"), array("i")

    def post(self, conjunction: Numbered) -> None:
        """Post a conjunction, with as much as has a place beside the posting, and the rest apart."""
        anchor, *others = sorted(conjunction.groups, key=self._frequency) or [(ALWAYS,)]
        terms, left, excluded = _NOTHING_BESIDE
        if others or conjunction.excluded:
            terms, left, excluded = _beside(others, sorted(conjunction.excluded, key=self._commonness))
        is_whole = not (left or excluded or conjunction.checks)
        target = conjunction.query if is_whole else ~self._rests.add(left, excluded, conjunction)
        for demand in anchor:
            self._demands.append(demand)
            self._terms.extend(terms)
            self._targets.append(target)

    def _frequency(self, group: Group) -> float:
        if len(group) == 1:
            return self._frequencies[group[0]]
        return sum([self._frequencies[demand] for demand in group])

    def _commonness(self, demand: int) -> float:
        return -self._frequencies[demand]

    def arrays(self) -> dict[str, Array]:
        """Return the segment's arrays, sorted by demand."""
        demands = np.array(self._demands, np.int32)
        order = np.argsort(demands, kind="stable")
        return {
            "posting_starts": starts(np.bincount(demands, minlength=len(self._frequencies))),
            "posting_terms": np.array(self._terms, np.int32).reshape(-1, TERMS)[order].ravel(),
            "posting_targets": np.array(self._targets, np.int32)[order],
        } | self._rests.arrays()


def _beside(groups: Sequence[Group], excluded: Sequence[int]) -> tuple[list[int], list[Group], Group]:
    """Return the terms of a posting, and the groups and the excluded that have no place there."""
    room = TERMS
    must: list[int] = []
    may: Group = ()
    left = []
    for group in groups:
        if len(group) <= room and len(group) == 1:
            must.append(KINDS * group[0] + MUST)
        elif len(group) <= room and not may:
            may = group
        else:
            left.append(group)
            continue
        room -= len(group)
    must += [KINDS * demand + MUST_NOT for demand in excluded[:room]]
    settle = [KINDS * demand + MAY for demand in may[1:]]
    last = [KINDS * demand + MUST for demand in may[:1]]
    terms = [*last, *settle, *must]
    return terms + [KINDS * ALWAYS + MUST] * (TERMS - len(terms)), left, tuple(excluded[room:])


class Rests:
    """What is left of conjunctions: groups, of which each must be met; checks."""

    def __init__(self) -> None:
        self._queries = array("i")
        self._rest_groups, self._rest_checks = array("i"), array("i")
        self._groups, self._demands, self._excludes = array("i"), array("i"), array("b")
        self._kinds, self._distances = array("b"), array("i")
        self._checks, self._checked = array("i"), array("i")

    def add(self, left: list[Group], excluded: Group, conjunction: Numbered) -> int:
        """Add the rest of a conjunction; return its number."""
        self._queries.append(conjunction.query)
        for group in left:
            self._add_group(group, excludes=False)
        if excluded:
            self._add_group(excluded, excludes=True)
        self._rest_groups.append(len(left) + bool(excluded))
        for kind, distance, demands in conjunction.checks:
            self._kinds.append(kind)
            self._distances.append(distance)
            self._checks.append(len(demands))
            self._checked.extend(demands)
        self._rest_checks.append(len(conjunction.checks))
        return len(self._queries) - 1

    def _add_group(self, group: Group, *, excludes: bool) -> None:
        self._groups.append(len(group))
        self._demands.extend(group)
        self._excludes.append(excludes)

    def arrays(self) -> dict[str, Array]:
        """Return the segment's arrays."""
        return {
            "rest_queries": np.array(self._queries, np.int32),
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


def marks(rows: Names) -> Array:
    """Return booleans, a power of two, with those true that the last bits of each row name."""
    marked = np.zeros(1 << (len(rows) * _BYTES_A_ROW).bit_length(), np.bool_)
    marked[rows & np.uint64(len(marked) - 1)] = True
    return marked
