"""How an index reads articles and searches segments: in numpy, or compiled. Both find the same."""

from functools import cache
from typing import Protocol

from subscriptions.queries.index import search
from subscriptions.queries.index.arrays import Array
from subscriptions.queries.index.kernel import CompiledReader, CompiledSearch, Kernel, MissingError, opened
from subscriptions.queries.index.reader import Reader
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.vocabulary import Wanted


class Search(Protocol):
    """Finds in one segment."""

    def topics(self, reading: Reading, alive: Array | None) -> Array:
        """Return the topics that the article answers, in order; those of `alive`, or all."""


class Steps(Protocol):
    """Makes the two that an index needs; they go together."""

    def reader(self, wanted: Wanted) -> Reader:
        """Return what reads articles for `search`."""

    def search(self, segment: Segment) -> Search:
        """Return what finds in a segment."""


class Plain:
    """In numpy: what there is everywhere, and what says what is right; with `why` nothing better is used."""

    def __init__(self, why: str = "") -> None:
        self.why = why

    def reader(self, wanted: Wanted) -> Reader:
        """Return what reads articles for `search`."""
        return Reader(wanted)

    def search(self, segment: Segment) -> Search:
        """Return what finds in a segment."""
        return search.Search(segment)


class Compiled:
    """By the kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def reader(self, wanted: Wanted) -> Reader:
        """Return what reads articles for `search`."""
        return CompiledReader(self._kernel, wanted)

    def search(self, segment: Segment) -> Search:
        """Return what finds in a segment."""
        return CompiledSearch(self._kernel, segment)


@cache
def fastest_steps() -> Steps:
    """Return the compiled steps where there is a kernel, else those in numpy."""
    try:
        return Compiled(opened())
    except MissingError as error:
        return Plain(str(error))
