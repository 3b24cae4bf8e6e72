"""How large a query may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QueryLimits:
    """Upper bounds, all included.

    Characters; words, those in phrases too; parentheses in one another; the number behind a phrase's "~".
    """

    length: int = 10_000
    terms: int = 1_000
    depth: int = 30
    distance: int = 100
