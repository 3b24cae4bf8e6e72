"""What the words of articles are named, worked out once for each word and kept.

A *chunk* is what stands between two spaces. Its names do not depend on its neighbours, so a process that has
seen a chunk knows it by its number from then on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import numpy as np

from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, Pool
from subscriptions.queries.index.demands import Need
from subscriptions.queries.runs import Run, is_simple, runs
from subscriptions.queries.wordforms import ANALYSED_APART, ends_a_word, forms_of

GAP = 0  # the chunk between two fields
CHUNKS = 1 << 16  # known at most, some 20 MB; then all are forgotten
_LONGEST = 40  # characters: a longer chunk, such as a sentence in Chinese, is taken apart and not kept
_AROUND = "\"'“”‘’.,;:!?()[]"

Piece: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""The words of a part of a long chunk, and its spellings in one piece."""
Chunk: TypeAlias = str | Piece | None
"""What has a number of its own; None is the gap between two fields."""


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


Spelling: TypeAlias = tuple[int, int, int]
"""A name, and the positions of what it names, counted from the chunk's first."""


class LongChunkError(Exception):
    """A chunk has no number of its own, only its pieces have."""


class _Numbers(dict[Chunk, int]):
    """The numbers of chunks; what it is asked for the first time, it has `learn` number."""

    def __init__(self, learn: Callable[[Chunk], int]) -> None:
        super().__init__({None: GAP})
        self._learn = learn

    def __missing__(self, chunk: Chunk) -> int:
        number = self[chunk] = self._learn(chunk)
        return number


class Lists:
    """For each chunk a list of names, with the positions that each takes, counted from the chunk's first."""

    def __init__(self) -> None:
        self.starts, self.counts = Pool(np.int32), Pool(np.int32)
        self.names, self.positions, self.afters = Pool(np.uint64), Pool(np.uint8), Pool(np.uint8)
        self._new: list[Spelling] = []
        self._new_counts: list[int] = []

    def append(self, names: Sequence[Spelling]) -> None:
        """Note the list of the next chunk; `settle` adds what was noted."""
        self._new += names
        self._new_counts.append(len(names))

    def settle(self) -> None:
        """Add all that was noted: a few steps for all of an article's new words."""
        counts = np.array(self._new_counts)
        self.starts.extend(self.names.length + counts.cumsum() - counts)
        self.counts.extend(counts)
        if self._new:
            names, positions, afters = zip(*self._new, strict=True)
            self.names.extend(np.array(names, np.uint64))
            self.positions.extend(positions)
            self.afters.extend(afters)
        self._new, self._new_counts = [], []


class Vocabulary:
    """The chunks of articles whose languages are analysed alike; their names in flat arrays."""

    def __init__(self, language: str, wanted: Wanted) -> None:
        self.wanted = wanted
        self.language = language
        self._stemmed = language if language in wanted.stems else ""
        self._numbers = _Numbers(self._learn)
        self.number_of = self._numbers.__getitem__  # learns it, if need be; see `read`
        self._count = 0
        self.found_by = Lists()
        self.written = Lists()  # as answers words in quotes; sorted by their positions
        self.widths = Pool(np.uint8)  # positions that a chunk takes
        self.is_plain = Pool(np.bool_)  # whether it is one word that is written in one way
        self._new_widths: list[int] = []
        self._new_plain: list[bool] = []
        self._add([], [(named.GAP, 0, 1)], 1)
        self.settle()

    def __len__(self) -> int:
        """Count the chunks known."""
        return self._count

    def read(self, chunks: Sequence[Chunk]) -> Array:
        """Return the numbers of `chunks`. Raises LongChunkError where one must be taken apart first."""
        try:
            return np.fromiter(map(self.number_of, chunks), np.int64, len(chunks))
        finally:
            if self._new_widths:
                self.settle()

    def settle(self) -> None:
        """Lay out what was learnt since the last time."""
        self.found_by.settle()
        self.written.settle()
        self.widths.extend(self._new_widths)
        self.is_plain.extend(self._new_plain)
        self._new_widths, self._new_plain = [], []

    def _learn(self, chunk: Chunk) -> int:
        if not isinstance(chunk, str):
            words, joined = chunk or ((), ())
            return self._number_run([(words, joined)])
        if len(chunk) > _LONGEST:
            raise LongChunkError
        core = chunk.strip(_AROUND)
        if core != chunk and core.isalnum():
            return self._numbers[core]
        if is_simple(chunk):
            if chunk[0].isupper() and chunk[1:].islower():  # "Storm" has the forms of "storm", "A" has not
                return self._numbers[chunk.lower()]
            return self._number([Form(form, 0, 1) for form in self._forms(chunk)], 1)
        return self._number_run([_piece(run) for run in runs(chunk)])

    def _number_run(self, pieces: Iterable[Piece]) -> int:
        forms: list[Form] = []
        words: list[str] = []
        for parts, joined in pieces:
            at = len(words)
            for position, part in enumerate(parts, at):
                forms += [Form(form, position, position + 1) for form in self._forms(part)]
            words += parts
            written = (form for spelling in joined for form in self._forms(spelling))
            forms += [Form(form, at, len(words)) for form in dict.fromkeys(written)]
        return self._number(forms, len(words))

    def _forms(self, written: str) -> tuple[str, ...]:
        return forms_of(written, self.language, self._stemmed)

    def _number(self, forms: list[Form], width: int) -> int:
        found_by = [
            (name, position, after) for text, position, after in forms for name in names_of(text, self.wanted)
        ]
        written = [(named.name(text), at, after) for text, at, after in forms if text[0] != "~"]
        return self._add(found_by, written, width)

    def _add(self, found_by: list[Spelling], written: list[Spelling], width: int) -> int:
        self.found_by.append(list(dict.fromkeys(found_by)))
        self.written.append(sorted(dict.fromkeys(written), key=itemgetter(1)))
        self._new_widths.append(width)
        self._new_plain.append(len(written) == 1 == width)
        self._count += 1
        return self._count - 1


def taken_apart(text: str) -> Iterator[Chunk]:
    """Yield the chunks of `text`, of long ones the pieces."""
    for chunk in text.split():
        if len(chunk) <= _LONGEST:
            yield chunk
            continue
        for run in runs(chunk):
            if run.joined:
                yield _piece(run)
            else:
                yield from (((part.written,), ()) for part in run.parts)


def _piece(run: Run) -> Piece:
    return tuple([part.written for part in run.parts]), run.joined


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
