"""Where a leaf of a query stands in a field of an article."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from subscriptions.queries.article import AnalysedField, Place
from subscriptions.queries.masks import EVERYWHERE, any_of, parts_of, positions_in
from subscriptions.queries.near import Stretch, in_any_order, in_order, within_reach
from subscriptions.queries.nodes import Leaf, Near, Phrase, Prefix, Suffix, Word
from subscriptions.queries.rows import Forms, Row, place_from, row_of
from subscriptions.queries.wordforms import beginnings_asked, forms_asked

MOST_PLACES = (
    100  # of one leaf in one field that are shown: a reader needs a few, a page marks the first ones
)
_MOST_STEPS = 10_000  # to go back from the ends of phrases to their beginnings
Spellings = Sequence[Row]  # a word in its parts, and in one piece


def is_there(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> bool:
    """Whether `leaf` has a place in `field`; see `places`."""
    match leaf:
        case Word() if len(leaf.parts) == 1:
            return any(form in field.postings for form in _forms(leaf, leaf.parts[0], exact=exact))
        case Near():
            return any(True for _ in _stretches(leaf, field, exact=exact))
        case _:
            return _ends(_words(leaf, field, exact=exact))[-1] != 0


def places(leaf: Leaf, field: AnalysedField, *, exact: bool = False) -> list[Place]:
    """Return the first places of `leaf` in `field`; with `exact`, as written. Near words come one by one."""
    match leaf:
        case Near():
            return _near(leaf, field, exact=exact)
        case Word() if len(leaf.parts) == 1:
            return row_of((_forms(leaf, leaf.parts[0], exact=exact),), field).places[:MOST_PLACES]
        case _:
            return list(_in_a_row(_words(leaf, field, exact=exact), field))


def _near(near: Near, field: AnalysedField, *, exact: bool) -> list[Place]:
    words: dict[Place, None] = {}
    for stretch in _stretches(near, field, exact=exact):
        words |= dict.fromkeys(stretch)
        if len(words) >= MOST_PLACES:
            break
    return list(words)


def _stretches(near: Near, field: AnalysedField, *, exact: bool) -> Iterator[Stretch]:
    rows = {word: _spellings(word, field, exact=exact) for word in near.words}
    reach = near.distance + sum(max(row.widest for row in rows[word]) for word in near.words)
    region = within_reach((any_of(row.ends for row in each) for each in rows.values()), reach)
    for part in parts_of(region, reach):
        seen = {word: [place for row in each for place in row.places_to(part)] for word, each in rows.items()}
        if all(seen.values()):
            yield from (in_order if near.ordered else in_any_order)(near, seen)


def _words(leaf: Word | Phrase | Prefix | Suffix, field: AnalysedField, *, exact: bool) -> list[Spellings]:
    match leaf:
        case Word():
            return [_spellings(leaf, field, exact=exact)]
        case Phrase():
            return [_spellings(word, field, exact=True) for word in leaf.words]
        case Prefix():
            *before, last = leaf.parts
            steps = [*(_asked(part, exact=exact) for part in before), _beginning(last, field)]
            return [_rows(steps, _beginning("".join(leaf.parts), field), field)]
        case Suffix():
            first, *behind = leaf.parts
            steps = [_ending(first, field), *(_asked(part, exact=exact) for part in behind)]
            return [_rows(steps, _ending("".join(leaf.parts), field), field)]


def _spellings(word: Word, field: AnalysedField, *, exact: bool) -> Spellings:
    steps = [_forms(word, part, exact=exact) for part in word.parts]
    return _rows(steps, (word.joined,), field)


def _rows(steps: Sequence[Forms], whole: Forms, field: AnalysedField) -> Spellings:
    """Look for the parts in a row, and for the same in one piece."""
    is_whole = len(steps) > 1 and any(form in field.postings for form in whole)
    return [row_of(steps, field), *([row_of((whole,), field)] if is_whole else ())]


def _forms(word: Word, part: str, *, exact: bool) -> Forms:
    return _asked(part, exact=exact, stem=word.stem)


def _asked(part: str, *, exact: bool, stem: str = "") -> Forms:
    return (part,) if exact else forms_asked(part, stem)


def _beginning(part: str, field: AnalysedField) -> Forms:
    found = (_going_on(field.sorted_forms, beginning) for beginning in beginnings_asked(part))
    return tuple(chain.from_iterable(found))


def _ending(part: str, field: AnalysedField) -> Forms:
    return tuple(backwards[::-1] for backwards in _going_on(field.sorted_endings, part[::-1]))


def _going_on(forms: list[str], beginning: str) -> Iterator[str]:
    for at in range(bisect_left(forms, beginning), len(forms)):
        if not forms[at].startswith(beginning):
            return
        yield forms[at]


def _ends(words: Sequence[Spellings]) -> list[int]:
    """Give for each word the mask of positions behind it, where all words before it stand before it."""
    masks = [EVERYWHERE]
    for spellings in words:
        masks.append(any_of(row.behind(masks[-1]) for row in spellings) if masks[-1] else 0)
    return masks[1:]


def _in_a_row(words: Sequence[Spellings], field: AnalysedField) -> Iterator[Place]:
    ends = _ends(words)
    steps = sum(len(row.parts) for spellings in words for row in spellings)
    most = min(MOST_PLACES, max(1, _MOST_STEPS // steps))
    for end in islice(positions_in(ends[-1]), most):
        yield place_from(field, _start(words, ends, end), end)


def _start(words: Sequence[Spellings], ends: Sequence[int], end: int) -> int:
    """Go back from an end through all words; where there are two ways, the shorter one."""
    widths = [spellings[0].width if len(spellings) == 1 else None for spellings in words]
    known = [width for width in widths if width is not None]
    if len(known) == len(words):
        return end - sum(known)
    mask = 1 << end
    for at in range(len(words) - 1, -1, -1):
        mask = any_of(row.before(mask) for row in words[at]) & (ends[at - 1] if at else EVERYWHERE)
    return mask.bit_length() - 1
