"""Which characters make words, as classes for regular expressions.

Blocks are Unicode's; what counts as a letter or a mark is asked of Python's own Unicode tables.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

# Soft hyphen, zero-width characters, directional marks: they hide inside words and mean nothing to a reader.
IGNORED = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"

# Written without spaces between words: one token a character, so that any part of a run can be found.
UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c"  # Han radicals, iteration marks
    "\u3041-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uff66-\uff9f"  # half-width kana
    "\u0e00-\u0e4f\u0e5a-\u0e7f\u0e80-\u0ecf\u0edc-\u0eff"  # Thai and Lao, without their digits
    "\u1000-\u103f\u104a-\u108f\u109a-\u109f\u1780-\u17df"  # Burmese, Khmer, without their digits
)
HEBREW = "\u05d0-\u05ea\u05ef-\u05f2"
ARABIC = "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c7"
CYRILLIC = "\u0400-\u052f"
GREEK = "\u0370-\u03ff\u1f00-\u1fff"
HANGUL = "\uac00-\ud7a3"
DEVANAGARI = "\u0900-\u097f"

_LAST_LISTED = 0x20000  # above it: Han, which is listed as a range, and nothing else that makes words


def _ranges(wanted: Callable[[str], bool]) -> Iterator[str]:
    first: int | None = None
    for code in range(_LAST_LISTED + 1):
        if code < _LAST_LISTED and wanted(chr(code)):
            first = code if first is None else first
        elif first is not None:
            yield rf"\U{first:08x}-\U{code - 1:08x}"
            first = None


MARKS = "".join(_ranges(lambda char: unicodedata.category(char)[0] == "M")) + "\uff9e\uff9f"


def _is_letter(char: str) -> bool:
    """Whether it is a letter or number, and no circled or squared one (those may stand for words)."""
    return char.isalnum() and not "\u3200" <= char <= "\u33ff" and not "\U0001f100" <= char <= "\U0001f2ff"


LETTERS = "".join(_ranges(_is_letter)) + "\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{UNSPACED}]")


def is_unspaced(text: str) -> bool:
    """Whether `text` has characters of scripts that put no spaces between words."""
    return _UNSPACED.search(text) is not None
