"""Which topics of a segment an article answers."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from subscriptions.queries.article import METADATA, PROSE
from subscriptions.queries.index.arrays import Array, different, within
from subscriptions.queries.index.closer import Closer
from subscriptions.queries.index.met import Met, met, met_by_rows
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import ALWAYS, HOLDS, MET, TERMS, UNMET, Segment
from subscriptions.queries.index.vocabulary import Vocabulary


class Asked(NamedTuple):
    """In which fields queries ask for anything; words in a row may be asked for in all prose, "", too."""

    prose: tuple[str, ...]
    metadata: tuple[str, ...]
    rows: tuple[str, ...]


def asked_fields(segment: Segment) -> Asked:
    """Return the fields of which the queries of a segment ask."""
    return Asked(
        tuple(field for field in PROSE if ("field", field) in segment.needs),
        tuple(field for field in METADATA if ("field", field) in segment.needs),
        tuple(field for field in ("", *PROSE) if ("rows", field) in segment.needs),
    )


def metadata_names(asked: Asked, reading: Reading) -> list[int]:
    """Name all that an article says outside of prose and is asked for."""
    return [name for field in asked.metadata for name in reading.metadata(field)]


class Search:
    """Finds in one segment, and keeps what it learns of articles' words."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._asked = asked_fields(segment)
        self._asks_each = len(segment.topics) == len(segment.query_keys)
        self._terms = segment.posting_terms.reshape(-1, TERMS)
        self._states = np.full(len(segment.demand_keys), UNMET, "<u4")
        self._states[ALWAYS] = MET
        self._state_of_term = self._states.view(np.uint8)
        self._met: dict[str, Met] = {}  # by the language of a vocabulary

    def topics(self, reading: Reading, alive: Array | None) -> Array:
        """Return the topics that the article answers, in order; those of `alive`, or all."""
        at = self._queries(reading)
        if not self._asks_each:
            starts = self.segment.topic_starts.take(at)
            counts = self.segment.topic_starts.take(at + 1) - starts
            at = within(starts, counts) if len(counts) and counts.max() > 1 else starts
        if alive is not None:
            at = at[alive[at]]
        return different(self.segment.topics.take(at))

    def _queries(self, reading: Reading) -> Array:
        """Return the numbers of the queries that the article answers, some of them several times."""
        words_met = self._following(reading.vocabulary)
        of_words, indices = words_met.by(reading)
        demands = different(np.concatenate([of_words, *self._beyond_words(reading)]))
        self._states[demands] = MET
        try:
            targets = self._targets(demands)
            is_rest = targets < 0
            if not is_rest.any():
                return targets
            left = different(~targets[is_rest])
            left = left[self._groups_are_met(left)]
            left = left[Closer(self.segment, reading, words_met, indices).hold(left)]
            return np.concatenate([targets[~is_rest], self.segment.rest_queries[left]])
        finally:
            self._states[demands] = UNMET
            self._states[ALWAYS] = MET

    def _following(self, vocabulary: Vocabulary) -> Met:
        known = self._met.get(vocabulary.language)
        if known is None or known.vocabulary is not vocabulary:
            known = self._met[vocabulary.language] = Met(self.segment, vocabulary, self._asked.prose)
        return known

    def _beyond_words(self, reading: Reading) -> Iterator[Array]:
        """Yield what is met by words in a row, and outside of prose."""
        for field in self._asked.rows:
            yield met_by_rows(self.segment, reading.rows(field))
        if names := metadata_names(self._asked, reading):
            yield met(self.segment, np.array(names, np.uint64))[1]

    def _targets(self, demands: Array) -> Array:
        """Return what is posted under demands that are met, where all terms beside the posting hold."""
        segment = self.segment
        starts = segment.posting_starts.take(demands)
        postings = within(starts, segment.posting_starts.take(demands + 1) - starts)
        states = self._state_of_term.take(self._terms.take(postings, 0)).view("<u4").ravel()
        found: Array = segment.posting_targets.take(postings[states >= HOLDS])
        return found

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
            met_in_group = self._states[segment.group_demands[within(starts, sizes)]] == MET
            is_met = np.logical_or.reduceat(met_in_group, sizes.cumsum() - sizes)
            wrong = is_met == segment.group_excludes[groups]
            answer[np.arange(len(rests)).repeat(counts)[wrong]] = False
        return answer
