"""Forms, each with the articles and the fields it stands in, packed into one small piece of bytes.

A set of articles is an int, with the bit 1 << n for the n-th; so is a set of fields.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from subscriptions.queries.wordforms import ends_a_word

MOST_ARTICLES = 256  # an article's number is one byte; so are its fields
_BIT = [1 << number for number in range(MOST_ARTICLES)]
_PACKING = 1  # zlib's fastest: it packs to a third, the best to a quarter in four times the time

Articles = int
Fields = int


def pack_forms(places: Mapping[str, Mapping[int, Fields]]) -> bytes:
    """Pack the fields of each article that has a form, by form and article."""
    forms = sorted((_encoded(form), found) for form, found in places.items())
    parts = [
        b"\n".join(form for form, _ in forms),
        bytes(len(found) - 1 for _, found in forms),
        b"".join(bytes(found) for _, found in forms),
        b"".join(bytes(found.values()) for _, found in forms),
    ]
    sizes = b" ".join(b"%d" % len(part) for part in parts)
    return zlib.compress(b"\n".join([sizes, b"".join(parts)]), _PACKING)


def unpack_forms(packed: bytes) -> "Forms":
    """Open what `pack_forms` made."""
    sizes, _, rest = zlib.decompress(packed).partition(b"\n")
    ends = list(accumulate(map(int, sizes.split())))
    forms, counts, articles, places = (rest[start:end] for start, end in pairwise([0, *ends]))
    return Forms(forms.split(b"\n") if counts else [], counts, articles, places)


@dataclass(frozen=True)
class Forms:
    """Forms that can be asked who has them, in one of some fields."""

    _forms: list[bytes]  # in the order of their bytes
    _counts: bytes  # of each form's articles, less one
    _articles: bytes  # all forms' articles, one form after the other
    _places: bytes  # the fields in which that article has the form

    def having(self, forms: Iterable[str], fields: Fields) -> Articles:
        """Return the articles with one of `forms`."""
        found = 0
        for form in map(_encoded, forms):
            at = bisect_left(self._forms, form)
            if at < len(self._forms) and self._forms[at] == form:
                found |= self._of(at, fields)
        return found

    def beginning(self, beginnings: Iterable[str], fields: Fields) -> Articles:
        """Return the articles with a form that begins so."""
        found = 0
        for beginning in map(_encoded, beginnings):
            at = bisect_left(self._forms, beginning)
            while at < len(self._forms) and self._forms[at].startswith(beginning):
                found |= self._of(at, fields)
                at += 1
        return found

    def ending(self, ending: str, fields: Fields) -> Articles:
        """Return the articles with a form that ends so, and may: see `ends_a_word`."""
        encoded, found = _encoded(ending), 0
        for at, form in enumerate(self._forms):
            if form.endswith(encoded) and ends_a_word(form.decode("utf-8", "surrogatepass")):
                found |= self._of(at, fields)
        return found

    @cached_property
    def _before(self) -> list[int]:
        """The counts of all forms before each, together."""
        return list(accumulate(self._counts, initial=0))

    def _of(self, form: int, fields: Fields) -> Articles:
        start = self._before[form] + form
        part = slice(start, start + self._counts[form] + 1)
        found = 0
        for number, there in zip(self._articles[part], self._places[part], strict=True):
            if there & fields:
                found |= _BIT[number]
        return found


@lru_cache(maxsize=1 << 14)
def _encoded(form: str) -> bytes:
    return form.encode("utf-8", "surrogatepass").replace(b"\n", b" ")
