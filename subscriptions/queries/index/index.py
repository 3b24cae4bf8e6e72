"""Queries of topics, and which of them an article answers."""

from collections.abc import Iterable

import numpy as np

from subscriptions.queries.article import ArticleText
from subscriptions.queries.index.arrays import Array
from subscriptions.queries.index.assemble import Assembler
from subscriptions.queries.index.merge import Part, merge
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.segment import Segment
from subscriptions.queries.index.steps import Steps, fastest_steps
from subscriptions.queries.index.vocabulary import Wanted
from subscriptions.queries.query import Query

_FEW = 4  # segments of its own that an index looks into one by one; more are merged


class Index:
    """The queries of topics, each by its number.

    `sealed` are segments that may lie in files; the later count more. What is added is kept in memory.
    `steps` are those that find: the fastest there are, if nothing else is said.
    """

    def __init__(self, sealed: Iterable[Segment] = (), *, steps: Steps | None = None) -> None:
        self._steps = steps or fastest_steps()
        self._open: list[_Opened] = []
        self._sealed = 0
        self._assembler = Assembler()
        self._reader = self._steps.reader(Wanted())
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
        if len(found) > 1:  # a topic counts in one segment only
            found = [np.sort(np.concatenate(found))]
        topics: list[int] = found[0].tolist()
        return topics

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
        self._open.append(_Opened(segment, self._steps))
        wanted = self._reader.wanted.with_(segment.needs)
        if wanted != self._reader.wanted:
            self._reader = self._steps.reader(wanted)


class _Opened:
    """A segment in use, and which of its topics still count."""

    def __init__(self, segment: Segment, steps: Steps) -> None:
        self.segment = segment
        self.alive = np.ones(len(segment.topics), np.bool_)
        self._are_all_alive = True
        self._search = steps.search(segment)

    @property
    def part(self) -> Part:
        return Part(self.segment, self.alive)

    def bury(self, topics: Array) -> None:
        places = self.segment.places(topics)
        self.alive[places] = False
        self._are_all_alive &= not len(places)

    def topics(self, reading: Reading) -> Array:
        """Return the topics that the article answers, in order."""
        return self._search.topics(reading, None if self._are_all_alive else self.alive)
