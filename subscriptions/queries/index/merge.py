"""Several segments as one, without the topics that were removed; queries are not parsed again."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from subscriptions.queries.index.arrays import Array, chosen, owners, starts
from subscriptions.queries.index.demands import Kind
from subscriptions.queries.index.layout import lists, marks
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.segment import NO_REST, Segment

_PINNED = 2  # demands that have the same number everywhere: ALWAYS, NEVER
_MISSING = -1 - _PINNED


class Part(NamedTuple):
    """A segment, and which of its topics still count, in the order of `Segment.topics`."""

    segment: Segment
    alive: Array


class _Kept(NamedTuple):
    """What is kept of a part, and what its numbers become in the whole."""

    segment: Segment
    conjunctions: Array  # those kept
    queries: Array  # the new number of each
    demands: Array
    texts: int  # what is added to the number of a text


def merge(parts: Sequence[Part]) -> Segment:
    """Return one segment in the place of all; a topic counts in one part at most."""
    query_keys, topic_lists = _topics(parts)
    conjunctions = _conjunctions(parts, query_keys)
    demand_keys = _demand_keys(parts, conjunctions)
    kept = _numbered(parts, conjunctions, query_keys, demand_keys)
    return Segment(
        demand_keys=demand_keys,
        query_keys=query_keys,
        conjunction_queries=_joined(
            [each.queries[each.segment.conjunction_queries[each.conjunctions]] for each in kept]
        ),
        **topic_lists,
        **_names(kept),
        **_rows(kept),
        **_postings(kept, len(demand_keys)),
        **_rests(kept),
        **_texts(parts),
        needs=frozenset().union(*(part.segment.needs for part in parts)),
    )


def _topics(parts: Sequence[Part]) -> tuple[Names, dict[str, Array]]:
    """Return the keys of the queries that still have topics, and the topics of each."""
    topics = np.concatenate([part.segment.topics[part.alive] for part in parts])
    keys = np.concatenate(
        [part.segment.query_keys[owners(part.segment.topic_starts)[part.alive]] for part in parts]
    )
    different, counts = np.unique(keys, return_counts=True)
    topics = topics[np.argsort(keys, kind="stable")]
    order = np.argsort(topics).astype(np.int32)
    removed = np.zeros(0, np.int64)  # there is nothing earlier
    return different, {
        "topic_starts": starts(counts),
        "topics": topics,
        "topic_order": order,
        "removed": removed,
    }


def _conjunctions(parts: Sequence[Part], query_keys: Names) -> list[Array]:
    """Choose those of queries that are kept, of a query that several parts have those of the first."""
    kept, seen = [], np.zeros(len(query_keys), np.bool_)
    for segment, _ in parts:
        at = _at(query_keys, segment.query_keys)
        is_new = at != _MISSING
        is_new[is_new] = ~seen[at[is_new]]
        seen[at[is_new]] = True
        kept.append(np.nonzero(is_new[segment.conjunction_queries])[0])
    return kept


def _demand_keys(parts: Sequence[Part], conjunctions: list[Array]) -> Names:
    """Return the keys of all demands that are still asked."""
    pinned = parts[0].segment.demand_keys[:_PINNED]
    used = [
        part.segment.demand_keys[_used(part.segment, kept)]
        for part, kept in zip(parts, conjunctions, strict=True)
    ]
    return np.concatenate([pinned, np.setdiff1d(np.concatenate(used), pinned)])


def _used(segment: Segment, conjunctions: Array) -> Array:
    is_used = np.zeros(len(segment.demand_keys), np.bool_)
    posted = _postings_of(segment, conjunctions)
    is_used[owners(segment.posting_starts)[posted]] = True
    for demands in (segment.posting_firsts, segment.posting_seconds, segment.posting_excluded):
        is_used[demands[posted]] = True
    rests = _rests_of(segment, conjunctions)
    _, groups = chosen(segment.rest_group_starts, rests)
    is_used[segment.group_demands[chosen(segment.group_starts, groups)[1]]] = True
    _, checks = chosen(segment.rest_check_starts, rests)
    checks = checks[segment.check_kinds[checks] != Kind.text]
    is_used[segment.check_demands[chosen(segment.check_starts, checks)[1]]] = True
    return is_used


def _numbered(
    parts: Sequence[Part], conjunctions: list[Array], query_keys: Names, demand_keys: Names
) -> list[_Kept]:
    kept, texts = [], 0
    for (segment, _), chosen_ones in zip(parts, conjunctions, strict=True):
        demands = _at(demand_keys[_PINNED:], segment.demand_keys) + _PINNED
        demands[:_PINNED] = range(_PINNED)
        kept.append(_Kept(segment, chosen_ones, _at(query_keys, segment.query_keys), demands, texts))
        texts += len(segment.text_starts) - 1
    return kept


def _at(keys: Names, wanted: Names) -> Array:
    """Return where in `keys`, which are sorted, each of `wanted` stands; _MISSING where it does not."""
    if not len(keys):
        return np.full(len(wanted), _MISSING)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, _MISSING)


def _postings_of(segment: Segment, conjunctions: Array) -> Array:
    is_kept = np.zeros(len(segment.conjunction_queries), np.bool_)
    is_kept[conjunctions] = True
    return np.nonzero(is_kept[segment.posting_conjunctions])[0]


def _rests_of(segment: Segment, conjunctions: Array) -> Array:
    rests = segment.conjunction_rests[conjunctions]
    there: Array = rests[rests != NO_REST]
    return there


def _names(kept: list[_Kept]) -> dict[str, Array]:
    keys = np.concatenate([each.segment.names[owners(each.segment.name_starts)] for each in kept])
    demands = np.concatenate([each.demands[each.segment.name_demands] for each in kept])
    pairs = np.unique(np.stack([keys, demands.astype(np.uint64)])[:, demands >= _PINNED], axis=1)
    names, name_starts, name_demands = lists(pairs[0], pairs[1])
    return {"names": names, "name_starts": name_starts, "name_demands": name_demands}


def _rows(kept: list[_Kept]) -> dict[str, Array]:
    demands = np.concatenate([each.demands[each.segment.row_demands] for each in kept])
    rows = np.concatenate([each.segment.rows for each in kept])[demands >= _PINNED]
    different, first = np.unique(rows, return_index=True)
    of_rows = demands[demands >= _PINNED][first].astype(np.int32)
    return {"rows": different, "row_demands": of_rows, "row_marks": marks(different)}


def _postings(kept: list[_Kept], demands: int) -> dict[str, Array]:
    posted = [_postings_of(each.segment, each.conjunctions) for each in kept]
    under = _joined(
        [each.demands[owners(each.segment.posting_starts)[at]] for each, at in zip(kept, posted, strict=True)]
    )
    order = np.argsort(under, kind="stable")
    columns = {
        column: _joined(
            [each.demands[getattr(each.segment, column)[at]] for each, at in zip(kept, posted, strict=True)]
        )[order]
        for column in ("posting_firsts", "posting_seconds", "posting_excluded")
    }
    before = np.cumsum([0, *(len(each.conjunctions) for each in kept)])
    of_conjunctions = [
        first + np.searchsorted(each.conjunctions, each.segment.posting_conjunctions[at])
        for each, at, first in zip(kept, posted, before[:-1], strict=True)
    ]
    counts = np.bincount(under, minlength=demands)
    return {
        "posting_starts": starts(counts),
        "posting_conjunctions": _joined(of_conjunctions)[order],
    } | columns


def _rests(kept: list[_Kept]) -> dict[str, Array]:
    rests = [_rests_of(each.segment, each.conjunctions) for each in kept]
    of_conjunctions = _joined([each.segment.conjunction_rests[each.conjunctions] for each in kept])
    has_rest = of_conjunctions != NO_REST
    of_conjunctions[has_rest] = np.arange(np.count_nonzero(has_rest))
    return (
        {"conjunction_rests": of_conjunctions}
        | _groups(
            [
                (each, *chosen(each.segment.rest_group_starts, at))
                for each, at in zip(kept, rests, strict=True)
            ]
        )
        | _checks(
            [
                (each, *chosen(each.segment.rest_check_starts, at))
                for each, at in zip(kept, rests, strict=True)
            ]
        )
    )


def _groups(of_rests: list[tuple[_Kept, Array, Array]]) -> dict[str, Array]:
    lengths, demands, excludes = [], [], []
    for (segment, _, _, numbers, _), _, groups in of_rests:
        counts, at = chosen(segment.group_starts, groups)
        lengths.append(counts)
        demands.append(numbers[segment.group_demands[at]])
        excludes.append(segment.group_excludes[groups])
    return {
        "rest_group_starts": starts(np.concatenate([counts for _, counts, _ in of_rests])),
        "group_starts": starts(np.concatenate(lengths)),
        "group_demands": _joined(demands),
        "group_excludes": np.concatenate(excludes),
    }


def _checks(of_rests: list[tuple[_Kept, Array, Array]]) -> dict[str, Array]:
    lengths, asked, kinds, distances = [], [], [], []
    for (segment, _, _, numbers, texts), _, checks in of_rests:
        counts, at = chosen(segment.check_starts, checks)
        is_text = (segment.check_kinds[checks] == Kind.text).repeat(counts)
        values = segment.check_demands[at]
        lengths.append(counts)
        asked.append(np.where(is_text, values + texts, numbers[np.where(is_text, 0, values)]))
        kinds.append(segment.check_kinds[checks])
        distances.append(segment.check_distances[checks])
    return {
        "rest_check_starts": starts(np.concatenate([counts for _, counts, _ in of_rests])),
        "check_starts": starts(np.concatenate(lengths)),
        "check_demands": _joined(asked),
        "check_kinds": np.concatenate(kinds),
        "check_distances": np.concatenate(distances),
    }


def _texts(parts: Sequence[Part]) -> dict[str, Array]:
    """Keep all texts: those of removed topics are few, and go when everything is laid out anew."""
    lengths = np.concatenate([np.diff(part.segment.text_starts) for part in parts])
    return {"text_starts": starts(lengths), "texts": np.concatenate([part.segment.texts for part in parts])}


def _joined(arrays: list[Array]) -> Array:
    return np.concatenate(arrays).astype(np.int32)
