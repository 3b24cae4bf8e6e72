"""The normal form of a query: what asks the same looks the same.

NOT stands before leaves only, AND in AND and OR in OR are one, operands are in order and once.
"""

from functools import partial
from itertools import pairwise

from subscriptions.queries.errors import QueryError
from subscriptions.queries.nodes import (
    And,
    Field,
    Leaf,
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
from subscriptions.queries.scripts import is_unspaced

_OPERATORS = frozenset({"AND", "OR", "NOT", "and", "or", "not"})


def normal(node: Node, text: str) -> Node:
    """Return `node` in normal form. Raises `QueryError` where it asks for nothing, but only excludes."""
    pushed = _pushed(node, negate=False)
    if offender := _only_excludes(pushed):
        raise QueryError(
            text,
            offender[0],
            offender[1] - offender[0],
            f'at "{text[slice(*offender)]}"',
            expected="a word that must be there; what only excludes would ring for nearly every article",
        )
    return pushed


def canonical(node: Node) -> str:
    """Return `node` as a query; parsing it gives `node` again."""
    match node:
        case Or():
            return " OR ".join(map(canonical, node.operands))
        case And():
            return " AND ".join(
                f"({canonical(o)})" if isinstance(o, Or) else canonical(o) for o in node.operands
            )
        case Not():
            return f"NOT {canonical(node.operand)}"
        case Field():
            return f"{node.name}:{canonical(node.leaf)}"
        case _:
            return _leaf(node)


def _leaf(node: Leaf | Urgency) -> str:
    match node:
        case Urgency():
            return f"urgency:{node.first}..{node.last}"
        case Prefix():
            return f"{_spelt(node.parts)}*"
        case Suffix():
            return f"*{_spelt(node.parts)}"
        case Word():
            text = _spelt(node.parts)
            return f"\\{text}" if text in _OPERATORS else text
        case Phrase():
            return _quoted(node.words)
        case Near():
            return f"{_quoted(node.words)}~{'>' * node.ordered}{node.distance}"


def _quoted(words: tuple[Word, ...]) -> str:
    return '"' + " ".join(_spelt(word.parts) for word in words) + '"'


def _spelt(parts: tuple[str, ...]) -> str:
    """Parts as one word; characters of scripts without spaces side by side, others with hyphens."""
    text = parts[0]
    for before, part in pairwise(parts):
        text += part if is_unspaced(before) and is_unspaced(part) else f"-{part}"
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
        by_text.setdefault(canonical(operand), operand)
    if len(by_text) == 1:
        return flat[0]
    return joins(tuple(by_text[text] for text in sorted(by_text, key=_order)), span)


def _order(text: str) -> tuple[bool, str]:
    return text.startswith("NOT "), text


def _only_excludes(node: Node) -> Span | None:
    """Where the part stands that an article with none of the query's words would answer."""
    match node:
        case Not():
            return node.span
        case Or():
            found = (_only_excludes(operand) for operand in node.operands)
            return min((span for span in found if span), default=None)
        case And():
            spans = [_only_excludes(operand) for operand in node.operands]
            return node.span if all(spans) else None
        case _:
            return None
