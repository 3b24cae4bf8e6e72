"""What is wrong with a topic query, and where."""

import unicodedata

from subscriptions.errors import Mistake

_SHOWN = 72  # columns of the query that fit a terminal line beside a margin


class QueryError(Mistake):
    """A query that cannot be used.

    `position` and `length` are characters of the query, counted from 0; `expected` says what would have been
    right there; `suggestion` is a text to write instead, or empty. `str()` is one sentence, counting from 1.
    """

    def __init__(
        self, text: str, position: int, length: int, found: str, *, expected: str, suggestion: str = ""
    ) -> None:
        self.text = text
        self.position = position
        self.length = length
        self.expected = expected
        self.suggestion = suggestion
        hint = f" Did you mean {suggestion} ?" if suggestion else ""
        super().__init__(f"At character {position + 1}, {found}: expected {expected}.{hint}")

    def pointer(self) -> str:
        """Two lines: the query around the place, and carets under the place."""
        first = max(0, self.position - _SHOWN // 2)
        line = "".join(map(_printable, self.text[first : first + _SHOWN]))
        place = self.position - first
        indent = sum(map(_columns, line[:place]))
        carets = sum(map(_columns, line[place : place + self.length]))
        return f"{line}\n{' ' * indent}{'^' * max(1, carets)}"


def _printable(char: str) -> str:
    return " " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
