"""Articles read by the kernel: of a text it tells the numbers of the chunks that it knows."""

import secrets
from ctypes import addressof, byref
from functools import cached_property
from typing import Any

import numpy as np

from subscriptions.queries.article import PROSE, ArticleText
from subscriptions.queries.index.arrays import Array
from subscriptions.queries.index.kernel.library import Kernel
from subscriptions.queries.index.kernel.structures import CArticle, CSpellings, CVocabulary, Kept
from subscriptions.queries.index.reader import Reader
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.vocabulary import Lists, LongChunkError, Vocabulary, Wanted

_UNKNOWN = -1
_PLACE, _FIELD, _START, _END, _COLUMNS = 0, 1, 2, 3, 5  # of `struct found`
_BITS = 64


class CompiledReading(Reading):
    """An article whose chunks the kernel has; good until the next one is read."""

    def __init__(self, article: ArticleText, language: str, vocabulary: Vocabulary, table: "Table") -> None:
        self.article = article
        self.vocabulary = vocabulary
        self.table = table
        self._language = language

    @cached_property
    def chunks(self) -> Array:  # type: ignore[override]  # only a closer look asks for it
        """The numbers of its chunks."""
        return self.table.chunks.astype(np.int64)

    @cached_property
    def spans(self) -> dict[str, slice]:  # type: ignore[override]
        """Which of them are a field's."""
        return self.table.spans(self.article)


class CompiledReader(Reader):
    """Reads articles with the kernel; what it does not know yet, the vocabulary learns."""

    def __init__(self, kernel: Kernel, wanted: Wanted) -> None:
        super().__init__(wanted)
        self._kernel = kernel
        self._tables: dict[str, Table] = {}

    def _read_with(self, known: Vocabulary, article: ArticleText, language: str) -> Reading:
        table = self._tables.get(known.language)
        if table is None or table.vocabulary is not known:
            table = self._tables[known.language] = Table(self._kernel, known)
        try:
            table.read(article)
        except LongChunkError:
            table.take(super()._read_with(known, article, language))
        return CompiledReading(article, language, known, table)


class Table:
    """A vocabulary as the kernel knows it, and room for one article."""

    def __init__(self, kernel: Kernel, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.known, self.article = CVocabulary(), CArticle()
        self._kernel = kernel
        self._kept = Kept()
        self._known, self._article = byref(self.known), byref(self.article)
        self.known_address, self.article_address = addressof(self.known), addressof(self.article)
        self.known.secret[:] = [secrets.randbits(_BITS), secrets.randbits(_BITS)]
        self._used = 0
        self._slots: Array = np.zeros((0, 2), np.int64)
        self._make_slots(1 << 12)
        self._make_room(1 << 10)
        self._point()

    @property
    def chunks(self) -> Array:
        """The numbers of the article's chunks."""
        return self._chunks[: self.article.count]

    def spans(self, article: ArticleText) -> dict[str, slice]:
        """Return which chunks are a field's, of the fields that say something."""
        begins, ends = self.article.begins, self.article.ends
        return {
            field: slice(begins[number], ends[number])
            for number, field in enumerate(PROSE)
            if getattr(article, field)
        }

    def read(self, article: ArticleText) -> None:
        """Read an article. Raises LongChunkError where a chunk must be taken apart first."""
        texts = _encoded(article.title), _encoded(article.summary), _encoded(article.body)
        title, summary, body = map(len, texts)
        needed = (title + summary + body) // 2 + 2 * len(texts)
        if needed > len(self._chunks):
            self._make_room(needed)
        unknown = self._kernel.read_article(
            self._known, self._article, texts[0], title, texts[1], summary, texts[2], body
        )
        if unknown:
            self._learn(texts, unknown)

    def take(self, reading: Reading) -> None:
        """Take over what was read otherwise."""
        if len(reading.chunks) > len(self._chunks):
            self._make_room(len(reading.chunks))
        self.article.count = len(reading.chunks)
        self._chunks[: self.article.count] = reading.chunks
        for number, field in enumerate(PROSE):
            span = reading.spans.get(field, slice(0, 0))
            self.article.begins[number], self.article.ends[number] = span.start, span.stop
        self._point()

    def _learn(self, texts: tuple[bytes, ...], unknown: int) -> None:
        learnt = len(self.vocabulary)
        try:
            for place, field, start, end, _ in self._found[:unknown].tolist():
                chunk = texts[field][start:end].decode("utf-8", "surrogatepass")
                self._chunks[place] = self.vocabulary.number_of(chunk)
        finally:
            if len(self.vocabulary) > learnt:
                self.vocabulary.settle()
                self._point()
        self._used += unknown
        if 3 * self._used > 2 * self.known.slot_count:
            self._make_slots(2 * self._used)
        self._kernel.keep_chunks(self._known, self._article, unknown)

    def _make_room(self, chunks: int) -> None:
        self._chunks = np.empty(2 * chunks, np.int32)
        self._found = np.empty((2 * chunks, _COLUMNS), np.int64)
        self.article.chunks = self._kept.at("chunks", self._chunks, np.int32)
        self.article.found = self._kept.at("found", self._found, np.int64)

    def _make_slots(self, least: int) -> None:
        count = 1 << (least - 1).bit_length()
        before, *was = self._slots, self.known.slots, self.known.slot_count
        self._slots = np.full((count, 2), _UNKNOWN, np.int64)
        self.known.slots = self._kept.at("slots", self._slots, np.int64)
        self.known.slot_count = count
        if len(before):
            self._kernel.move_chunks(self._known, *was)

    def _point(self) -> None:
        """Tell the kernel where the vocabulary's arrays lie now."""
        _point_at(self.known.found_by, self.vocabulary.found_by, self._kept, "found by")
        _point_at(self.known.written, self.vocabulary.written, self._kept, "written")
        self.known.widths = self._kept.at("widths", self.vocabulary.widths.room, np.uint8)


def _point_at(structure: CSpellings, lists: Lists, kept: Kept, name: str) -> None:
    for part, dtype in _PARTS.items():
        setattr(structure, part, kept.at(f"{name} {part}", getattr(lists, part).room, dtype))


_PARTS: dict[str, Any] = {
    "starts": np.int32,
    "counts": np.int32,
    "names": np.uint64,
    "positions": np.uint8,
    "afters": np.uint8,
}


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
