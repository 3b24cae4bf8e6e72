"""In which language a text is written: its source's word for it, else a guess."""

import re
from functools import cache

import pycld2

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]+")
_ENOUGH = 2_000  # characters to guess from
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "jw": "jv", "mo": "ro"}
_NO_LANGUAGE = ("xx", "zz", "un")  # scripts, jokes and "unknown" in the guesser's list
_CODES = {name.casefold(): code for name, code in pycld2.LANGUAGES}
# Languages of ISO 639-1 that cannot be guessed.
_NOT_GUESSED = (
    "ae an av bm ce ch cr cu cv ff ho hz ii io kg ki kj kr kv kw li lu mh nd ng nv oj pi sc se ty wa"
)


def language_code(written: str) -> str:
    """Return `written` ("EN_gb", "iw") as a language tag in small letters ("en-gb", "he")."""
    first, dash, rest = written.strip().replace("_", "-").lower().partition("-")
    return _OLD_CODES.get(first, first) + dash + rest


def language_named(name: str) -> str:
    """Return the code of a language called `name` in English, or empty."""
    code = _CODES.get(name.casefold(), "")
    return language_code(code) if code else ""


@cache
def language_names() -> tuple[str, ...]:
    """List the languages by their names in English, in small letters."""
    return tuple(name for name, code in _CODES.items() if not code.lower().startswith(_NO_LANGUAGE))


@cache
def known_codes() -> frozenset[str]:
    """List the codes of the languages that have names, as language_code writes them."""
    named = {language_named(name).partition("-")[0] for name in language_names()}
    return frozenset(named.union(_NOT_GUESSED.split()))


def guess_language(text: str) -> str:
    """Return the code of the language `text` is most likely in; empty where that cannot be said."""
    sample = _CONTROLS.sub(" ", text[:_ENOUGH])
    try:
        reliable, _, guesses = pycld2.detect(sample.encode())
    except pycld2.error:
        return ""
    code = str(guesses[0][1])
    return language_code(code) if reliable and code != "un" else ""
