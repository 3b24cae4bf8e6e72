"""Under which forms a word of an article can be found, and which forms a word of a query looks for.

Both sides meet in a plain set of strings. A form in capitals stands for a word written in capitals; one that
begins with "~" for a word without its endings or prefixes, which words in quotes do not ask for: "~strike" of
"strikes", "~ru:выбор" of what is a stem in Russian only.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from subscriptions.queries.folding import fold
from subscriptions.queries.scripts import ARABIC, CYRILLIC, DEVANAGARI, GREEK, HANGUL, HEBREW
from subscriptions.queries.stemming import stem

LONGEST_CAPITALS = 5  # AI, US, WHO, COVID; longer words in capitals are somebody shouting
_SHORTEST_STEM = 3
_LONGEST_STEMMED = 40  # letters; no inflected word is longer, hostile ones are
_LATIN = re.compile("[a-z]+")


def forms_of(written: str, language: str, stemmed: str = "") -> tuple[str, ...]:
    """Return the forms under which a word of an article in `language` (a code, or empty) is found.

    With `stemmed`, the code again, topics that ask for stems find it too.
    """
    exact = exact_forms_of(written)
    inflected = list(_inflected(exact[0], language))
    if stemmed and _LATIN.fullmatch(exact[0]):
        inflected.append(f"{stemmed}:{stem(exact[0], stemmed)}")
    return (*exact, *(f"~{form}" for form in dict.fromkeys(inflected)))


def exact_forms_of(written: str) -> tuple[str, ...]:
    """Return the forms that answer words in quotes: the word, folded, first."""
    word = fold(written)
    if _HANGUL.match(word):
        return (word, *_without_particle(word))
    return (word, *_capitals_written(written))


# The same, kept: for whoever does not keep what comes of it.
forms_written = lru_cache(maxsize=1 << 16)(forms_of)
forms_as_written = lru_cache(maxsize=1 << 16)(exact_forms_of)


@lru_cache(maxsize=1 << 16)
def forms_asked(part: str, stemmed: str = "") -> tuple[str, ...]:
    """Return the forms that answer one part of a query's word; whatever language it may be in.

    With `stemmed`, a language's code, also what has the part's stem there.
    """
    if is_capitals(part):
        return (part,)
    plain, stems = [part], []
    if _LATIN.fullmatch(part):
        plain += _singular(part)
        stems += [form for code in STEMMED_LATIN for form in _stems(part, code)]
        stems += [f"{stemmed}:{stem(part, stemmed)}"] if stemmed else []
    elif _ARABIC.match(part) and part.startswith("ال") and len(part) > _SHORTEST_STEM:
        plain.append(part[2:])
    else:
        stems += [form for code in _stemmers_by_script(part) for form in _stems(part, code)]
    return tuple(dict.fromkeys((*plain, *(f"~{form}" for form in (*plain, *stems)))))


def beginnings_asked(beginning: str) -> tuple[str, str]:
    """Return the beginnings of forms that answer a prefix."""
    return beginning, f"~{beginning}"


def ends_a_word(form: str) -> bool:
    """Whether a form may answer a suffix: a stem, or what stands before another Korean noun, may not."""
    return form[0] != "~" or (":" not in form and not _HANGUL.match(form[1]))


def has_stem(part: str) -> bool:
    """Whether a topic can ask for the stem of a part of its words."""
    return _LATIN.fullmatch(part) is not None


def is_capitals(written: str) -> bool:
    """Whether a word is one of those, like AI or WHO, that mean something else in small letters."""
    return written.isupper() and all(map(str.isupper, written)) and len(fold(written)) <= LONGEST_CAPITALS


def _capitals_written(written: str) -> Iterator[str]:
    if is_capitals(written):
        yield fold(written).upper()
    elif len(written) > 2 and written[-1] == "s" and is_capitals(written[:-1]):  # noqa: PLR2004 - NGOs, not As
        yield fold(written[:-1]).upper()


def _inflected(word: str, language: str) -> Iterator[str]:
    if _LATIN.fullmatch(word):
        yield from _singular(word)
        if language == "es" and _SPANISH_PLURAL.search(word):
            yield word[:-2]
        if language in STEMMED_LATIN:
            yield from _stems(word, language)
    elif _HEBREW.match(word):
        yield from _hebrew_without_prefixes(word)
    elif _ARABIC.match(word):
        yield from _arabic_without_prefixes(word)
    elif _HANGUL.match(word):
        yield from (word[:end] for end in range(2, min(len(word), _LONGEST_STEMMED)))
    else:
        for code in _stemmers_by_script(word):
            yield from _stems(word, code)


# Latin plurals. Whole stemmers are left to topics that ask for them: Snowball makes "import" of
# "important" and "intern" of "international", and such alerts are wrong ones.

_NOT_PLURALS = frozenset({"news", "hamas"})  # "hama" is a city
_SPANISH_PLURAL = re.compile("[^aeiou]es$")  # leyes, huracanes; in other languages "planes" are no plan
_SPANISH = ("iones", "dades", "ores")  # what is no word in English or French without "es"


def _singular(word: str) -> Iterator[str]:
    if not word.endswith(("s", "x")) or word in _NOT_PLURALS or len(word) <= _SHORTEST_STEM:
        return
    if word.endswith("x"):
        yield from [word[:-1]] if word.endswith(("eux", "eaux", "oux")) else []
    elif word.endswith("ies"):
        yield word[:-3] + "y"
        yield word[:-1]
    elif not word.endswith(("ss", "us", "is")):
        yield word[:-1]
        yield from [word[:-2]] if word.endswith(("xes", "sses", "ches", "shes", "zes", *_SPANISH)) else []


# Snowball, where a noun mostly stands in other forms than its dictionary's.

STEMMED_LATIN = ("de", "tr")
ANALYSED_APART = frozenset({*STEMMED_LATIN, "es"})  # a word's forms depend on being in one of these
_STEMMERS = {
    code: Stemmer.Stemmer(name, 0)  # 0: our own cache is enough
    for code, name in {
        "de": "german",
        "tr": "turkish",
        "ru": "russian",
        "el": "greek",
        "hi": "hindi",
    }.items()
}
_CYRILLIC, _GREEK, _DEVANAGARI = (re.compile(f"[{block}]") for block in (CYRILLIC, GREEK, DEVANAGARI))


def _stemmers_by_script(word: str) -> tuple[str, ...]:
    if _CYRILLIC.match(word):
        return ("ru",)
    if _GREEK.match(word):
        return ("el",)
    return ("hi",) if _DEVANAGARI.match(word) else ()


def _stems(word: str, code: str) -> Iterator[str]:
    """Yield the stem, and the word: a stemmer may take one more ending off a word that is a stem."""
    yield f"{code}:{word}"
    if _SHORTEST_STEM < len(word) <= _LONGEST_STEMMED:
        yield f"{code}:{_STEMMERS[code].stemWord(word)}"


# Letters that Hebrew and Arabic write before a word without a space: and, that, from, as, in, to, the.

_HEBREW = re.compile(f"[{HEBREW}]")
_HEBREW_PREFIXES = (
    *(("ו", 0), ("לכש", 1), ("כש", 1), ("מש", 1), ("ש", 1)),
    *(("כ", 2), ("ב", 2), ("ל", 2), ("מ", 2), ("ה", 3)),
)


def _hebrew_without_prefixes(word: str, last_rank: int = -1) -> Iterator[str]:
    for prefix, rank in _HEBREW_PREFIXES:
        rest = word[len(prefix) :]
        if rank > last_rank and word.startswith(prefix) and len(rest) > 1:
            yield rest
            yield from _hebrew_without_prefixes(rest, rank)


_ARABIC = re.compile(f"[{ARABIC}]")


def _arabic_without_prefixes(word: str) -> Iterator[str]:
    particles = [word, word[1:]] if word[0] in "وف" and len(word) > _SHORTEST_STEM else [word]
    for rest in particles:
        if rest is not word:
            yield rest
        for prefix in ("ال", "بال", "كال", "لل"):
            if rest.startswith(prefix) and len(rest) - len(prefix) > 1:
                yield rest[len(prefix) :]
                yield "ال" + rest[len(prefix) :]
        if rest[0] in "بكل" and len(rest) > _SHORTEST_STEM:
            yield rest[1:]


# Korean particles stand behind a noun without a space, and so do further nouns ("Israel" + "army").

_HANGUL = re.compile(f"[{HANGUL}]")
_PARTICLES = (
    *(
        "에서는",
        "으로는",
        "에서",
        "에게",
        "에는",
        "에도",
        "으로",
        "까지",
        "부터",
        "보다",
        "처럼",
        "이나",
        "라고",
    ),
    *("은", "는", "이", "가", "을", "를", "의", "에", "께", "로", "와", "과", "도", "만"),
)


def _without_particle(word: str) -> Iterator[str]:
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) > len(particle):
            yield word[: -len(particle)]
            return
