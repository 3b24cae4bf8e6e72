"""Words in a row, however many there are and however often they stand there."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from subscriptions.queries.masks import EVERYWHERE, any_of, positions_in
from subscriptions.queries.spots import Spots

Row: TypeAlias = Sequence[Spots]
"""Words that are to stand side by side, in order."""


def behind(row: Row, mask: int = EVERYWHERE) -> int:
    """Return the mask of positions behind the rows that begin where `mask` says."""
    for spots in row:
        mask = spots.behind(mask)
        if not mask:
            break
    return mask


def before(row: Row, mask: int) -> int:
    """Return the mask of where the rows begin that end where `mask` says."""
    for spots in reversed(row):
        mask = spots.before(mask)
    return mask


def width(row: Row) -> int | None:
    """Return how many positions each row spans; None where they differ."""
    widths = [tuple(spots.starts) for spots in row]
    return sum(chain.from_iterable(widths)) if all(len(each) == 1 for each in widths) else None


def spans(row: Row) -> Iterator[tuple[int, int]]:
    """Yield the positions of each row: of its first word, and behind its last."""
    known = width(row)
    for end in positions_in(behind(row)):
        starts = (end - known,) if known is not None else positions_in(before(row, 1 << end))
        yield from ((start, end) for start in starts)


def first_spans(rows: Sequence[Sequence[Row]], most: int) -> list[tuple[int, int]]:
    """Return the positions of the first rows, one of each choice, that stand side by side themselves."""
    ends = [EVERYWHERE]
    for choice in rows:
        ends.append(any_of(behind(row, ends[-1]) for row in choice) if ends[-1] else 0)
    found = []
    for end in positions_in(ends.pop()):
        found.append((_start(rows, ends, end), end))
        if len(found) == most:
            break
    return found


def _start(rows: Sequence[Sequence[Row]], ends: Sequence[int], end: int) -> int:
    """Go back from an end through all rows; where there are two ways, the shorter one."""
    known = [width(choice[0]) if len(choice) == 1 else None for choice in rows]
    if None not in known:
        return end - sum(filter(None, known))
    mask = 1 << end
    for choice, begun in zip(reversed(rows), reversed(ends), strict=True):
        mask = any_of(before(row, mask) for row in choice) & begun
    return mask.bit_length() - 1
