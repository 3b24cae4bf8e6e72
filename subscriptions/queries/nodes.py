"""A query as a tree: eight kinds of leaves and the three ways to join them.

Nodes compare by what they ask for. `span` says where in the written query a node stands, for messages.
"""

from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, dataclass_transform

from subscriptions.queries.scripts import is_unspaced

T = TypeVar("T")

Span: TypeAlias = tuple[int, int]
"""Character offsets in the query's text: from, to."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def _node(kind: type[T]) -> type[T]:
    """Make a kind of nodes; only the type checker freezes them: frozen ones take twice as long to make."""
    return dataclass(slots=True, unsafe_hash=True)(kind)


@_node
class Word:
    """One written word, folded, in its parts: `Tel-Aviv` is ("tel", "aviv"), Chinese one part a character.

    A single part in capitals (AI) matches only capitals. With `stem`, a language's code, it also matches what
    has its stem in articles in that language.
    """

    parts: tuple[str, ...]
    stem: str = ""
    span: Span = field(default=(0, 0), compare=False, repr=False)

    @property
    def joined(self) -> str:
        """The word in one piece, as somebody else may spell it; empty where that would be another word."""
        text = "".join(self.parts)
        return "" if text.isdigit() or is_unspaced(text) else text


@_node
class Phrase:
    """Words in quotes: side by side, in this order, exactly as written."""

    words: tuple[Word, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Near:
    """Words with at most `distance` other words between the first and the last of them.

    In any order (and here in that of the alphabet), or `ordered`: as written.
    """

    words: tuple[Word, ...]
    distance: int
    ordered: bool = False
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Prefix:
    """A word whose last part goes on in any way."""

    parts: tuple[str, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Suffix:
    """A word whose first part begins in any way."""

    parts: tuple[str, ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Urgency:
    """An editorial urgency from `first` to `last`, both included; IPTC's 1 is the highest, 8 the lowest."""

    first: int
    last: int
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class MediaTopic:
    """The IPTC Media Topic of `code` or one below it; `codes` are those of all of them."""

    code: str
    codes: frozenset[str] = field(repr=False)
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Field:
    """A leaf that must stand in one field of the article."""

    name: str
    leaf: "Leaf"
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class And:
    """All of these."""

    operands: tuple["Node", ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Or:
    """One of these at least."""

    operands: tuple["Node", ...]
    span: Span = field(default=(0, 0), compare=False, repr=False)


@_node
class Not:
    """Not this; a leaf, once a query is in its normal form."""

    operand: "Node"
    span: Span = field(default=(0, 0), compare=False, repr=False)


Leaf: TypeAlias = Word | Phrase | Near | Prefix | Suffix
Node: TypeAlias = Leaf | Field | Urgency | MediaTopic | And | Or | Not
