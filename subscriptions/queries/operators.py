"""Whether and, or, not in small letters join words or are words themselves.

"and" and "or" join where an operand stands on either side; "not" excludes right behind an "and" only, for
"not guilty" is a phrase. Everywhere else they are words.
"""

from itertools import pairwise

from subscriptions.queries.symbols import Kind, Symbol

_ENDS = frozenset({"word", "quoted", ")"})
_STARTS = frozenset({"word", "quoted", "(", "field", "NOT", "+"})


def decided(symbols: list[Symbol]) -> list[Symbol]:
    """Return `symbols` without any of kind "small". The last one is the end."""
    if not any([symbol.kind == "small" for symbol in symbols]):  # noqa: C419 - a list is quicker
        return symbols
    found: list[Symbol] = []
    for symbol, following in pairwise(symbols):
        if symbol.kind == "small":
            found.append(_decided(found[-1].kind if found else "end", symbol, following))
        else:
            found.append(symbol)
    found.append(symbols[-1])
    return found


def _decided(before: Kind, symbol: Symbol, following: Symbol) -> Symbol:
    if symbol.text == "not":
        joins = before == "AND" and following.kind in _STARTS
    else:
        goes_on = following.kind in _STARTS or following.text == "not"
        joins = before in _ENDS and goes_on
    return symbol._replace(kind=_JOINING[symbol.text] if joins else "word")


_JOINING: dict[str, Kind] = {"and": "AND", "or": "OR", "not": "NOT"}
