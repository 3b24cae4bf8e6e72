"""The normal form of a query: what asks the same looks the same.

NOT stands before leaves only, AND in AND and OR in OR are one, operands are in order and once.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

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


class Normal(NamedTuple):
    """A node in normal form, how it is spelt, and the operands that it joins, by their spelling."""

    node: Node
    text: str
    operands: Mapping[str, "Normal"] = {}


def normal(node: Node, text: str) -> Normal:
    """Return `node` in normal form. Raises `QueryError` where nearly every article would answer it."""
    found = _pushed(node, negate=False)
    if broad := too_broad(found.node):
        start, end = broad.span
        raise QueryError(text, start, end - start, f'at "{text[start:end]}"', expected=broad.expected)
    return found


def canonical(node: Node) -> str:
    """Return `node` as a query; parsing it gives `node` again."""
    return with_stem(stem_of(node), _spelt(node))


def with_stem(stem: str, spelt: str) -> str:
    """Return how a query is spelt that stems in the language of code `stem`, or in none."""
    return f"stem:{stem} {spelt}" if stem else spelt


def stem_of(node: Node) -> str:
    """Return the code of the language in which a word of `node` is stemmed; empty if none is."""
    match node:
        case Word():
            return node.stem
        case And() | Or():
            return next(filter(None, map(stem_of, node.operands)), "")
        case Not():
            return stem_of(node.operand)
        case Field():
            return stem_of(node.leaf)
        case Near():
            return next(filter(None, map(stem_of, node.words)), "")
        case _:
            return ""


def _spelt(node: Node) -> str:
    match node:
        case And() | Or():
            return _spelt_joined(node, map(_spelt, node.operands))
        case Not():
            return f"NOT {_spelt(node.operand)}"
        case Field():
            return f"{node.name}:{_spelt(node.leaf)}"
        case _:
            return _leaf(node)


def _spelt_joined(node: And | Or, texts: Iterable[str]) -> str:
    if isinstance(node, Or):
        return " OR ".join(texts)
    operands = zip(node.operands, texts, strict=True)
    return " AND ".join([f"({text})" if isinstance(each, Or) else text for each, text in operands])


def _leaf(node: Leaf | Urgency | MediaTopic) -> str:
    match node:
        case Word():
            return _word(node.parts)
        case Phrase():
            return _quoted(node.words)
        case Near():
            return f"{_quoted(node.words)}~{'>' * node.ordered}{node.distance}"
        case Prefix():
            return f"{_in_parts(node.parts)}*"
        case Suffix():
            return f"*{_in_parts(node.parts)}"
        case Urgency():
            return f"urgency:{node.first}..{node.last}"
        case MediaTopic():
            return f"mediatopic:{node.code}"


def _word(parts: tuple[str, ...]) -> str:
    text = _in_parts(parts)
    return f"\\{text}" if text in _OPERATORS else text


def _quoted(words: tuple[Word, ...]) -> str:
    return '"' + " ".join(_in_parts(word.parts) for word in words) + '"'


def _in_parts(parts: tuple[str, ...]) -> str:
    """Parts as one word; characters of scripts without spaces side by side, others with hyphens."""
    text = parts[0]
    if len(parts) == 1:
        return text
    for before, part in pairwise(parts):
        text += part if are_cut(before, part) else f"-{part}"
    return text


def _pushed(node: Node, *, negate: bool) -> Normal:
    match node:
        case Word() if not negate:
            return Normal(node, _word(node.parts))
        case Not():
            pushed = _pushed(node.operand, negate=not negate)
            if isinstance(pushed.node, Not):
                return pushed._replace(node=Not(pushed.node.operand, node.span))
            return pushed
        case And() | Or():
            joins = And if isinstance(node, And) is not negate else Or
            return _joined(joins, [_pushed(operand, negate=negate) for operand in node.operands], node.span)
        case _ if negate:
            return Normal(Not(node, node.span), f"NOT {_spelt(node)}")
        case _:
            return Normal(node, _spelt(node))


def _joined(joins: type[And | Or], operands: list[Normal], span: Span) -> Normal:
    by_text: dict[str, Normal] = {}
    for operand in operands:
        if isinstance(operand.node, joins):
            for text, inner in operand.operands.items():
                by_text.setdefault(text, inner)
        else:
            by_text.setdefault(operand.text, operand)
    if len(by_text) == 1:
        return operands[0]
    texts = sorted(by_text)
    if any(map(_excludes, texts)):
        texts.sort(key=_excludes)
    node = joins(tuple([by_text[text].node for text in texts]), span)
    return Normal(node, _spelt_joined(node, texts), by_text)


def _excludes(text: str) -> bool:
    return text.startswith("NOT ")
