"""Where a leaf of a query stands in a field of an article. Linear in the field's words."""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from subscriptions.queries.article import AnalysedField, Place
from subscriptions.queries.nodes import Leaf, Near, Phrase, Prefix, Word
from subscriptions.queries.wordforms import beginnings_asked, forms_asked

MOST_PLACES = (
    100  # of one leaf in one field that are shown: a reader needs a few, a page marks the first ones
)


def is_there(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> bool:
    """Whether `leaf` has a place in `field`; see `places`."""
    if isinstance(leaf, Word) and len(leaf.parts) == 1:
        return any(form in field.postings for form in _forms(leaf.parts[0], exact=exact))
    return bool(places(leaf, field, exact=exact))


def places(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> list[Place]:
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
    return apart + _of_forms((word.joined,), field)


def _of_part(part: str, field: AnalysedField, *, exact: bool) -> list[Place]:
    return _of_forms(_forms(part, exact=exact), field)


def _forms(part: str, *, exact: bool) -> tuple[str, ...]:
    return (part,) if exact else forms_asked(part)


def _of_forms(forms: Iterable[str], field: AnalysedField) -> list[Place]:
    found = [field.postings[form] for form in forms if form in field.postings]
    return found[0] if len(found) == 1 else list(dict.fromkeys(chain.from_iterable(found)))


def _of_prefix(prefix: Prefix, field: AnalysedField, *, exact: bool) -> list[Place]:
    *before, last = prefix.parts
    beginning = [_of_part(part, field, exact=exact) for part in before]
    apart = _in_a_row(chain(beginning, [_of_beginning(last, field)]))
    return apart + (_of_beginning("".join(prefix.parts), field) if before else [])


def _of_beginning(beginning: str, field: AnalysedField) -> list[Place]:
    return _of_forms(chain.from_iterable(_going_on(b, field) for b in beginnings_asked(beginning)), field)


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
    """Find stretches that are narrow enough, each the narrowest with its last word, and give their words."""
    needed = Counter(near.words)
    seen = [_of_word(word, field, exact=exact) for word in needed]
    if not all(seen):
        return []
    ends = sorted((place, number) for number, found in enumerate(seen) for place in found)
    counts = tuple(needed.values())
    reach = near.distance + sum(max(1, len(word.parts)) for word in near.words)
    words: dict[Place, None] = {}
    for stretch in _stretches(ends, counts, reach):
        if _others(stretch) <= near.distance:
            words |= dict.fromkeys(stretch)
        if len(words) >= MOST_PLACES:
            break
    return list(words)


def _stretches(
    ends: list[tuple[Place, int]], counts: tuple[int, ...], reach: int
) -> Iterator[tuple[Place, ...]]:
    """Yield the latest places of all words up to each of `ends`; those more than `reach` back are let go."""
    recent: list[deque[Place]] = [deque() for _ in counts]
    for end, number in ends:
        recent[number].append(end)
        for places_of_word in recent:
            while places_of_word and places_of_word[0].position < end.after - reach:
                places_of_word.popleft()
        if all(len(found) >= count for found, count in zip(recent, counts, strict=True)):
            chosen = _apart(recent, counts)
            if chosen:
                yield chosen


def _apart(recent: list[deque[Place]], counts: tuple[int, ...]) -> tuple[Place, ...]:
    """Choose as many late places of each word as it counts, none twice; the rarest word chooses first."""
    chosen: dict[int, Place] = {}
    for found, count in sorted(zip(recent, counts, strict=True), key=lambda pair: len(pair[0])):
        free = (place for place in reversed(found) if place.position not in chosen)
        taken = list(islice(free, count))
        if len(taken) < count:
            return ()
        chosen |= {place.position: place for place in taken}
    return tuple(chosen.values())


def _others(stretch: tuple[Place, ...]) -> int:
    """Count the other words in a stretch."""
    spanned = max(place.after for place in stretch) - min(place.position for place in stretch)
    return spanned - sum(place.after - place.position for place in stretch)
