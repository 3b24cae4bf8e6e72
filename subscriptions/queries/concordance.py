"""Which of a few hundred articles have which words in which fields, and what else a query can ask about.

It answers for all of them at once: a set of articles is an int, with the bit 1 << n for the n-th article.
What depends on a source's own row (its name and family) is left out: that may change.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from subscriptions.queries.article import FIELDS, PROSE, AnalysedArticle
from subscriptions.queries.packed_forms import Articles, Forms, pack_forms, unpack_forms
from subscriptions.queries.stemming import STEMMED

OF_THE_SOURCE = ("source", "family")
PACKED_FIELDS = tuple(name for name in FIELDS if name not in {*OF_THE_SOURCE, "urgency"})
_BITS = {name: 1 << number for number, name in enumerate(PACKED_FIELDS)}  # one byte: at most eight fields
_PROSE_BITS = sum(_BITS[name] for name in PROSE)
_ON_DEMAND = tuple(f"~{code}:" for code in STEMMED)


class Packed(NamedTuple):
    """A concordance to be stored; stems, which few queries ask for, apart."""

    facts: str
    words: bytes
    stems: bytes


def pack(articles: Sequence[AnalysedArticle]) -> Packed:
    """Pack at most `packed_forms.MOST_ARTICLES`, in their order."""
    places: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for number, article in enumerate(articles):
        for name in _BITS.keys() & article.fields.keys():
            for form in article.fields[name].postings:
                places[form][number] = places[form].get(number, 0) | _BITS[name]
    stems = {form: places.pop(form) for form in [form for form in places if form.startswith(_ON_DEMAND)]}
    fields = [sum(_BITS[name] for name in _BITS.keys() & article.fields.keys()) for article in articles]
    facts = {"urgencies": [article.urgency for article in articles], "fields": fields}
    return Packed(json.dumps(facts), pack_forms(places), pack_forms(stems))


def unpack(facts: str, words: bytes, stems: bytes | None) -> "Concordance":
    """Open what `pack` made, without the stems where no query asks for them."""
    known = json.loads(facts)
    forms = [unpack_forms(packed) for packed in (words, stems) if packed is not None]
    return Concordance(known["urgencies"], known["fields"], forms)


@dataclass(frozen=True)
class Concordance:
    """An unpacked concordance. Where a method takes a field, none means title, summary and body."""

    _urgencies: Sequence[int | None]
    _fields: Sequence[int]
    _forms: Sequence[Forms]  # words, then stems

    @property
    def all(self) -> Articles:
        """All its articles."""
        return (1 << len(self._fields)) - 1

    def with_field(self, name: str) -> Articles:
        """Return the articles that have the field at all."""
        return _set(number for number, fields in enumerate(self._fields) if fields & _BITS[name])

    def with_urgency(self, first: int | None = None, last: int | None = None) -> Articles:
        """Return the articles with an urgency from `first` to `last`, or with any."""
        return _set(
            number
            for number, urgency in enumerate(self._urgencies)
            if urgency is not None
            and (first is None or urgency >= first)
            and (last is None or urgency <= last)
        )

    def with_forms(self, asked: Sequence[str], field: str) -> Articles:
        """Return the articles with one of these forms."""
        found = 0
        for forms in self._forms:
            found |= forms.having(asked, _bits(field))
        return found

    def with_beginnings(self, beginnings: Iterable[str], field: str) -> Articles:
        """Return the articles with a form that begins so."""
        return self._forms[0].beginning(beginnings, _bits(field))

    def with_ending(self, ending: str, field: str) -> Articles:
        """Return the articles with a form that ends so."""
        return self._forms[0].ending(ending, _bits(field))


def numbers(articles: Articles) -> Iterator[int]:
    """Yield the numbers of a set's articles, in order."""
    while articles:
        lowest = articles & -articles
        yield lowest.bit_length() - 1
        articles ^= lowest


def _bits(field: str) -> int:
    return _BITS[field] if field else _PROSE_BITS


def _set(members: Iterable[int]) -> Articles:
    return sum(1 << number for number in members)
