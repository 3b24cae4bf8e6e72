"""Articles read with the vocabulary of their language."""

from collections.abc import Callable, Iterable

from subscriptions.queries.article import PROSE, ArticleText
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.vocabulary import (
    CHUNKS,
    Chunk,
    LongChunkError,
    Vocabulary,
    Wanted,
    taken_apart,
    vocabulary_for,
)
from subscriptions.queries.language import guess_language, language_code


class Reader:
    """Reads articles, and keeps what it learns of their words; `wanted` is what queries ask for."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._vocabularies: dict[str, Vocabulary] = {}

    def read(self, article: ArticleText) -> Reading:
        """Read an article in its language, or the one it most likely is in."""
        language = language_code(article.language) or guess_language(
            f"{article.title}\n{article.summary}\n{article.body}"
        )
        alike = vocabulary_for(language, self.wanted)
        known = self._vocabularies.get(alike)
        if known is None or len(known) > CHUNKS:
            known = self._vocabularies[alike] = Vocabulary(alike, self.wanted)
        return self._read_with(known, article, language)

    def _read_with(self, known: Vocabulary, article: ArticleText, language: str) -> Reading:
        try:
            chunks, spans = _split(article, str.split)
            numbers = known.read(chunks)
        except LongChunkError:
            chunks, spans = _split(article, taken_apart)
            numbers = known.read(chunks)
        return Reading(article, language, known, numbers, spans)


def _split(
    article: ArticleText, into_chunks: Callable[[str], Iterable[Chunk]]
) -> tuple[list[Chunk], dict[str, slice]]:
    chunks: list[Chunk] = []
    spans = {}
    for field in PROSE:
        if text := getattr(article, field):
            begin = len(chunks)
            chunks += into_chunks(text)
            spans[field] = slice(begin, len(chunks))
            chunks.append(None)
    return chunks, spans
