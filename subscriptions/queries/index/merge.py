"""Several segments as one, without the topics that were removed; queries are not parsed again."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from subscriptions.queries.index.arrays import Array, chosen, owners, starts
from subscriptions.queries.index.demands import Kind
from subscriptions.queries.index.layout import lists, marks
from subscriptions.queries.index.names import Names
from subscriptions.queries.index.segment import KINDS, TERMS, Segment, fitting

_PINNED = 2  # demands that have the same number everywhere: ALWAYS, NEVER
_MISSING = -1 - _PINNED


class Part(NamedTuple):
    """A segment, and which of its topics still count, in the order of `Segment.topics`."""

    segment: Segment
    alive: Array


class _Kept(NamedTuple):
    """What is kept of a part, and what its numbers become in the whole."""

    segment: Segment
    postings: Array  # those kept
    rests: Array
    queries: Array  # the new number of each
    demands: Array
    texts: int  # what is added to the number of a text


def merge(parts: Sequence[Part]) -> Segment:
    """Return one segment in the place of all; a topic counts in one part at most."""
    query_keys, topic_lists = _topics(parts)
    kept = _kept(parts, query_keys)
    demand_keys = _demand_keys(kept)
    kept = [each._replace(demands=_renumbered(each.segment, demand_keys)) for each in kept]
    return Segment(
        demand_keys=demand_keys,
        query_keys=query_keys,
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
    return different, {
        "topic_starts": starts(counts),
        "topics": fitting(topics[np.argsort(keys, kind="stable")]),
        "removed": np.zeros(0, np.int64),  # there is nothing earlier
    }


def _kept(parts: Sequence[Part], query_keys: Names) -> list[_Kept]:
    """Choose what belongs to queries that are kept, of a query that several parts have that of the first."""
    kept, texts, seen = [], 0, np.zeros(len(query_keys), np.bool_)
    for segment, _ in parts:
        queries = _at(query_keys, segment.query_keys)
        is_new = queries != _MISSING
        is_new[is_new] = ~seen[queries[is_new]]
        seen[queries[is_new]] = True
        postings = np.flatnonzero(is_new[segment.posted_queries()])
        rests = np.flatnonzero(is_new[segment.rest_queries])
        kept.append(_Kept(segment, postings, rests, queries, np.zeros(0, np.int64), texts))
        texts += len(segment.text_starts) - 1
    return kept


def _demand_keys(kept: Sequence[_Kept]) -> Names:
    """Return the keys of all demands that are still asked."""
    pinned = kept[0].segment.demand_keys[:_PINNED]
    used = np.concatenate([each.segment.demand_keys[_used(each)] for each in kept])
    return np.concatenate([pinned, np.setdiff1d(used, pinned)])


def _used(kept: _Kept) -> Array:
    segment = kept.segment
    is_used = np.zeros(len(segment.demand_keys), np.bool_)
    is_used[owners(segment.posting_starts)[kept.postings]] = True
    is_used[_terms(kept) // KINDS] = True
    _, groups = chosen(segment.rest_group_starts, kept.rests)
    is_used[segment.group_demands[chosen(segment.group_starts, groups)[1]]] = True
    _, checks = chosen(segment.rest_check_starts, kept.rests)
    checks = checks[segment.check_kinds[checks] != Kind.text]
    is_used[segment.check_demands[chosen(segment.check_starts, checks)[1]]] = True
    return is_used


def _renumbered(segment: Segment, demand_keys: Names) -> Array:
    demands = _at(demand_keys[_PINNED:], segment.demand_keys) + _PINNED
    demands[:_PINNED] = range(_PINNED)
    return demands


def _at(keys: Names, wanted: Names) -> Array:
    """Return where in `keys`, which are sorted, each of `wanted` stands; _MISSING where it does not."""
    if not len(keys):
        return np.full(len(wanted), _MISSING)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, _MISSING)


def _terms(kept: _Kept) -> Array:
    """Return the terms of the postings kept, four of each."""
    return kept.segment.posting_terms.reshape(-1, TERMS)[kept.postings]


def _names(kept: list[_Kept]) -> dict[str, Array]:
    keys = np.concatenate([each.segment.names[owners(each.segment.name_starts)] for each in kept])
    demands = np.concatenate([each.demands[each.segment.name_demands] for each in kept])
    order = np.lexsort((demands, keys))
    order = order[demands[order] >= _PINNED]
    keys, demands = keys[order], demands[order]
    is_first = np.ones(len(keys), np.bool_)
    is_first[1:] = (keys[1:] != keys[:-1]) | (demands[1:] != demands[:-1])
    names, name_starts, name_demands = lists(keys[is_first], demands[is_first])
    return {"names": names, "name_starts": name_starts, "name_demands": name_demands}


def _rows(kept: list[_Kept]) -> dict[str, Array]:
    demands = np.concatenate([each.demands[each.segment.row_demands] for each in kept])
    rows = np.concatenate([each.segment.rows for each in kept])[demands >= _PINNED]
    different, first = np.unique(rows, return_index=True)
    of_rows = demands[demands >= _PINNED][first].astype(np.int32)
    return {"rows": different, "row_demands": of_rows, "row_marks": marks(different)}


def _postings(kept: list[_Kept], demands: int) -> dict[str, Array]:
    under = _joined([each.demands[owners(each.segment.posting_starts)[each.postings]] for each in kept])
    order = np.argsort(under, kind="stable")
    terms, targets, rests_before = [], [], 0
    for each in kept:
        before = _terms(each)
        terms.append(each.demands[before // KINDS] * KINDS + before % KINDS)
        targets.append(_targets(each, rests_before))
        rests_before += len(each.rests)
    return {
        "posting_starts": starts(np.bincount(under, minlength=demands)),
        "posting_terms": _joined(terms)[order].ravel(),
        "posting_targets": _joined(targets)[order],
    }


def _targets(kept: _Kept, rests_before: int) -> Array:
    """Return what the postings point at, when so many rests of other parts stand before this one's."""
    targets = kept.segment.posting_targets[kept.postings]
    if not len(kept.queries):
        return targets
    rests = rests_before + np.searchsorted(kept.rests, ~targets)
    return np.where(targets < 0, ~rests, kept.queries[np.maximum(targets, 0)])


def _rests(kept: list[_Kept]) -> dict[str, Array]:
    queries = _joined([each.queries[each.segment.rest_queries[each.rests]] for each in kept])
    groups = [(each, *chosen(each.segment.rest_group_starts, each.rests)) for each in kept]
    checks = [(each, *chosen(each.segment.rest_check_starts, each.rests)) for each in kept]
    return {"rest_queries": queries} | _groups(groups) | _checks(checks)


def _groups(of_rests: list[tuple[_Kept, Array, Array]]) -> dict[str, Array]:
    lengths, demands, excludes = [], [], []
    for (segment, _, _, _, numbers, _), _, groups in of_rests:
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
    for (segment, _, _, _, numbers, texts), _, checks in of_rests:
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
