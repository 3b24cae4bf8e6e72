"""How spellings of one word become one: capitals, accents, widths, points, digits."""

import re
import unicodedata
from functools import lru_cache

from subscriptions.queries.scripts import IGNORED, LETTERS, MARKS

_IGNORED = re.compile(f"[{IGNORED}]+")
# Hebrew points and cantillation, geresh and gershayim; Arabic harakat and tatweel.
_HEBREW_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u05f3\u05f4]+")
_ARABIC_POINTS = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]+"
)
_ONE_FOR_ANOTHER = str.maketrans(
    # Turkish dotless i; alef with hamza, madda or wasla; maksura, ta marbuta, Persian ya and kaf; yo
    "ıøłđðآأإٱىیةکё",
    "iolddااااييهكе",
    "",
) | str.maketrans({"þ": "th", "æ": "ae", "œ": "oe"})
# The vowel am in two pieces, perhaps around its tone mark.
_THAI_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_LAO_AM = re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2")
_NOT_IN_WORDS = re.compile(f"[^{LETTERS}{MARKS}.,&+#]+")
_CYRILLIC_VOWELS = frozenset("аеиоуыэюяєіїў")
_STRESS = frozenset("\u0300\u0301")
_LATIN_BLOCKS_END = 0x250
_GREEK_BLOCK = range(0x370, 0x400)


def fold(word: str) -> str:
    """Return the one spelling of `word` that all its spellings share.

    Marks are dropped on Latin and Greek bases only: elsewhere they tell letters apart (Russian short i,
    Japanese voiced kana, Hindi and Thai vowels).
    """
    return word.lower() if word.isascii() else _folded(word)


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    text = unicodedata.normalize("NFKC", _IGNORED.sub("", word)).casefold()
    text = _THAI_AM.sub("\\1\u0e33", _LAO_AM.sub("\\1\u0eb3", text))
    text = _HEBREW_POINTS.sub("", _ARABIC_POINTS.sub("", unicodedata.normalize("NFC", text)))
    text = "".join(map(_plain_digit, text.translate(_ONE_FOR_ANOTHER)))
    text = unicodedata.normalize("NFC", _without_accents(unicodedata.normalize("NFD", text)))
    return _NOT_IN_WORDS.sub("", text)


def _without_accents(decomposed: str) -> str:
    kept = []
    base = ""
    for char in decomposed:
        if not unicodedata.combining(char):
            base = char
        elif _is_accent(base, char):
            continue
        kept.append(char)
    return "".join(kept)


def _is_accent(base: str, mark: str) -> bool:
    if base in _CYRILLIC_VOWELS:
        return mark in _STRESS
    return base != "" and (ord(base) < _LATIN_BLOCKS_END or ord(base) in _GREEK_BLOCK)


def _plain_digit(char: str) -> str:
    return str(unicodedata.decimal(char)) if char.isdecimal() else char
