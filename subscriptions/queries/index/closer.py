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
from subscriptions.queries.near import in_any_order, in_order
from subscriptions.queries.nodes import Near, Node, Word
from subscriptions.queries.query import parse_query
from subscriptions.queries.truth import holds

_ANY = 1 << 30
_UNLIMITED = QueryLimits(length=_ANY, terms=_ANY, depth=1_000, near=_ANY, distance=_ANY)


class Closer:
    """Answers the checks of a segment for one article."""

    def __init__(self, segment: Segment, reading: Reading, met: Mapping[str, Met]) -> None:
        self._segment = segment
        self._reading = reading
        self._met = met

    def holds(self, check: int) -> bool:
        """Whether the check with this number holds."""
        segment = self._segment
        kind = Kind(segment.check_kinds[check])
        asked = segment.check_demands[segment.check_starts[check] : segment.check_starts[check + 1]].tolist()
        if kind is Kind.text:
            return holds(_parsed(segment.text(asked[0])), self._reading.analysed)
        seen = {demand: self._places(demand) for demand in asked}
        if not all(seen.values()):
            return False
        if kind is Kind.row:
            return _in_a_row([seen[demand] for demand in asked])
        words = {demand: Word((str(demand),)) for demand in asked}
        ordered = kind is Kind.ordered
        near = Near(
            tuple(map(words.__getitem__, asked)), int(segment.check_distances[check]), ordered=ordered
        )
        stretches = (in_order if ordered else in_any_order)(near, {words[each]: seen[each] for each in asked})
        return any(True for _ in stretches)

    def _places(self, demand: int) -> list[Place]:
        demands, positions, afters = self._all_places
        (at,) = np.nonzero(demands == demand)
        pairs = zip(positions[at].tolist(), afters[at].tolist(), strict=True)
        return [Place(position, after, 0, 0) for position, after in dict.fromkeys(pairs)]

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
        return demands, positions, afters


def _in_a_row(steps: list[list[Place]]) -> bool:
    ends = {place.after for place in steps[0]}
    for step in steps[1:]:
        ends = {place.after for place in step if place.position in ends}
    return bool(ends)


@lru_cache(maxsize=1 << 12)
def _parsed(text: str) -> Node:
    return parse_query(text, limits=_UNLIMITED).ast
