"""Sets of positions in a text as numbers: bit p stands for position p.

All positions are shifted and compared at once, so that what is done for each word of a query costs a few
microseconds even in a text of 100,000 words.
"""

from collections.abc import Iterable, Iterator
from functools import reduce

EVERYWHERE = -1  # all bits


def mask_of(positions: Iterable[int]) -> int:
    """Return the mask of some positions."""
    listed = list(positions)
    marks = bytearray(max(listed, default=0) // 8 + 1)
    for position in listed:
        marks[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(marks, "little")


def any_of(masks: Iterable[int]) -> int:
    """Return the mask of what is in any of them."""
    return reduce(int.__or__, masks, 0)


def positions_in(mask: int) -> Iterator[int]:
    """Yield the positions of a mask, the first first."""
    written = bin(mask)[:1:-1]
    at = written.find("1")
    while at >= 0:
        yield at
        at = written.find("1", at + 1)


def spread_up(mask: int, reach: int) -> int:
    """Return the positions of a mask, and `reach` more behind each."""
    done = 1
    while done <= reach:
        step = min(done, reach + 1 - done)
        mask |= mask << step
        done += step
    return mask


def spread_down(mask: int, reach: int) -> int:
    """Return the positions of a mask, and `reach` more before each."""
    return spread_up(mask, reach) >> reach if mask else 0


def parts_of(mask: int, reach: int) -> Iterator[int]:
    """Yield a mask in parts of growing length, so that the first are soon looked at.

    What lies within `reach` is in one part, at least.
    """
    start, length = 0, reach + 64
    while mask >> start:
        yield mask & ((1 << length) - 1 << start)
        start += length - reach
        length *= 2
