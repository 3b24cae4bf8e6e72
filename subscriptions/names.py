"""Finding a row by what a person typed, and telling them what was near when it is not there."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from subscriptions.errors import Missing, Mistake

SLUG_LIMIT = 60
MOST_NAMED = 5
SIGNS = {"+": "plus", "#": "sharp"}  # where they end a word they are part of its name

Row = TypeVar("Row")


def called(rows: Iterable[Row], typed: str, *names: Callable[[Row], object]) -> list[Row]:
    """Give the rows that go by what was typed, in any case; by the first of `names` that fits any."""
    kept = list(rows)
    for name in names:
        if found := [row for row in kept if str(name(row)).casefold() == typed.casefold()]:
            return found
    return []


def only(found: Sequence[Row], kind: str, typed: str, tell_apart: Callable[[Row], object]) -> Row:
    """Give the one row that was found; raises Mistake where it may be any of several."""
    if len(found) > 1:
        ways = " or ".join(str(tell_apart(row)) for row in found[:MOST_NAMED])
        raise Mistake(f"{len(found)} {kind}s are called {typed!r}: say which by {ways}.")
    return found[0]


def missing(kind: str, typed: str, known: Sequence[str], listing: str) -> Missing:
    """Say that there is no such row, with the nearest names or the command that lists them all."""
    near = get_close_matches(typed, known, n=3, cutoff=0.6)
    if near:
        return Missing(f"There is no {kind} {typed!r}: did you mean {' or '.join(near)}?")
    return Missing(f"There is no {kind} {typed!r}", f": `{listing}` shows what there is.")


def slug(text: str) -> str:
    """Make a slug of letters, digits and hyphens, in any script: "United States" -> "united-states".

    Raises Mistake where nothing is left.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    for sign, word in SIGNS.items():  # C++ and C# are two languages
        folded = re.sub(rf"(?<=[\w+#]){re.escape(sign)}(?!\w)", f"-{word}", folded)
    made = re.sub(r"[\W_]+", "-", folded).strip("-")[:SLUG_LIMIT].rstrip("-")
    if not made:
        raise Mistake(f"{text!r} makes no slug: use letters or digits, as in `united-states`.")
    return made
