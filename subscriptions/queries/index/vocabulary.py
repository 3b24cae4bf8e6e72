"""What the words of articles are named, worked out once for each word and kept.

A *chunk* is what stands between two spaces. Its names do not depend on its neighbours, so a process that has
seen a chunk knows it by its number from then on.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Pool
from subscriptions.queries.index.demands import Need
from subscriptions.queries.runs import Run, runs
from subscriptions.queries.wordforms import ANALYSED_APART, ends_a_word, forms_as_written, forms_written

GAP = 0  # the chunk between two fields
CHUNKS = 1 << 15  # known at most, some 10 MB; then all are forgotten
_LONGEST = 40  # characters: a longer chunk, such as a sentence in Chinese, is taken apart and not kept
_AROUND = "\"'“”‘’.,;:!?()[]"


class Wanted(NamedTuple):
    """How many first and last letters queries ask for, and in which languages stems: no others are named."""

    beginnings: frozenset[int] = frozenset()
    endings: frozenset[int] = frozenset()
    stems: frozenset[str] = frozenset()

    def with_(self, needs: Iterable[Need]) -> "Wanted":
        """Return this and what a segment needs."""
        needed = frozenset(needs)
        return Wanted(
            self.beginnings | {of for kind, of in needed if kind == "beginning" and isinstance(of, int)},
            self.endings | {of for kind, of in needed if kind == "ending" and isinstance(of, int)},
            self.stems | {of for kind, of in needed if kind == "stem" and isinstance(of, str)},
        )


class Form(NamedTuple):
    """A form of a word, and the positions it takes, counted from the chunk's first."""

    text: str
    position: int
    after: int


class Spelling(NamedTuple):
    """The name of a word as it is written, and the positions it takes, counted from the chunk's first."""

    word: int
    position: int
    after: int


class Vocabulary:
    """The chunks of articles whose languages are analysed alike; their names in flat arrays."""

    def __init__(self, language: str, wanted: Wanted) -> None:
        self.wanted = wanted
        self._language = language
        self._stemmed = language if language in wanted.stems else ""
        self._numbers: dict[object, int] = {}
        self.name_starts, self.name_counts = Pool(np.int64), Pool(np.int64)
        self.names, self.positions, self.afters = Pool(np.uint64), Pool(np.int32), Pool(np.int32)
        self.part_starts, self.part_counts = Pool(np.int64), Pool(np.int64)
        self.parts = Pool(np.uint64)  # the chunk's words, as written
        self.spellings: dict[int, list[Spelling]] = {}
        self.is_odd = Pool(np.bool_)  # whether a chunk has `spellings`: not one for each of its words
        self._learn([], [named.GAP])

    def __len__(self) -> int:
        """Count the chunks known."""
        return self.name_counts.length

    def read(self, text: str) -> list[int]:
        """Return the numbers of the chunks of `text`."""
        chunks = text.split()
        numbers = list(map(self._numbers.get, chunks))
        if None not in numbers:
            return numbers  # type: ignore[return-value] # as was just seen
        found: list[int] = []
        for chunk, number in zip(chunks, numbers, strict=True):
            if number is None:
                found += self._new(chunk)
            else:
                found.append(number)
        return found

    def _new(self, chunk: str) -> Iterable[int]:
        if len(chunk) > _LONGEST:
            return list(self._apart(chunk))
        if chunk in self._numbers:  # it stands in this text twice
            return (self._numbers[chunk],)
        core = chunk.strip(_AROUND)
        number = self._numbers.get(core) if core != chunk and core.isalnum() else None
        self._numbers[chunk] = self._number(list(runs(chunk))) if number is None else number
        return (self._numbers[chunk],)

    def _apart(self, chunk: str) -> Iterator[int]:
        for run in runs(chunk):
            pieces = [run] if run.joined else [Run([part], ()) for part in run.parts]
            for piece in pieces:
                key = tuple(part.written for part in piece.parts), piece.joined
                if key not in self._numbers:
                    self._numbers[key] = self._number([piece])
                yield self._numbers[key]

    def _number(self, of_chunk: list[Run]) -> int:
        forms: list[Form] = []
        first: list[int] = []
        for run in of_chunk:
            at = len(first)
            for position, part in enumerate(run.parts, at):
                forms += (Form(form, position, position + 1) for form in self._forms(part.written))
                first.append(named.name(forms_as_written(part.written)[0]))
            written = (form for spelling in run.joined for form in self._forms(spelling))
            forms += (Form(form, at, len(first)) for form in dict.fromkeys(written))
        return self._learn(forms, first)

    def _forms(self, written: str) -> tuple[str, ...]:
        return forms_written(written, self._language, self._stemmed)

    def _learn(self, forms: list[Form], parts: list[int]) -> int:
        number = len(self)
        all_names = dict.fromkeys(
            (name, form.position, form.after) for form in forms for name in names_of(form.text, self.wanted)
        )
        self.name_starts.extend([self.names.length])
        self.name_counts.extend([len(all_names)])
        self.part_starts.extend([self.parts.length])
        self.part_counts.extend([len(parts)])
        if all_names:
            names, positions, afters = zip(*all_names, strict=True)
            self.names.extend(np.array(names, np.uint64))
            self.positions.extend(positions)
            self.afters.extend(afters)
        self.parts.extend(np.array(parts, np.uint64))
        written = [form for form in forms if not form.text.startswith("~")]
        self.is_odd.extend([len(written) > len(parts)])
        if len(written) > len(parts):
            self.spellings[number] = [Spelling(named.name(text), at, after) for text, at, after in written]
        return number

    def words(self, chunk: int) -> list[Spelling]:
        """Return the words of a chunk in all their spellings."""
        if chunk in self.spellings:
            return self.spellings[chunk]
        start = int(self.part_starts.values[chunk])
        parts = self.parts.values[start : start + int(self.part_counts.values[chunk])]
        return [Spelling(int(word), at, at + 1) for at, word in enumerate(parts)]


def vocabulary_for(language: str, wanted: Wanted) -> str:
    """Return the language whose vocabulary serves articles in `language` too."""
    main = language.partition("-")[0]
    return main if main in ANALYSED_APART | wanted.stems else ""


def names_of(form: str, wanted: Wanted) -> Iterator[int]:
    """Name a form, and its first and last letters."""
    yield named.name(form)
    letters = form.removeprefix("~")
    if ":" not in letters:  # a stem of one language has no letters
        yield from (
            named.beginning(letters[:length]) for length in wanted.beginnings if length <= len(letters)
        )
    if ends_a_word(form):
        yield from (named.ending(letters[-length:]) for length in wanted.endings if length <= len(letters))
