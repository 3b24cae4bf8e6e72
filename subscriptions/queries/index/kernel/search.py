"""Which topics of a segment an article answers, found by the kernel."""

from ctypes import addressof, byref
from functools import cached_property
from typing import Any, cast

import numpy as np

from subscriptions.queries.article import PROSE
from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, different, within
from subscriptions.queries.index.closer import Closer
from subscriptions.queries.index.kernel.library import Kernel
from subscriptions.queries.index.kernel.reader import CompiledReading
from subscriptions.queries.index.kernel.structures import (
    SEGMENT_ARRAYS,
    CMet,
    CScratch,
    CSearch,
    CSegment,
    CSorted,
    Kept,
)
from subscriptions.queries.index.met import Met
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.search import Asked, asked_fields, metadata_names
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.vocabulary import Vocabulary

_GROW = -1
_UNKNOWN = -1
_COUNT = 1  # of `struct span`
_HALF = 1 << 63


class CompiledSearch:
    """Finds in one segment."""

    def __init__(self, kernel: Kernel, segment: Segment) -> None:
        self._find = kernel.find_topics
        self._segment = segment
        self._asked = asked_fields(segment)
        self._kept = Kept()
        self._laid_out = _laid_out(segment, self._kept)
        self._scratch = _Scratch(segment)
        self._search = CSearch()
        self._search.segment = addressof(self._laid_out)
        self._search.scratch = addressof(self._scratch.structure)
        self._to_search = byref(self._search)
        self._alive: Array | None = None
        self._known: dict[str, _Known] = {}

    def topics(self, reading: Reading, alive: Array | None) -> Array:
        """Return the topics that the article answers, in order; those of `alive`, or all."""
        compiled = cast("CompiledReading", reading)  # the reader that goes with this makes no others
        if alive is not self._alive:
            self._alive = alive
            self._laid_out.alive = None if alive is None else self._kept.at("alive", alive, np.bool_)
        known = self._point_at(compiled)
        while (count := self._find(self._to_search)) == _GROW:
            if not self._scratch.grow():
                known.grow()
        found = self._scratch.topics[:count]
        if left := self._scratch.structure.undecided_count:
            found = self._with_decided(found, self._scratch.undecided[:left], reading, known.plain)
        return found

    def _point_at(self, reading: CompiledReading) -> "_Known":
        """Point at the article, and at what is known of its vocabulary."""
        table, vocabulary = reading.table, reading.vocabulary
        known = self._known.get(vocabulary.language)
        if known is None or known.vocabulary is not vocabulary:
            known = self._known[vocabulary.language] = _Known(self._segment, vocabulary, self._asked)
        known.follow()
        self._search.met = known.address
        self._search.article, self._search.vocabulary = table.article_address, table.known_address
        names = metadata_names(self._asked, reading) if self._asked.metadata else []
        table.article.metadata_count = len(names)
        if names:
            table.article.metadata = self._kept.at("metadata", np.array(names, np.uint64), np.uint64)
        return known

    def _with_decided(self, found: Array, undecided: Array, reading: Reading, met: Met) -> Array:
        """Return the topics found with those of rests of which only a closer look tells whether they hold."""
        segment = self._segment
        _, indices = met.by(reading)
        hold = Closer(segment, reading, met, indices).hold(undecided)
        queries = different(segment.rest_queries[undecided[hold]])
        starts = segment.topic_starts[queries]
        at = within(starts, segment.topic_starts[queries + 1] - starts)
        if self._alive is not None:
            at = at[self._alive[at]]
        return different(np.concatenate([found, segment.topics[at]]))


