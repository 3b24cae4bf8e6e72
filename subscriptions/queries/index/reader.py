"""Articles read with the vocabulary of their language."""

from subscriptions.queries.article import ArticleText
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.vocabulary import CHUNKS, Vocabulary, Wanted, vocabulary_for
from subscriptions.queries.language import guess_language, language_code


class Reader:
    """Reads articles, and keeps what it learns of their words; `wanted` is what queries ask for."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._vocabularies: dict[str, Vocabulary] = {}

    def read(self, article: ArticleText) -> Reading:
        """Read an article in its language, or the one it most likely is in."""
        text = f"{article.title}\n{article.summary}\n{article.body}"
        language = language_code(article.language) or guess_language(text)
        alike = vocabulary_for(language, self.wanted)
        known = self._vocabularies.get(alike)
        if known is None or len(known) > CHUNKS:
            known = self._vocabularies[alike] = Vocabulary(alike, self.wanted)
        return Reading(article, language, known)
