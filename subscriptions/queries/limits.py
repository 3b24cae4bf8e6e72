"""How large a query may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QueryLimits:
    """Upper bounds, all included.

    Characters; words, those in phrases too; parentheses in one another; words of a "near phrase"~5, and the
    number behind it.
    """

    length: int = 10_000
    terms: int = 1_000
    depth: int = 30
    near: int = 10
    distance: int = 100
