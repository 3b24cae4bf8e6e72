"""Where a leaf of a query stands in a field of an article."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain

from subscriptions.queries.article import AnalysedField, Place
from subscriptions.queries.near import stretches
from subscriptions.queries.nodes import Leaf, Near, Phrase, Prefix, Suffix, Word
from subscriptions.queries.rows import Row, first_spans, spans
from subscriptions.queries.spots import Spots
from subscriptions.queries.wordforms import beginnings_asked, forms_asked

MOST_PLACES = (
    100  # of one leaf in one field that are shown: a reader needs a few, a page marks the first ones
)
_MOST_STEPS = 10_000  # back from the ends of phrases to their beginnings
_Forms = tuple[str, ...]


def is_there(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> bool:
    """Whether `leaf` has a place in `field`; see `places`."""
    match leaf:
        case Word() if len(leaf.parts) == 1:
            return any(form in field.postings for form in _asked(leaf.parts[0], leaf.stem, exact=exact))
        case Near():
            return any(True for _ in _stretches(leaf, field, exact=exact))
        case _:
            return bool(first_spans(_rows(leaf, field, exact=exact), 1))


def places(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> Sequence[Place]:
    """Return the first places of `leaf` in `field`; with `exact`, as written. Near words come one by one."""
    match leaf:
        case Word() if len(leaf.parts) == 1:
            return _spots(_asked(leaf.parts[0], leaf.stem, exact=exact), field).places[:MOST_PLACES]
        case Near():
            return _near(leaf, field, exact=exact)
        case _:
            rows = _rows(leaf, field, exact=exact)
            steps = sum(len(row) for choice in rows for row in choice)
            most = min(MOST_PLACES, max(1, _MOST_STEPS // steps))
            return [_place(field, *span) for span in first_spans(rows, most)]


def _near(near: Near, field: AnalysedField, *, exact: bool) -> list[Place]:
    words: dict[Place, None] = {}
    for stretch in _stretches(near, field, exact=exact):
        words |= dict.fromkeys(stretch)
        if len(words) >= MOST_PLACES:
            break
    return list(words)


def _stretches(near: Near, field: AnalysedField, *, exact: bool) -> Iterator[tuple[Place, ...]]:
    return stretches(near, {word: _of_word(word, field, exact=exact) for word in near.words})


def _of_word(word: Word, field: AnalysedField, *, exact: bool) -> Spots:
    if len(word.parts) == 1:
        return _spots(_asked(word.parts[0], word.stem, exact=exact), field)
    key = word, exact
    if key not in field.looked_up:
        found = chain.from_iterable(spans(row) for row in _spellings(word, field, exact=exact))
        field.looked_up[key] = Spots([_place(field, *span) for span in sorted(set(found))])
    return field.looked_up[key]


def _rows(leaf: Word | Phrase | Prefix | Suffix, field: AnalysedField, *, exact: bool) -> list[list[Row]]:
    """Give the rows that answer a leaf when one of each choice stands beside one of the next."""
    match leaf:
        case Word():
            return [_spellings(leaf, field, exact=exact)]
        case Phrase():
            return [_spellings(word, field, exact=True) for word in leaf.words]
        case Prefix():
            *begun, last = leaf.parts
            parts = [*(_asked(part, exact=exact) for part in begun), _beginning(last, field)]
            return [_in_parts_or_one(parts, _beginning("".join(leaf.parts), field), field)]
        case Suffix():
            first, *ended = leaf.parts
            parts = [_ending(first, field), *(_asked(part, exact=exact) for part in ended)]
            return [_in_parts_or_one(parts, _ending("".join(leaf.parts), field), field)]


def _spellings(word: Word, field: AnalysedField, *, exact: bool) -> list[Row]:
    parts = [_asked(part, word.stem, exact=exact) for part in word.parts]
    return _in_parts_or_one(parts, (word.joined,), field)


def _in_parts_or_one(parts: list[_Forms], whole: _Forms, field: AnalysedField) -> list[Row]:
    rows: list[Row] = [[_spots(forms, field) for forms in parts]]
    if len(parts) > 1 and any(form in field.postings for form in whole):
        rows.append([_spots(whole, field)])
    return rows


def _spots(forms: _Forms, field: AnalysedField) -> Spots:
    if forms not in field.looked_up:
        found = [field.postings[form] for form in forms if form in field.postings]
        places = found[0] if len(found) == 1 else sorted(set(chain.from_iterable(found)))
        field.looked_up[forms] = Spots(places)
    return field.looked_up[forms]


def _place(field: AnalysedField, start: int, end: int) -> Place:
    return Place(start, end, field.parts[start].start, field.parts[end - 1].end)


def _asked(part: str, stem: str = "", *, exact: bool) -> _Forms:
    return (part,) if exact else forms_asked(part, stem)


def _beginning(part: str, field: AnalysedField) -> _Forms:
    found = (_going_on(field.sorted_forms, beginning) for beginning in beginnings_asked(part))
    return tuple(chain.from_iterable(found))


def _ending(part: str, field: AnalysedField) -> _Forms:
    return tuple(backwards[::-1] for backwards in _going_on(field.sorted_endings, part[::-1]))


def _going_on(forms: list[str], beginning: str) -> Iterator[str]:
    for at in range(bisect_left(forms, beginning), len(forms)):
        if not forms[at].startswith(beginning):
            return
        yield forms[at]
