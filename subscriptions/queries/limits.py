"""How large a query may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QueryLimits:
    """Upper bounds, all included; these are generous. The settings are stricter with what is saved.

    Characters; words, those in phrases too; parentheses in one another; words of a "near phrase"~5, and the
    number behind it.
    """

    length: int = 100_000
    terms: int = 10_000
    depth: int = 100
    near: int = 10
    distance: int = 100
