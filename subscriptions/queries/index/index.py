"""Queries of topics, and which of them an article answers."""

from collections.abc import Iterable

import numpy as np

from subscriptions.queries.article import ArticleText
from subscriptions.queries.index.arrays import Array, different, within
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
        self._gone: set[int] = set()
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
        self._gone.add(topic)

    def find(self, article: ArticleText) -> list[int]:
        """Return the topics whose queries `article` answers, in order."""
        self._take_in()
        if not self._open:
            return []
        reading = self._reader.read(article)
        found = [opened.topics(reading) for opened in self._open]
        return list(different(np.concatenate(found) if len(found) > 1 else found[0]).tolist())

    def segment(self) -> Segment:
        """Return everything as one segment."""
        self._take_in()
        return merge([opened.part for opened in self._open]) if self._open else Assembler().segment()

    def __len__(self) -> int:
        """Count the topics."""
        self._bury_gone()
        return len(self._assembler.topics) + sum(int(opened.alive.sum()) for opened in self._open)

    def _take_in(self) -> None:
        """Make what was added ready to be found."""
        self._bury_gone()
        if not self._assembler.topics:
            return
        self._append(self._assembler.segment())
        self._assembler = Assembler()
        if len(self._open) - self._sealed > _FEW:
            own = self._open[self._sealed :]
            del self._open[self._sealed :]
            self._append(merge([opened.part for opened in own]))

    def _bury_gone(self) -> None:
        """Bury all that were removed at once: each time a segment is gone through."""
        if self._gone:
            self._bury(np.fromiter(self._gone, np.int64))
            self._gone.clear()

    def _bury(self, topics: Array) -> None:
        for opened in self._open:
            opened.bury(topics)

    def _append(self, segment: Segment) -> None:
        self._bury(np.concatenate([segment.topics, segment.removed]))
        self._open.append(_Opened(segment))
        wanted = self._reader.wanted.with_(segment.needs)
        if wanted != self._reader.wanted:
            self._reader = Reader(wanted)


class _Opened:
    """A segment in use, and which of its topics still count."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.alive = np.ones(len(segment.topics), np.bool_)
        self._are_all_alive = True
        self._asks_each = len(segment.topics) == len(segment.query_keys)
        self._search = Search(segment)

    @property
    def part(self) -> Part:
        return Part(self.segment, self.alive)

    def bury(self, topics: Array) -> None:
        places = self.segment.places(topics)
        self.alive[places] = False
        self._are_all_alive &= not len(places)

    def topics(self, reading: Reading) -> Array:
        """Return the topics that the article answers, some of them several times."""
        at = self._search.queries(reading)
        if not self._asks_each:
            starts = self.segment.topic_starts.take(at)
            counts = self.segment.topic_starts.take(at + 1) - starts
            at = within(starts, counts) if len(counts) and counts.max() > 1 else starts
        if not self._are_all_alive:
            at = at[self.alive[at]]
        return self.segment.topics.take(at)
