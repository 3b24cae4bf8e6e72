"""Made-up words on which all peers mean the same: small letters, and nothing that a stemmer would change."""

from itertools import accumulate
from random import Random

import Stemmer

WORDS = 60_000
_STEMMERS = [Stemmer.Stemmer(language, 0) for language in ("english", "german", "turkish")]
_ONSETS = [*"bdfghjklmnprtvwz", "br", "dr", "fl", "fr", "gl", "gr", "kl", "kr", "pl", "pr", "tr"]
_VOWELS = "aeiou"
_CODAS = ["", "", *"nrlktmdbgp", "rk", "nd", "lt"]
_OPERATORS = {"and", "or", "not"}
_SHORTEST, _LONGEST = 3, 11  # letters
_KERNEL = 8_000  # words that a language is spoken with; the others are names and special terms
_SHORT_RANKS = 300  # the most frequent words of a language are its shortest


def vocabulary() -> list[str]:
    """Return distinct words, the most frequent first."""
    random = Random("vocabulary")  # noqa: S311 - made-up words, no secret
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = 1 if len(words) < _SHORT_RANKS else random.randint(2, 4)
        word = "".join(_syllable(random) for _ in range(syllables))
        if _SHORTEST <= len(word) <= _LONGEST and word not in _OPERATORS and _is_stem(word):
            words[word] = None
    return list(words)


def zipf(count: int, flat: float = 0) -> list[float]:
    """Return cumulative weights by Zipf's law, 1 / rank; `flat` levels the first ranks.

    Beyond some thousands, words are rarer than that in news.
    """
    ranks = (rank + flat for rank in range(1, count + 1))
    return list(accumulate(1 / (rank * (1 + (rank / _KERNEL) ** 2)) for rank in ranks))


def _syllable(random: Random) -> str:
    return "".join(map(random.choice, (_ONSETS, _VOWELS, _CODAS)))


def _is_stem(word: str) -> bool:
    """Two words that no stemmer changes never meet in one stem."""
    return all(stemmer.stemWord(word) == word for stemmer in _STEMMERS)
