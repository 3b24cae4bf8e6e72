"""Lists of lists as two flat arrays: where each begins, and all values one behind the other."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Array: TypeAlias = NDArray[Any]


def within(starts: Array, counts: Array) -> Array:
    """Return the indices of all values of the lists that begin at `starts`, list by list."""
    if not len(counts):
        return np.zeros(0, np.int64)
    ends = counts.cumsum()
    indices: Array = (starts - ends + counts).repeat(counts)
    indices += np.arange(len(indices))
    return indices


def different(values: Array) -> Array:
    """Return values in order, each once."""
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    once: Array = ordered[is_first]
    return once


def starts(counts: Array | Sequence[int]) -> Ints:
    """Return where lists of these lengths begin, one behind the other, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int32)


def chosen(list_starts: Array, which: Array) -> tuple[Array, Array]:
    """Return the lengths of some of the lists that begin there, and the indices of their values."""
    firsts = list_starts[which]
    counts = list_starts[which + 1] - firsts
    return counts, within(firsts, counts)


def owners(list_starts: Array) -> Array:
    """Return for each value of all lists the number of its list."""
    counts = np.diff(list_starts)
    return np.arange(len(counts)).repeat(counts)


class Pool:
    """An array that grows at its end."""

    def __init__(self, dtype: Any) -> None:
        self._room = np.zeros(1024, dtype)
        self.length = 0

    @property
    def room(self) -> Array:
        """All values, and room for more behind them; it is another array when it had to grow."""
        return self._room

    @property
    def values(self) -> Array:
        """All values so far."""
        return self._room[: self.length]

    def extend(self, values: Array | Sequence[Any]) -> None:
        """Append values."""
        needed = self.length + len(values)
        if needed > len(self._room):
            larger = np.zeros(max(needed, 2 * len(self._room)), self._room.dtype)
            larger[: self.length] = self.values
            self._room = larger
        self._room[self.length : needed] = values
        self.length = needed

    def fill(self, length: int, value: Any) -> None:
        """Append `value` until there are `length`."""
        if length > self.length:
            self.extend(np.full(length - self.length, value, self._room.dtype))
