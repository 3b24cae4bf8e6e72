"""Where a leaf of a query stands in a field of an article. Linear in the field's words."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from subscriptions.queries.article import AnalysedField
from subscriptions.queries.nodes import Near, Phrase, Prefix, Word
from subscriptions.queries.wordforms import forms_asked


class Place(NamedTuple):
    """A stretch of a field: positions of words, and character offsets."""

    position: int
    after: int
    start: int
    end: int


def places(leaf: Word | Phrase | Near | Prefix, field: AnalysedField, *, exact: bool = False) -> list[Place]:
    """Return all places of `leaf` in `field`; with `exact`, as written. Near words come one by one."""
    match leaf:
        case Word():
            return _of_word(leaf, field, exact=exact)
        case Phrase():
            return _in_a_row(_of_word(word, field, exact=True) for word in leaf.words)
        case Near():
            return _near(leaf, field, exact=exact)
        case Prefix():
            return _of_prefix(leaf, field, exact=exact)


def _of_word(word: Word, field: AnalysedField, *, exact: bool) -> list[Place]:
    if len(word.parts) == 1:
        return _of_part(word.parts[0], field, exact=exact)
    apart = _in_a_row(_of_part(part, field, exact=exact) for part in word.parts)
    return apart + _of_forms((word.joined,), field, exact=exact)


def _of_part(part: str, field: AnalysedField, *, exact: bool) -> list[Place]:
    return _of_forms((part,) if exact else forms_asked(part), field, exact=exact)


def _of_forms(forms: Iterable[str], field: AnalysedField, *, exact: bool) -> list[Place]:
    found = {
        Place(token.position, token.after, token.start, token.end): None
        for form in forms
        for token in field.postings.get(form, ())
        if not exact or form in token.exact
    }
    return list(found)


def _of_prefix(prefix: Prefix, field: AnalysedField, *, exact: bool) -> list[Place]:
    *before, last = prefix.parts
    beginning = [_of_part(part, field, exact=exact) for part in before]
    apart = _in_a_row(chain(beginning, [_of_forms(_going_on(last, field), field, exact=exact)]))
    joined = _of_forms(_going_on("".join(prefix.parts), field), field, exact=exact) if before else []
    return apart + joined


def _going_on(beginning: str, field: AnalysedField) -> Iterator[str]:
    forms = field.sorted_forms
    for at in range(bisect_left(forms, beginning), len(forms)):
        if not forms[at].startswith(beginning):
            return
        yield forms[at]


def _in_a_row(steps: Iterable[list[Place]]) -> list[Place]:
    """Places where each step begins at the position at which the one before ends."""
    ends: dict[int, Place] | None = None
    for step in steps:
        if ends is None:
            ends = {place.after: place for place in step}
        else:
            ends = {
                place.after: Place(before.position, place.after, before.start, place.end)
                for place in step
                if (before := ends.get(place.position))
            }
        if not ends:
            return []
    return list(ends.values()) if ends else []


def _near(near: Near, field: AnalysedField, *, exact: bool) -> list[Place]:
    """Find the words of every narrowest stretch that holds all of them, if it is narrow enough."""
    needed = Counter(near.words)
    seen = {word: _of_word(word, field, exact=exact) for word in needed}
    if not all(seen.values()):
        return []
    events = sorted((place, number) for number, word in enumerate(needed) for place in seen[word])
    wanted = dict(enumerate(needed.values()))
    found: dict[Place, None] = {}
    for stretch in _narrowest(events, wanted):
        if _is_near(stretch, near.distance):
            found |= dict.fromkeys(stretch)
    return list(found)


def _narrowest(events: list[tuple[Place, int]], wanted: dict[int, int]) -> Iterator[list[Place]]:
    """Yield, for each end, the shortest stretch of `events` that has every number as often as wanted."""
    counts: Counter[int] = Counter()
    missing = sum(wanted.values())
    first = 0
    for last, (_, number) in enumerate(events):
        counts[number] += 1
        missing -= counts[number] <= wanted[number]
        while counts[events[first][1]] > wanted[events[first][1]]:
            counts[events[first][1]] -= 1
            first += 1
        if not missing:
            yield _latest(events[first : last + 1], wanted)


def _latest(stretch: list[tuple[Place, int]], wanted: dict[int, int]) -> list[Place]:
    left = dict(wanted)
    chosen = []
    for place, number in reversed(stretch):
        if left[number]:
            left[number] -= 1
            chosen.append(place)
    return chosen[::-1]


def _is_near(words: list[Place], distance: int) -> bool:
    stand_apart = len({word.position for word in words}) == len(words)
    spanned = max(word.after for word in words) - words[0].position
    return stand_apart and spanned - sum(word.after - word.position for word in words) <= distance
