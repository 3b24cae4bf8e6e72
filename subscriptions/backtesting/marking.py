"""A text with the words that matched marked in it. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

AROUND = 70  # characters of a long text on either side of its first marked word
ELLIPSIS = "…"
Span = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of text that is marked, or is not."""

    text: str
    marked: bool


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Cut a text at its marked spans (characters from and to); those that overlap are one."""
    found: list[Piece] = []
    at = 0
    for start, end in _apart(spans):
        found += [Piece(text[at:start], marked=False), Piece(text[start:end], marked=True)]
        at = end
    return [piece for piece in [*found, Piece(text[at:], marked=False)] if piece.text]


def excerpt(text: str, spans: Sequence[Span]) -> list[Piece]:
    """Cut out of a text what stands around its first marked span, at spaces where there are any."""
    first, last = min(spans)
    start, end = _word_start(text, first - AROUND, first), _word_end(text, last + AROUND, last)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    before, after = ELLIPSIS * (start > 0), ELLIPSIS * (end < len(text))
    cut = pieces(text[start:end], inside)
    edges = [Piece(before, marked=False)], [Piece(after, marked=False)]
    return [piece for piece in [*edges[0], *cut, *edges[1]] if piece.text]


def _apart(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _word_start(text: str, wanted: int, latest: int) -> int:
    if wanted <= 0:
        return 0
    space = text.find(" ", wanted, latest)
    return space + 1 if space >= 0 else wanted


def _word_end(text: str, wanted: int, earliest: int) -> int:
    if wanted >= len(text):
        return len(text)
    space = text.rfind(" ", earliest, wanted)
    return space if space >= 0 else wanted
