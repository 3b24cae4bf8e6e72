"""Words in a row in a field, however many there are and however often they stand there."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

from subscriptions.queries.article import AnalysedField, Place
from subscriptions.queries.masks import EVERYWHERE, any_of, mask_of, positions_in

Forms = tuple[str, ...]


class Row:
    """Where one of each of these forms stand side by side, in order."""

    def __init__(self, steps: Sequence[Forms], field: AnalysedField) -> None:
        self._field = field
        self._steps = steps
        self.parts = tuple(row_of((forms,), field) for forms in steps) if len(steps) > 1 else (self,)

    @cached_property
    def places(self) -> list[Place]:
        """All places, in order."""
        if len(self._steps) == 1:
            return _of_forms(self._steps[0], self._field)
        ends = positions_in(self.ends)
        return [place_from(self._field, start, end) for end in ends for start in self._starts(end)]

    def places_to(self, mask: int) -> list[Place]:
        """Return the places that end where `mask` says."""
        return [place for end in positions_in(self.ends & mask) for place in self._by_end[end]]

    @cached_property
    def _by_end(self) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.after, []).append(place)
        return found

    @cached_property
    def ends(self) -> int:
        """The mask of positions behind the places."""
        return self.behind(EVERYWHERE)

    @cached_property
    def starts(self) -> dict[int, int]:
        """Masks of where the places of a single step begin, by their widths."""
        by_width: dict[int, list[int]] = {}
        for place in self.places:
            by_width.setdefault(place.after - place.position, []).append(place.position)
        return {width: mask_of(positions) for width, positions in by_width.items()}

    @cached_property
    def width(self) -> int | None:
        """How many positions each place spans; None where they differ."""
        widths = [tuple(part.starts) for part in self.parts]
        return sum(chain.from_iterable(widths)) if all(len(each) == 1 for each in widths) else None

    @property
    def widest(self) -> int:
        """How many positions a place spans at most."""
        return sum(max(part.starts, default=0) for part in self.parts)

    def behind(self, mask: int) -> int:
        """Return the mask of positions behind the places that begin where `mask` says."""
        for part in self.parts:
            mask = any_of((mask & starts) << width for width, starts in part.starts.items())
            if not mask:
                break
        return mask

    def before(self, mask: int) -> int:
        """Return the mask of where the places begin that end where `mask` says."""
        for part in reversed(self.parts):
            mask = any_of((mask >> width) & starts for width, starts in part.starts.items())
        return mask

    def _starts(self, end: int) -> Iterable[int]:
        return (end - self.width,) if self.width is not None else positions_in(self.before(1 << end))


def row_of(steps: Sequence[Forms], field: AnalysedField) -> Row:
    """Return the row of these forms in a field: the same one for who asks again."""
    key = tuple(steps)
    if key not in field.rows:
        field.rows[key] = Row(key, field)
    return field.rows[key]


def place_from(field: AnalysedField, start: int, end: int) -> Place:
    """Return the place from one position to another."""
    return Place(start, end, field.parts[start].start, field.parts[end - 1].end)


def _of_forms(forms: Forms, field: AnalysedField) -> list[Place]:
    found = [field.postings[form] for form in forms if form in field.postings]
    return found[0] if len(found) == 1 else sorted(set(chain.from_iterable(found)))
