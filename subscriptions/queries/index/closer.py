"""A closer look at one article: whether words stand near one another or in a row, or what a text asks."""

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from subscriptions.queries.article import Place
from subscriptions.queries.index.arrays import Array, within
from subscriptions.queries.index.demands import Kind
from subscriptions.queries.index.met import Met
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.near import stretches
from subscriptions.queries.nodes import Near, Node, Word
from subscriptions.queries.query import parse_query
from subscriptions.queries.rows import behind
from subscriptions.queries.spots import Spots
from subscriptions.queries.truth import holds

_TWO = 2
_FEW = 100  # pairs of places of two words that are all compared; more are looked at in order
_ANY = 1 << 30
_UNLIMITED = QueryLimits(length=_ANY, terms=_ANY, depth=1_000, near=_ANY, distance=_ANY)


class _Places(NamedTuple):
    """Where demands are met, in the order of the demands: the first position and the one behind the last."""

    demands: Array
    positions: Array
    afters: Array


class Closer:
    """Answers the checks of a segment for one article; `indices` are those that `Met.by` gave for it."""

    def __init__(self, segment: Segment, reading: Reading, met: Met, indices: Array) -> None:
        self._segment = segment
        self._reading = reading
        self._met = met
        self._indices = indices
        self._seen: dict[int, Spots] = {}

    def hold(self, rests: Array) -> Array:
        """Tell of each rest whether all its checks hold."""
        starts = self._segment.rest_check_starts
        firsts, counts = starts[rests], starts[rests + 1] - starts[rests]
        answer: Array = np.ones(len(rests), np.bool_)
        checks = within(firsts, counts)
        if len(checks):
            answer[np.arange(len(rests)).repeat(counts)[~self._answers(checks)]] = False
        return answer

    def _answers(self, checks: Array) -> Array:
        """Answer checks: pairs of near words, of which most are, all at once, the others one by one."""
        segment = self._segment
        first = segment.check_starts[checks]
        is_pair = (segment.check_kinds[checks] == Kind.near) & (
            segment.check_starts[checks + 1] - first == _TWO
        )
        answer = np.zeros(len(checks), np.bool_)
        left = np.ones(len(checks), np.bool_)
        (pairs,) = np.nonzero(is_pair)
        if len(pairs):
            near, is_sure = self._stand_near(checks[pairs])
            answer[pairs], left[pairs] = near, ~is_sure
        for at in np.flatnonzero(left):
            answer[at] = self._holds(int(checks[at]))
        return answer

    def _stand_near(self, checks: Array) -> tuple[Array, Array]:
        """Tell of pairs of words whether they stand near one another, and of which pairs that is sure.

        It is not where a word takes several positions, is the other as well, or stands in very many places.
        """
        at = self._segment.check_starts[checks]
        asked = self._segment.check_demands[np.stack([at, at + 1])]
        demands, positions, afters = self._places
        starts, other_starts = demands.searchsorted(asked)
        counts, other_counts = demands.searchsorted(asked, "right") - (starts, other_starts)
        is_sure = (asked[0] != asked[1]) & (counts * other_counts <= _FEW)
        counts = np.where(is_sure, counts, 0)
        first = within(starts, counts)
        of_check = np.arange(len(checks)).repeat(counts)
        repeated = other_counts[of_check]
        second = within(other_starts[of_check], repeated)
        first, of_check = first.repeat(repeated), of_check.repeat(repeated)
        apart = np.abs(positions[first] - positions[second])
        is_near = (apart > 0) & (apart <= self._segment.check_distances[checks][of_check] + 1)
        is_wide = (afters[first] - positions[first] > 1) | (afters[second] - positions[second] > 1)
        is_sure[of_check[is_wide]] = False
        near = np.zeros(len(checks), np.bool_)
        near[of_check[is_near]] = True
        return near, is_sure

    def _holds(self, check: int) -> bool:
        segment = self._segment
        kind = Kind(segment.check_kinds[check])
        asked = segment.check_demands[segment.check_starts[check] : segment.check_starts[check + 1]].tolist()
        if kind is Kind.text:
            return holds(_parsed(segment.text(asked[0])), self._reading.analysed)
        distance = int(segment.check_distances[check])
        if kind is Kind.near and len(set(asked)) == _TWO == len(asked):
            one, other = map(self._where, asked)
            if _are_single(one) and _are_single(other):
                return _stand_near(one[0], other[0], distance)
        if kind is Kind.row:
            return behind([self._spots(demand) for demand in asked]) != 0
        words = {demand: Word((str(demand),)) for demand in asked}
        near = Near(tuple(map(words.__getitem__, asked)), distance, ordered=kind is Kind.ordered)
        seen = {words[demand]: self._spots(demand) for demand in asked}
        return any(True for _ in stretches(near, seen))

    def _spots(self, demand: int) -> Spots:
        if demand not in self._seen:
            positions, afters = self._where(demand)
            pairs = set(zip(positions.tolist(), afters.tolist(), strict=True))
            self._seen[demand] = Spots([Place(position, after, 0, 0) for position, after in pairs])
        return self._seen[demand]

    def _where(self, demand: int) -> tuple[Array, Array]:
        """Return where what meets a demand begins and ends."""
        first, end = np.searchsorted(self._places.demands, [demand, demand + 1])
        return self._places.positions[first:end], self._places.afters[first:end]

    @cached_property
    def _places(self) -> _Places:
        demands, positions, afters = self._met.places(self._reading, self._indices)
        order = demands.argsort()
        return _Places(demands[order], positions[order], afters[order])


def _are_single(where: tuple[Array, Array]) -> bool:
    """Whether each place is that of one word."""
    return bool((where[1] - where[0] == 1).all())


def _stand_near(one: Array, other: Array, distance: int) -> bool:
    """Whether one word stands near another, with at most `distance` between them."""
    other = np.sort(other)
    before, behind = np.searchsorted(other, one, "left"), np.searchsorted(other, one, "right")
    last, following = one[before > 0], one[behind < len(other)]
    since = last - other[before[before > 0] - 1]
    until = other[behind[behind < len(other)]] - following
    return bool((since <= distance + 1).any() or (until <= distance + 1).any())


@lru_cache(maxsize=1 << 12)
def _parsed(text: str) -> Node:
    return parse_query(text, limits=_UNLIMITED).ast
