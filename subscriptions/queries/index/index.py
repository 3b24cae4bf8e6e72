"""Queries of topics, and which of them an article answers."""

from collections.abc import Iterable

import numpy as np

from subscriptions.queries.article import ArticleText
from subscriptions.queries.index.arrays import Array, chosen
from subscriptions.queries.index.assemble import Assembler
from subscriptions.queries.index.merge import Part, merge
from subscriptions.queries.index.reader import Reader
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.search import Search
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.vocabulary import Wanted
from subscriptions.queries.query import Query

_FEW = 4  # segments of its own that an index looks into one by one; more are merged


class Index:
    """The queries of topics, each by its number.

    `sealed` are segments that may lie in files; the later count more. What is added is kept in memory.
    """

    def __init__(self, sealed: Iterable[Segment] = ()) -> None:
        self._open: list[_Opened] = []
        self._sealed = 0
        self._assembler = Assembler()
        self._reader = Reader(Wanted())
        for segment in sealed:
            self._append(segment)
        self._sealed = len(self._open)

    def add(self, topic: int, query: Query) -> None:
        """Have `query` found for `topic`, instead of what was before."""
        self.remove(topic)
        self._assembler.add(topic, query)

    def remove(self, topic: int) -> None:
        """Have nothing found for `topic`."""
        if topic in self._assembler.topics:
            self._take_in()
        for opened in self._open:
            opened.bury(np.array([topic]))

    def find(self, article: ArticleText) -> list[int]:
        """Return the topics whose queries `article` answers, in order."""
        self._take_in()
        if not self._open:
            return []
        reading = self._reader.read(article)
        return sorted(topic for opened in self._open for topic in opened.topics(reading).tolist())

    def segment(self) -> Segment:
        """Return everything as one segment."""
        self._take_in()
        return merge([opened.part for opened in self._open]) if self._open else Assembler().segment()

    def __len__(self) -> int:
        """Count the topics."""
        return len(self._assembler.topics) + sum(int(opened.alive.sum()) for opened in self._open)

    def _take_in(self) -> None:
        """Make what was added ready to be found."""
        if not self._assembler.topics:
            return
        self._append(self._assembler.segment())
        self._assembler = Assembler()
        if len(self._open) - self._sealed > _FEW:
            own = self._open[self._sealed :]
            del self._open[self._sealed :]
            self._append(merge([opened.part for opened in own]))

    def _append(self, segment: Segment) -> None:
        for opened in self._open:
            opened.bury(segment.topics)
            opened.bury(segment.removed)
        self._open.append(_Opened(segment))
        wanted = self._reader.wanted.with_(segment.needs)
        if wanted != self._reader.wanted:
            self._reader = Reader(wanted)


class _Opened:
    """A segment in use, and which of its topics still count."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.alive = np.ones(len(segment.topics), np.bool_)
        self._search = Search(segment)

    @property
    def part(self) -> Part:
        return Part(self.segment, self.alive)

    def bury(self, topics: Array) -> None:
        self.alive[self.segment.places(topics)] = False

    def topics(self, reading: Reading) -> Array:
        _, at = chosen(self.segment.topic_starts, self._search.queries(reading))
        return self.segment.topics[at[self.alive[at]]]
