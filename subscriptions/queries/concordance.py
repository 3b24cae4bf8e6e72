"""Which of a few hundred articles have which forms in which fields, packed into one small piece of bytes.

It answers for all of them at once whether they have a form: a set of articles is an int, with the bit 1 << n
for the n-th article. What depends on a source's own row (its name and family) is left out: that may change.
"""

import json
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from subscriptions.queries.article import FIELDS, PROSE, AnalysedArticle
from subscriptions.queries.wordforms import ends_a_word

MOST_ARTICLES = 256  # an article's number in its concordance is one byte
OF_THE_SOURCE = ("source", "family")
PACKED_FIELDS = tuple(name for name in FIELDS if name not in {*OF_THE_SOURCE, "urgency"})
_BITS = {name: 1 << number for number, name in enumerate(PACKED_FIELDS)}  # one byte: at most eight fields
_PROSE_BITS = sum(_BITS[name] for name in PROSE)
_BIT = [1 << number for number in range(MOST_ARTICLES)]
_PACKING = 1  # zlib's fastest: it packs to a third, the best to a quarter in four times the time

Articles = int
"""A set of a concordance's articles."""


def pack(articles: Sequence[AnalysedArticle]) -> bytes:
    """Pack at most `MOST_ARTICLES`, in their order."""
    places: defaultdict[str, dict[int, int]] = defaultdict(dict)  # form to article to its fields
    for number, article in enumerate(articles):
        for name in _BITS.keys() & article.fields.keys():
            for form in article.fields[name].postings:
                places[form][number] = places[form].get(number, 0) | _BITS[name]
    forms = sorted((_encoded(form), found) for form, found in places.items())
    head = {
        "urgencies": [article.urgency for article in articles],
        "fields": [sum(_BITS[name] for name in _BITS.keys() & article.fields.keys()) for article in articles],
    }
    parts = [
        json.dumps(head, separators=(",", ":")).encode(),
        b"\n".join(form for form, _ in forms),
        bytes(len(found) - 1 for _, found in forms),
        b"".join(bytes(found) for _, found in forms),
        b"".join(bytes(found.values()) for _, found in forms),
    ]
    sizes = b" ".join(b"%d" % len(part) for part in parts)
    return zlib.compress(b"\n".join([sizes, b"".join(parts)]), _PACKING)


@lru_cache(maxsize=1 << 14)
def _encoded(form: str) -> bytes:
    return form.encode("utf-8", "surrogatepass").replace(b"\n", b" ")


@dataclass(frozen=True)
class Concordance:
    """An unpacked concordance."""

    _urgencies: Sequence[int | None]
    _fields: Sequence[int]
    _forms: list[bytes]  # in the order of their bytes
    _counts: bytes  # of each form's articles, less one
    _articles: bytes  # all forms' articles, one form after the other
    _places: bytes  # the fields in which that article has the form

    @cached_property
    def _before(self) -> list[int]:
        """The counts of all forms before each, together."""
        return list(accumulate(self._counts, initial=0))

    @property
    def all(self) -> Articles:
        """All its articles."""
        return (1 << len(self._fields)) - 1

    def with_field(self, name: str) -> Articles:
        """Articles that have the field at all."""
        return _set(number for number, fields in enumerate(self._fields) if fields & _BITS[name])

    def with_urgency(self, first: int | None = None, last: int | None = None) -> Articles:
        """Articles with an urgency from `first` to `last`, or with any."""
        return _set(
            number
            for number, urgency in enumerate(self._urgencies)
            if urgency is not None
            and (first is None or urgency >= first)
            and (last is None or urgency <= last)
        )

    def with_forms(self, forms: Iterable[str], field: str) -> Articles:
        """Articles with one of `forms` in a field, or where that is empty in title, summary or body."""
        found = 0
        for form in map(_encoded, forms):
            at = bisect_left(self._forms, form)
            if at < len(self._forms) and self._forms[at] == form:
                found |= self._having(at, field)
        return found

    def with_beginnings(self, beginnings: Iterable[str], field: str) -> Articles:
        """Articles with a form that begins so."""
        found = 0
        for beginning in map(_encoded, beginnings):
            at = bisect_left(self._forms, beginning)
            while at < len(self._forms) and self._forms[at].startswith(beginning):
                found |= self._having(at, field)
                at += 1
        return found

    def with_ending(self, ending: str, field: str) -> Articles:
        """Articles with a form that ends so, and may: see `ends_a_word`."""
        encoded, found = _encoded(ending), 0
        for at, form in enumerate(self._forms):
            if form.endswith(encoded) and ends_a_word(form.decode("utf-8", "surrogatepass")):
                found |= self._having(at, field)
        return found

    def _having(self, form: int, field: str) -> Articles:
        wanted = _BITS[field] if field else _PROSE_BITS
        start = self._before[form] + form
        part = slice(start, start + self._counts[form] + 1)
        found = 0
        for number, fields in zip(self._articles[part], self._places[part], strict=True):
            if fields & wanted:
                found |= _BIT[number]
        return found


def unpack(packed: bytes) -> Concordance:
    """Open what `pack` made."""
    sizes, _, rest = zlib.decompress(packed).partition(b"\n")
    ends = list(accumulate(map(int, sizes.split())))
    head, forms, counts, articles, places = (rest[start:end] for start, end in pairwise([0, *ends]))
    known = json.loads(head)
    listed = forms.split(b"\n") if counts else []
    return Concordance(known["urgencies"], known["fields"], listed, counts, articles, places)


def numbers(articles: Articles) -> Iterator[int]:
    """Yield the numbers of a set's articles, in order."""
    while articles:
        lowest = articles & -articles
        yield lowest.bit_length() - 1
        articles ^= lowest


def _set(members: Iterable[int]) -> Articles:
    found = 0
    for number in members:
        found |= _BIT[number]
    return found
