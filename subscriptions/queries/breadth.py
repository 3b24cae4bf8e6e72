"""Which queries nearly every article would answer; they are refused.

Each alternative of a query must ask for something that few articles have: a word in the text or in what is
known about an article, a media topic, or an urgency other than normal. What excludes does not count, nor does
a language or a normal urgency. What is left has anchors, by which an index finds it.
"""

from dataclasses import dataclass

from subscriptions.errors import msgid
from subscriptions.queries.nodes import And, Field, Node, Not, Or, Span, Urgency, Word

_NORMAL = 5  # urgency
_IN_ADDRESSES = frozenset({"http", "https", "www", "com"})


@dataclass(frozen=True)
class Broad:
    """The part of a query that is too broad, and what is expected there."""

    span: Span
    expected: str


_EXCLUDES = msgid("a word that must be there; what only excludes would ring for nearly every article")
_LANGUAGE = msgid("a word beside it; a language alone would ring for every article in it")
_URGENCY = msgid("a word beside it, or levels without 5, which nearly every article with an urgency has")
_ADDRESS = msgid("more of the address; nearly every address has that")


def too_broad(node: Node) -> Broad | None:
    """Return the first part of a query in normal form that is too broad, if there is one."""
    match node:
        case Word():
            return None
        case Or():
            found = [broad for operand in node.operands if (broad := too_broad(operand))]
            return min(found, key=lambda broad: broad.span, default=None)
        case And():
            return _all_too_broad(node)
        case Not():
            return Broad(node.span, _EXCLUDES)
        case Urgency():
            return Broad(node.span, _URGENCY) if node.first <= _NORMAL <= node.last else None
        case Field():
            return _field_too_broad(node)
        case _:
            return None


def _all_too_broad(node: And) -> Broad | None:
    found = []
    for operand in node.operands:
        broad = too_broad(operand)
        if broad is None:
            return None
        found.append(broad)
    reasons = {broad.expected for broad in found} - {_EXCLUDES}
    return Broad(node.span, min(reasons, default=_EXCLUDES))


def _field_too_broad(node: Field) -> Broad | None:
    if node.name == "language":
        return Broad(node.span, _LANGUAGE)
    is_common = isinstance(node.leaf, Word) and _IN_ADDRESSES.issuperset(node.leaf.parts)
    return Broad(node.span, _ADDRESS) if node.name == "url" and is_common else None
