"""From queries to a segment: numbering what they demand, and choosing by what each is found."""

from array import array
from collections.abc import Sequence

import numpy as np

from subscriptions.queries.index import names as named
from subscriptions.queries.index.arrays import Array, starts
from subscriptions.queries.index.conjunctions import Conjunction, conjunctions
from subscriptions.queries.index.demands import Check, Demand, Kind, Need
from subscriptions.queries.index.frequencies import NOTHING_COUNTED, Frequencies
from subscriptions.queries.index.layout import Numbered, Postings, lists, marks
from subscriptions.queries.index.segment import ALWAYS, NEVER, Segment, fitting
from subscriptions.queries.query import Query


class Assembler:
    """Collects queries for a segment."""

    def __init__(self) -> None:
        self._demands: dict[int, int] = {named.name("always"): ALWAYS, named.name("never"): NEVER}
        self._named = array("Q")  # a name, the demand that it meets, and so on
        self._rows = array("Q")
        self._needs: set[Need] = set()
        self._texts: dict[str, int] = {}
        self._queries: dict[int, list[int]] = {}
        self._conjunctions: list[Numbered] = []
        self.topics: set[int] = set()
        self._removed: set[int] = set()

    def add(self, topic: int, query: Query) -> None:
        """Add a topic's query; those that ask the same are kept once."""
        key = named.name(query.canonical)
        topics = self._queries.get(key)
        if topics is None:
            number = len(self._queries)
            self._queries[key] = topics = []
            for each in conjunctions(query):
                self._conjunctions.append(self._numbered(number, each))
        topics.append(topic)
        self.topics.add(topic)

    def remove(self, topic: int) -> None:
        """Note that a topic which earlier segments may have counts no more."""
        self._removed.add(topic)

    def _numbered(self, query: int, conjunction: Conjunction) -> Numbered:
        return Numbered(
            query,
            tuple([tuple(map(self._demand, group)) for group in conjunction.groups]),
            tuple(map(self._demand, conjunction.excluded)),
            tuple(map(self._check, conjunction.checks)),
        )

    def _demand(self, demand: Demand) -> int:
        number = self._demands.get(demand.key)
        if number is None:
            number = self._demands[demand.key] = len(self._demands)
            pairs = self._rows if demand.rows else self._named
            for name in demand.names:
                pairs.append(name)
                pairs.append(number)
            self._needs |= demand.needs
        return number

    def _check(self, check: Check) -> tuple[Kind, int, tuple[int, ...]]:
        if check.kind is Kind.text:
            return check.kind, 0, (self._texts.setdefault(check.text, len(self._texts)),)
        return check.kind, check.distance, tuple(map(self._demand, check.demands))

    def segment(self, frequencies: Frequencies = NOTHING_COUNTED) -> Segment:
        """Lay everything out; `frequencies` tell what is rare in articles."""
        named_demands = np.array(self._named, np.uint64).reshape(-1, 2)
        names, name_starts, name_demands = lists(named_demands[:, 0], named_demands[:, 1])
        rows = np.array(self._rows, np.uint64).reshape(-1, 2)
        rows = rows[np.argsort(rows[:, 0])]
        topics = np.array([topic for topics in self._queries.values() for topic in topics], np.int64)
        postings = Postings(self._frequencies(frequencies))
        for conjunction in self._conjunctions:
            postings.post(conjunction)
        return Segment(
            names=names,
            name_starts=name_starts,
            name_demands=name_demands,
            rows=rows[:, 0].copy(),
            row_demands=rows[:, 1].astype(np.int32),
            row_marks=marks(rows[:, 0]),
            demand_keys=np.fromiter(self._demands, np.uint64),
            **postings.arrays(),
            **_texts(list(self._texts)),
            query_keys=np.fromiter(self._queries, np.uint64),
            topic_starts=starts([len(topics) for topics in self._queries.values()]),
            topics=fitting(topics),
            removed=np.array(sorted(self._removed), np.int64),
            needs=frozenset(self._needs),
        )

    def _frequencies(self, counted: Frequencies) -> list[float]:
        """Return for each demand how many articles meet it; of two alike, what more ask for has more."""
        pairs = np.array(self._named + self._rows, np.uint64).reshape(-1, 2)
        demands = pairs[:, 1].astype(np.int64)
        found = np.bincount(demands, counted.of(pairs[:, 0]), len(self._demands))
        groups = [group for each in self._conjunctions for group in each.groups]
        asked = np.bincount([demand for group in groups for demand in group], minlength=len(self._demands))
        return list((found + asked / (1 + asked.sum())).tolist())


def _texts(texts: Sequence[str]) -> dict[str, Array]:
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return {
        "text_starts": starts([len(text) for text in encoded]),
        "texts": np.frombuffer(b"".join(encoded), np.uint8),
    }
