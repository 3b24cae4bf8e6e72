"""Where a leaf of a query stands in a field of an article. Linear in the field's words."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain

from subscriptions.queries.article import AnalysedField, Place
from subscriptions.queries.near import in_any_order, in_order
from subscriptions.queries.nodes import Leaf, Near, Phrase, Prefix, Suffix, Word
from subscriptions.queries.wordforms import beginnings_asked, forms_asked

MOST_PLACES = (
    100  # of one leaf in one field that are shown: a reader needs a few, a page marks the first ones
)


def is_there(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> bool:
    """Whether `leaf` has a place in `field`; see `places`."""
    if isinstance(leaf, Word) and len(leaf.parts) == 1:
        return any(form in field.postings for form in _forms(leaf.parts[0], exact=exact, stem=leaf.stem))
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
        case Suffix():
            return _of_suffix(leaf, field, exact=exact)


def _of_word(word: Word, field: AnalysedField, *, exact: bool) -> list[Place]:
    if len(word.parts) == 1:
        return _of_part(word.parts[0], field, exact=exact, stem=word.stem)
    apart = _in_a_row(_of_part(part, field, exact=exact, stem=word.stem) for part in word.parts)
    return apart + _of_forms((word.joined,), field)


def _of_part(part: str, field: AnalysedField, *, exact: bool, stem: str = "") -> list[Place]:
    return _of_forms(_forms(part, exact=exact, stem=stem), field)


def _forms(part: str, *, exact: bool, stem: str) -> tuple[str, ...]:
    return (part,) if exact else forms_asked(part, stem)


def _of_forms(forms: Iterable[str], field: AnalysedField) -> list[Place]:
    found = [field.postings[form] for form in forms if form in field.postings]
    return found[0] if len(found) == 1 else list(dict.fromkeys(chain.from_iterable(found)))


def _of_prefix(prefix: Prefix, field: AnalysedField, *, exact: bool) -> list[Place]:
    *before, last = prefix.parts
    beginning = [_of_part(part, field, exact=exact) for part in before]
    apart = _in_a_row(chain(beginning, [_of_beginning(last, field)]))
    return apart + (_of_beginning("".join(prefix.parts), field) if before else [])


def _of_beginning(beginning: str, field: AnalysedField) -> list[Place]:
    return _of_forms(
        chain.from_iterable(_from(field.sorted_forms, b) for b in beginnings_asked(beginning)), field
    )


def _from(forms: list[str], beginning: str) -> Iterator[str]:
    for at in range(bisect_left(forms, beginning), len(forms)):
        if not forms[at].startswith(beginning):
            return
        yield forms[at]


def _of_suffix(suffix: Suffix, field: AnalysedField, *, exact: bool) -> list[Place]:
    first, *behind = suffix.parts
    apart = _in_a_row(
        chain([_of_ending(first, field)], (_of_part(part, field, exact=exact) for part in behind))
    )
    return apart + (_of_ending("".join(suffix.parts), field) if behind else [])


def _of_ending(ending: str, field: AnalysedField) -> list[Place]:
    endings = _from(field.sorted_endings, ending[::-1])
    return _of_forms((backwards[::-1] for backwards in endings), field)


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
    seen = {word: _of_word(word, field, exact=exact) for word in near.words}
    if not all(seen.values()):
        return []
    stretches = in_order(near, seen) if near.ordered else in_any_order(near, seen)
    words: dict[Place, None] = {}
    for stretch in stretches:
        words |= dict.fromkeys(stretch)
        if len(words) >= MOST_PLACES:
            break
    return list(words)
