"""Names of 64 bits for what an article can have and a query can ask for.

A word's form, its first or last letters, two to four words in a row: each is one number, so that a whole
article is looked up at once. Two different things share a name once in 2^64.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from subscriptions.queries.article import FIELDS

Names = NDArray[np.uint64]
LONGEST_END = 12  # letters: of a longer prefix the first so many are looked up, and the rest is checked

_MASK = (1 << 64) - 1
# Any odd numbers without a pattern, one for each place in a row.
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
LONGEST_ROW = len(_ODD)  # words in a row that have one name
FACTORS = tuple(np.uint64(factor) for factor in _ODD)


def name(text: str) -> int:
    """Name a text."""
    return int(xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")))


SALTS = {field: name(f"field {field}") for field in FIELDS}
GAP = name("between two fields")


def beginning(letters: str) -> int:
    """Name the first letters of a word."""
    return name(f"{letters}*")


def ending(letters: str) -> int:
    """Name the last letters of a word."""
    return name(f"*{letters}")


def has(field: str) -> int:
    """Name that an article says something in a field."""
    return name(f"has {field}")


def urgency(level: int) -> int:
    """Name an urgency."""
    return name(f"urgency {level}")


def in_field(names: Iterable[int], field: str) -> tuple[int, ...]:
    """Name the same in one field; `field` may be empty for all prose."""
    if not field:
        return tuple(names)
    salt = SALTS[field]
    return tuple([each ^ salt for each in names])


def row(words: Iterable[int]) -> int:
    """Name two words or more in a row, `LONGEST_ROW` at most."""
    return sum(factor * word for factor, word in zip(_ODD, words, strict=False)) & _MASK


def rows(words: Names) -> Names:
    """Name all neighbours among `words`, two and more in a row, as `row` does."""
    row, found = words * FACTORS[0], []
    for place in range(1, LONGEST_ROW):
        last = words[place:] * FACTORS[place]
        row = row[: len(last)] + last
        found.append(row)
    return np.concatenate(found)
