"""A text as runs of words: what stands between spaces, taken apart into the parts that count.

The same for articles and queries, so that both sides cut alike. Everything is linear in the text: the
patterns are possessive and never go back.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from subscriptions.queries.folding import fold
from subscriptions.queries.scripts import HEBREW, IGNORED, LETTERS, MARKS, UNSPACED, is_unspaced

HYPHENS = "\\-\u2010-\u2013\u2212\u05be\uff0d"
APOSTROPHES = "'\u2018\u2019\u02bc\u02bb`\u00b4\uff07\u05f3"
HEBREW_QUOTES = '"\u201c\u201d\u201e\u05f4'
_LONGEST_KEPT = 50  # characters of a chunk whose words are kept: longer ones seldom come again
_LONGEST_JOINED = 100  # characters of a run that is also found in one piece

# ASCII goes first and apart: a class of all scripts' letters takes microseconds to say no to a space.
_LETTER = rf"(?:[A-Za-z0-9]|(?![\x00-\x7f])[{LETTERS}])"
_WORD = rf"{_LETTER}(?:[A-Za-z0-9]++|(?![\x00-\x7f])[{LETTERS}{MARKS}{IGNORED}])*"
_UNIT = rf"{_WORD}(?:\+\+|#(?!{_LETTER}))?"
_HEBREW_QUOTE = rf"(?<=[{HEBREW}\u0591-\u05c7])[{HEBREW_QUOTES}](?=[{HEBREW}])"
_JOIN = rf"(?:[{HYPHENS}{APOSTROPHES}.&]|(?<=[0-9]),(?=[0-9])|{_HEBREW_QUOTE})"
_RUN = re.compile(rf"{_UNIT}(?:{_JOIN}{_UNIT})*")
_NOT_HYPHENS = re.compile(f"[^{HYPHENS}]++")
_NOT_APOSTROPHES = re.compile(f"[^{APOSTROPHES}]++")
_NOT_DOTS = re.compile(r"[^.&,]++")
# U.S., and Spanish plurals: EE.UU.
_INITIALS = re.compile(rf"[^\W\d_][{MARKS}]?(?:\.[^\W\d_][{MARKS}]?)+|([A-Z])\1(?:\.([A-Z])\2)+")
_NUMBER = re.compile(r"\d++(?:[.,]\d++)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d++)?")
_SHORT_PAIR = re.compile(r"[A-Za-z0-9]{1,3}&[A-Za-z0-9]{1,3}")  # AT&T, R&D
_SHORT_NAME = re.compile(r"[A-Za-z]{1,2}(?:\+\+|#)")  # C++, C#, F#
_SIGNS = re.compile("[+#]")  # C++ stays a word of its own
_HEBREW = re.compile(f"[{HEBREW}]")
_HEBREW_MARKS = re.compile(f"[{APOSTROPHES}{HEBREW_QUOTES}]")
# Thai and Lao am belongs to its consonant: in one piece, or as a ring, perhaps a tone mark, and a long a.
_RING, _LONG_A, _TONE = "[\u0e4d\u0ecd]", "[\u0e32\u0eb2]", "[\u0e48-\u0e4b\u0ec8-\u0ecb]"
_AM = f"[\u0e33\u0eb3]|(?<={_RING}){_LONG_A}|(?<={_RING}{_TONE}){_LONG_A}"
_CLUSTER = re.compile(
    f"[{UNSPACED}](?<![{MARKS}])[{MARKS}{IGNORED}]*+(?:(?:{_AM})[{MARKS}{IGNORED}]*+)?|(?:[^{UNSPACED}]|[{MARKS}])+"
)
# What French, Italian and Catalan leave of a little word before a vowel.
_ELISION = re.compile(
    rf"(?:[ldjcsnmtLJCSNMT]|(?:lors|puis|jus|quoi)?qu|Qu|dell|all|nell|sull|dall|quell|un)(?=[{APOSTROPHES}])",
)


class Part(NamedTuple):
    """One word that counts: as written, less marks that mean nothing; from and to are offsets in the text."""

    written: str
    start: int
    end: int


class Run(NamedTuple):
    """Parts in order, and the spellings of the whole in one piece ("telaviv" of "Tel-Aviv")."""

    parts: list[Part]
    joined: tuple[str, ...]


def runs(text: str) -> Iterator[Run]:
    """Yield all words of `text` in order."""
    for found in _RUN.finditer(text):
        written = found[0]
        if is_simple(written) or (written.isalnum() and _is_plain(written)):
            yield Run([Part(written, found.start(), found.end())], ())
        elif (run := _run(text, written, found.start())).parts:
            yield run


def are_cut(before: str, part: str) -> bool:
    """Whether two parts written side by side are read as two parts again."""
    if not (is_unspaced(before) and is_unspaced(part)):
        return False
    first = _CLUSTER.match(before + part)
    return first is not None and first[0] == before


def words_in(text: str) -> list[tuple[str, ...]]:
    """Return what is written in each run of `text`, part by part: no run goes on behind a space."""
    found: list[tuple[str, ...]] = []
    for chunk in text.split():
        if is_simple(chunk):
            found.append((chunk,))
        else:
            found += _words_kept(chunk) if len(chunk) <= _LONGEST_KEPT else _words_of_chunk(chunk)
    return found


def _words_of_chunk(chunk: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.written for part in run.parts) for run in runs(chunk))


_words_kept = lru_cache(maxsize=1 << 16)(_words_of_chunk)


def is_simple(chunk: str) -> bool:
    """Whether what stands between spaces is one word as it is written: most are, and need no closer look."""
    return chunk.isascii() and chunk.isalnum()


def _is_plain(written: str) -> bool:
    return not is_unspaced(written) and fold(written) != ""


def _run(text: str, written: str, offset: int) -> Run:
    parts = [
        part
        for segment in _NOT_HYPHENS.finditer(written)
        for part in _of_segment(segment[0], offset + segment.start())
        if fold(part.written)
    ]
    if parts and text.startswith(".", parts[-1].end) and "." in text[parts[-1].start : parts[-1].end]:
        last = parts[-1]
        parts[-1] = last._replace(end=last.end + (not last.written[-1].isdigit()))  # the dot of "U.S."
    return Run(parts, _joined(written, parts) if len(written) <= _LONGEST_JOINED else ())


def _joined(written: str, parts: list[Part]) -> tuple[str, ...]:
    letters = "".join(char for char in written if char.isalnum())
    is_whole = len(parts) == 1 and not parts[0].written.isalnum()  # AT&T, C++
    if is_whole or not letters or letters.isdigit() or is_unspaced(letters):
        return ()
    whole = {fold(letters), "".join(fold(part.written) for part in parts)}
    return tuple(sorted(whole - {fold(part.written) for part in parts}))


def _of_segment(segment: str, offset: int) -> Iterator[Part]:
    """Yield the parts of what stands between hyphens."""
    if is_unspaced(segment):
        yield from _between_apostrophes(segment, offset)
    elif _INITIALS.fullmatch(segment):
        yield Part(segment.replace(".", "").upper(), offset, offset + len(segment))
    elif _HEBREW.search(segment) and not _SIGNS.search(segment):
        yield Part(_HEBREW_MARKS.sub("", segment), offset, offset + len(segment))
    elif elision := _ELISION.match(segment):
        rest = elision.end() + 1
        is_verb = segment[0] in "jJ"  # "J'AI" is no AI
        for part in _between_apostrophes(segment[rest:], offset + rest):
            yield part._replace(written=part.written.lower()) if is_verb else part
    else:
        yield from _between_apostrophes(segment, offset)


def _between_apostrophes(segment: str, offset: int) -> Iterator[Part]:
    pieces = list(_NOT_APOSTROPHES.finditer(segment))
    if len(pieces) > 1 and pieces[-1][0] in {"s", "S"}:  # Israel's
        pieces.pop()
    for piece in pieces:
        yield from _between_dots(piece[0], offset + piece.start())


def _between_dots(piece: str, offset: int) -> Iterator[Part]:
    if _NUMBER.fullmatch(piece):
        plain = piece.replace(",", "") if _THOUSANDS.fullmatch(piece) else piece
        yield Part(plain, offset, offset + len(piece))
    elif _SHORT_PAIR.fullmatch(piece) or _SHORT_NAME.fullmatch(piece):
        yield Part(piece, offset, offset + len(piece))
    else:
        for bit in _NOT_DOTS.finditer(piece):
            yield from _by_script(bit[0].rstrip("+#"), offset + bit.start())


def _by_script(bit: str, offset: int) -> Iterator[Part]:
    if not is_unspaced(bit):
        yield Part(bit, offset, offset + len(bit))
        return
    for cluster in _CLUSTER.finditer(bit):
        yield Part(cluster[0], offset + cluster.start(), offset + cluster.end())
