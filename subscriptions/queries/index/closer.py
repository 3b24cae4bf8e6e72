"""A closer look at one article: whether words stand near one another or in a row, or what a text asks."""

from collections.abc import Mapping
from functools import cached_property, lru_cache

import numpy as np

from subscriptions.queries.article import Place
from subscriptions.queries.index.arrays import Array
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
_ANY = 1 << 30
_UNLIMITED = QueryLimits(length=_ANY, terms=_ANY, depth=1_000, near=_ANY, distance=_ANY)


class Closer:
    """Answers the checks of a segment for one article."""

    def __init__(self, segment: Segment, reading: Reading, met: Mapping[str, Met]) -> None:
        self._segment = segment
        self._reading = reading
        self._met = met
        self._seen: dict[int, Spots] = {}

    def holds(self, check: int) -> bool:
        """Whether the check with this number holds."""
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
        demands, positions, afters = self._all_places
        first, end = np.searchsorted(demands, [demand, demand + 1])
        return positions[first:end], afters[first:end]

    @cached_property
    def _all_places(self) -> tuple[Array, Array, Array]:
        reading = self._reading
        spans = {"": slice(0, len(reading.chunks))} | reading.spans
        found = [
            met.places(reading.chunks[spans[field]], reading.positions[spans[field]])
            for field, met in self._met.items()
            if field in spans
        ]
        demands, positions, afters = (np.concatenate(column) for column in zip(*found, strict=True))
        order = demands.argsort()
        return demands[order], positions[order], afters[order]


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
