"""Whether and, or, not in small letters join words or are words themselves.

"and" and "or" join where an operand stands on either side; "not" excludes right behind an "and" only, for
"not guilty" is a phrase. Everywhere else they are words.
"""

from dataclasses import replace
from itertools import pairwise

from subscriptions.queries.symbols import Kind, Symbol

_ENDS = frozenset({Kind.WORD, Kind.QUOTED, Kind.CLOSE})
_STARTS = frozenset({Kind.WORD, Kind.QUOTED, Kind.OPEN, Kind.FIELD, Kind.NOT, Kind.PLUS})


def decided(symbols: list[Symbol]) -> list[Symbol]:
    """Return `symbols` without any of kind `SMALL`. The last one is the end."""
    found: list[Symbol] = []
    for symbol, following in pairwise(symbols):
        before = found[-1].kind if found else Kind.END
        found.append(_decided(before, symbol, following) if symbol.kind is Kind.SMALL else symbol)
    return [*found, symbols[-1]]


def _decided(before: Kind, symbol: Symbol, following: Symbol) -> Symbol:
    if symbol.text == "not":
        joins = before is Kind.AND and following.kind in _STARTS
    else:
        goes_on = following.kind in _STARTS or following.text == "not"
        joins = before in _ENDS and goes_on
    return replace(symbol, kind=Kind(symbol.text.upper()) if joins else Kind.WORD)
