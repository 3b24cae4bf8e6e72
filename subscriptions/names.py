"""Finding a row by what a person typed, and telling them what was near when it is not there."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from subscriptions.errors import Mistake

SLUG_LIMIT = 60


def missing(kind: str, typed: str, known: Sequence[str], listing: str) -> Mistake:
    """Say that there is no such row, with the nearest names or the command that lists them all."""
    near = get_close_matches(typed, known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"`{listing}` shows what there is."
    return Mistake(f"There is no {kind} {typed!r}: {hint}")


def slug(text: str) -> str:
    """Make a slug of letters, digits and hyphens, in any script: "United States" -> "united-states".

    Raises Mistake where nothing is left.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    made = re.sub(r"[\W_]+", "-", folded).strip("-")[:SLUG_LIMIT].rstrip("-")
    if not made:
        raise Mistake(f"{text!r} makes no slug: use letters or digits, as in `united-states`.")
    return made