class _Scratch:
    """Room for what is found of one article. Most of it is never touched, and takes no memory then."""

    def __init__(self, segment: Segment) -> None:
        self.structure = CScratch()
        self._kept = Kept()
        for name, count in (
            ("demand", len(segment.demand_keys)),
            ("rest", len(segment.rest_queries)),
            ("query", len(segment.query_keys)),
        ):
            self._put(f"{name}_bits", np.zeros(count // 64 + 1, np.uint64))
            self._put("queries" if name == "query" else f"{name}s", np.empty(count + 1, np.int32))
        self.undecided = self._put("undecided", np.empty(len(segment.rest_queries) + 1, np.int32))
        self.topics = self._put("topics", np.empty(len(segment.topics) + 1, np.int64))
        self._put("other_topics", np.empty(len(segment.topics) + 1, np.int64))
        self._make_places(1 << 10)

    def grow(self) -> bool:
        """Make room for an article's places, if that is what there was too little of."""
        is_short = self.structure.place_count > self.structure.place_room
        if is_short:
            self._make_places(2 * self.structure.place_count)
        return bool(is_short)

    def _make_places(self, room: int) -> None:
        self._put("places", np.empty((room, 4), np.int32))
        self._put("heads", np.empty(4 * room, np.int32))
        self.structure.place_room = room

    def _put(self, name: str, array: Array) -> Array:
        setattr(self.structure, name, self._kept.at(name, array, array.dtype))
        return array


class _Known:
    """What is known of which demands the chunks of a vocabulary meet: `struct met`."""

    def __init__(self, segment: Segment, vocabulary: Vocabulary, asked: Asked) -> None:
        self.vocabulary = vocabulary
        self._segment = segment
        self._asked = asked
        self._met = CMet()
        self.address = addressof(self._met)
        self._kept = Kept()
        self._chunks = 0  # for which there is room
        self._spans: Array = np.zeros((0, 2), np.int32)
        self._hits: Array = np.zeros(1 << 9, np.uint64)
        self.grow()

    @cached_property
    def plain(self) -> Met:
        """The same for a closer look in numpy."""
        return Met(self._segment, self.vocabulary, self._asked.prose)

    def follow(self) -> None:
        """Have room for all chunks that the vocabulary knows by now."""
        if len(self.vocabulary) <= self._chunks:
            return
        self._chunks = 2 * len(self.vocabulary)
        spans = np.zeros((self._chunks * (1 + len(self._asked.prose)), 2), np.int32)
        spans[:, _COUNT] = _UNKNOWN
        spans[: len(self._spans)] = self._spans
        self._spans = spans
        self._met.spans = self._kept.at("spans", spans, np.int32)

    def grow(self) -> None:
        """Have room for twice as many hits."""
        hits = np.empty(2 * len(self._hits), np.uint64)
        hits[: len(self._hits)] = self._hits
        self._hits = hits
        self._met.hits, self._met.room = self._kept.at("hits", hits, np.uint64), len(hits)


def _laid_out(segment: Segment, kept: Kept) -> CSegment:
    """Return where a segment's arrays lie."""
    structure = CSegment()
    for name, dtype in SEGMENT_ARRAYS.items():
        setattr(structure, name, kept.at(name, getattr(segment, name), dtype))
    _sort(structure.names, "names", segment.names, kept)
    _sort(structure.rows, "rows", segment.rows, kept)
    structure.row_mask = len(segment.row_marks) - 1
    asks_each = len(segment.topics) == len(segment.query_keys)
    structure.topic_starts = None if asks_each else kept.at("topic_starts", segment.topic_starts, np.int32)
    is_short = segment.topics.dtype == np.int32
    setattr(
        structure,
        "short_topics" if is_short else "long_topics",
        kept.at("topics", segment.topics, segment.topics.dtype),
    )
    asked = asked_fields(segment)
    _number(structure, "field", ("", *asked.prose))
    _number(structure, "row_field", asked.rows)
    return structure


def _sort(structure: CSorted, name: str, names: Names, kept: Kept) -> None:
    structure.names = kept.at(name, names, np.uint64)
    structure.count = len(names)
    structure.gap = min((1 << 64) // max(len(names), 1), _HALF - 1)


def _number(structure: CSegment, kind: str, fields: tuple[str, ...]) -> None:
    numbers: Any = getattr(structure, f"{kind}_numbers")
    salts: Any = getattr(structure, f"{kind}_salts")
    for at, field in enumerate(fields):
        numbers[at] = PROSE.index(field) if field else -1
        salts[at] = named.SALTS[field] if field else 0
    setattr(structure, f"{kind}s", len(fields))
