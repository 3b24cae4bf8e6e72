"""Stems, for topics that ask for all words made from theirs: `stem:english` at the beginning of a query.

Languages that bend nearly every noun (German, Turkish, Russian, Greek, Hindi) need not be asked for: see
`wordforms`.
"""

import Stemmer

from subscriptions.queries.language import language_code, language_named

_LANGUAGES = {
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "hungarian": "hu",
    "italian": "it",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "spanish": "es",
    "swedish": "sv",
}
NAMES = tuple(_LANGUAGES)
STEMMED = frozenset(_LANGUAGES.values())
_ALWAYS = frozenset({"de", "el", "hi", "ru", "tr"})
_STEMMERS = {code: Stemmer.Stemmer(name, 0) for name, code in _LANGUAGES.items()}  # 0: forms are cached
_LENGTHS = range(4, 41)  # letters; shorter words have no endings, and longer ones are hostile


def stem_language(written: str) -> str | None:
    """Return the code of a language that is stemmed on demand, by name or code; empty if it always is.

    None where there is no stemmer for it.
    """
    name = written.casefold()
    code = _LANGUAGES.get(name) or language_named(name) or language_code(name)
    return code if code in STEMMED else "" if code in _ALWAYS else None


def stem(word: str, code: str) -> str:
    """Return the stem of a folded word in a language of `STEMMED`."""
    return str(_STEMMERS[code].stemWord(word)) if len(word) in _LENGTHS else word
