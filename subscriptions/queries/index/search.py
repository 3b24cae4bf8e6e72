"""Which queries of a segment an article answers."""

from collections.abc import Iterator

import numpy as np

from subscriptions.queries.article import METADATA, PROSE
from subscriptions.queries.index.arrays import Array, within
from subscriptions.queries.index.closer import Closer
from subscriptions.queries.index.met import Met, met, met_by_rows
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import ALWAYS, NO_REST, Segment
from subscriptions.queries.index.vocabulary import Vocabulary


class Search:
    """Finds in one segment, and keeps what it learns of articles' words."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._prose = [field for field in PROSE if ("field", field) in segment.needs]
        self._metadata = [field for field in METADATA if ("field", field) in segment.needs]
        self._rows = [field for field in ("", *PROSE) if ("rows", field) in segment.needs]
        self._is_met = np.zeros(len(segment.demand_keys), np.bool_)
        self._is_met[ALWAYS] = True
        self._vocabulary: Vocabulary | None = None
        self._met: dict[str, Met] = {}

    def queries(self, reading: Reading) -> Array:
        """Return the numbers of the queries that the article answers, each once."""
        self._follow(reading.vocabulary)
        demands = np.concatenate(list(self._demands(reading)))
        self._is_met[demands] = True
        try:
            return np.unique(np.concatenate(list(self._found(demands, reading))))
        finally:
            self._is_met[demands] = False
            self._is_met[ALWAYS] = True

    def _follow(self, vocabulary: Vocabulary) -> None:
        if vocabulary is not self._vocabulary:
            self._vocabulary = vocabulary
            self._met = {field: Met(self.segment, vocabulary, field) for field in ("", *self._prose)}

    def _demands(self, reading: Reading) -> Iterator[Array]:
        yield self._met[""].by(reading.different)
        for field in self._prose:
            if field in reading.spans:
                yield self._met[field].by(reading.chunks[reading.spans[field]])
        rows = [names for field in self._rows for names in reading.rows(field)]
        if rows:
            yield met_by_rows(self.segment, np.concatenate(rows))
        names = [name for field in self._metadata for name in reading.metadata(field)]
        if names:
            yield met(self.segment, np.array(names, np.uint64))[1]

    def _found(self, demands: Array, reading: Reading) -> Iterator[Array]:
        segment, is_met = self.segment, self._is_met
        starts = segment.posting_starts[demands]
        at = within(starts, segment.posting_starts[demands + 1] - starts)
        at = at[is_met[segment.posting_firsts[at]]]
        at = at[is_met[segment.posting_seconds[at]]]
        at = at[~is_met[segment.posting_excluded[at]]]
        conjunctions = segment.posting_conjunctions[at]
        rests = segment.conjunction_rests[conjunctions]
        yield segment.conjunction_queries[conjunctions[rests == NO_REST]]
        left = np.unique(conjunctions[rests != NO_REST])
        if len(left):
            left = left[self._groups_are_met(segment.conjunction_rests[left])]
            yield segment.conjunction_queries[left[self._checks_hold(left, reading)]]

    def _groups_are_met(self, rests: Array) -> Array:
        """Tell of each rest whether all its groups are met."""
        segment = self.segment
        firsts = segment.rest_group_starts[rests]
        counts = segment.rest_group_starts[rests + 1] - firsts
        groups = within(firsts, counts)
        answer = np.ones(len(rests), np.bool_)
        if len(groups):
            starts = segment.group_starts[groups]
            sizes = segment.group_starts[groups + 1] - starts
            met_in_group = self._is_met[segment.group_demands[within(starts, sizes)]]
            is_met = np.logical_or.reduceat(met_in_group, sizes.cumsum() - sizes)
            wrong = is_met == segment.group_excludes[groups]
            answer[np.arange(len(rests)).repeat(counts)[wrong]] = False
        return answer

    def _checks_hold(self, conjunctions: Array, reading: Reading) -> Array:
        segment = self.segment
        rests = segment.conjunction_rests[conjunctions]
        firsts, ends = segment.rest_check_starts[rests], segment.rest_check_starts[rests + 1]
        answer: Array = firsts == ends
        closer = Closer(segment, reading, self._met)
        for at in np.nonzero(~answer)[0]:
            answer[at] = all(closer.holds(check) for check in range(firsts[at], ends[at]))
        return answer
