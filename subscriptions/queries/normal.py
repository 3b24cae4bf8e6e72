"""The normal form of a query: what asks the same looks the same.

NOT stands before leaves only, AND in AND and OR in OR are one, operands are in order and once.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain, pairwise

from subscriptions.queries.breadth import too_broad
from subscriptions.queries.errors import QueryError
from subscriptions.queries.nodes import (
    And,
    Field,
    Leaf,
    MediaTopic,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Span,
    Suffix,
    Urgency,
    Word,
)
from subscriptions.queries.runs import are_cut

_OPERATORS = frozenset({"AND", "OR", "NOT", "and", "or", "not"})


def normal(node: Node, text: str) -> Node:
    """Return `node` in normal form. Raises `QueryError` where nearly every article would answer it."""
    pushed = _pushed(node, negate=False)
    if broad := too_broad(pushed):
        start, end = broad.span
        raise QueryError(text, start, end - start, f'at "{text[start:end]}"', expected=broad.expected)
    return pushed


def canonical(node: Node) -> str:
    """Return `node` as a query; parsing it gives `node` again."""
    stem = stem_of(node)
    return f"stem:{stem} {_spelt(node)}" if stem else _spelt(node)


def stem_of(node: Node) -> str:
    """Return the code of the language in which a word of `node` is stemmed; empty if none is."""
    return next(_stems(node), "")


def _stems(node: Node) -> Iterator[str]:
    match node:
        case And() | Or():
            yield from chain.from_iterable(map(_stems, node.operands))
        case Not():
            yield from _stems(node.operand)
        case Field():
            yield from _stems(node.leaf)
        case Near():
            yield from chain.from_iterable(map(_stems, node.words))
        case Word() if node.stem:
            yield node.stem


def _spelt(node: Node) -> str:
    match node:
        case Or():
            return " OR ".join(map(_spelt, node.operands))
        case And():
            return " AND ".join(f"({_spelt(o)})" if isinstance(o, Or) else _spelt(o) for o in node.operands)
        case Not():
            return f"NOT {_spelt(node.operand)}"
        case Field():
            return f"{node.name}:{_spelt(node.leaf)}"
        case _:
            return _leaf(node)


def _leaf(node: Leaf | Urgency | MediaTopic) -> str:
    match node:
        case Urgency():
            return f"urgency:{node.first}..{node.last}"
        case MediaTopic():
            return f"mediatopic:{node.code}"
        case Prefix():
            return f"{_in_parts(node.parts)}*"
        case Suffix():
            return f"*{_in_parts(node.parts)}"
        case Word():
            text = _in_parts(node.parts)
            return f"\\{text}" if text in _OPERATORS else text
        case Phrase():
            return _quoted(node.words)
        case Near():
            return f"{_quoted(node.words)}~{'>' * node.ordered}{node.distance}"


def _quoted(words: tuple[Word, ...]) -> str:
    return '"' + " ".join(_in_parts(word.parts) for word in words) + '"'


def _in_parts(parts: tuple[str, ...]) -> str:
    """Parts as one word; characters of scripts without spaces side by side, others with hyphens."""
    text = parts[0]
    for before, part in pairwise(parts):
        text += part if are_cut(before, part) else f"-{part}"
    return text


def _pushed(node: Node, *, negate: bool) -> Node:
    match node:
        case Not():
            pushed = _pushed(node.operand, negate=not negate)
            return Not(pushed.operand, node.span) if isinstance(pushed, Not) else pushed
        case And() | Or():
            joins = And if isinstance(node, And) is not negate else Or
            operands = list(map(partial(_pushed, negate=negate), node.operands))
            return _joined(joins, operands, node.span)
        case _:
            return Not(node, node.span) if negate else node


def _joined(joins: type[And | Or], operands: list[Node], span: Span) -> Node:
    flat: list[Node] = []
    for operand in operands:
        flat += operand.operands if isinstance(operand, joins) else [operand]
    by_text: dict[str, Node] = {}
    for operand in flat:
        by_text.setdefault(_spelt(operand), operand)
    if len(by_text) == 1:
        return flat[0]
    return joins(tuple(by_text[text] for text in sorted(by_text, key=_order)), span)


def _order(text: str) -> tuple[bool, str]:
    return text.startswith("NOT "), text
