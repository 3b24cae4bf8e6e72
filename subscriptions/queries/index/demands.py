"""What a leaf of a query demands of an article, in the names that an article's vocabulary gives.

Most leaves are answered by names alone: one of a word's forms is there. For others (near words, phrases of
five words, hyphens) the names say only where it is worth to look closer.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Literal, TypeAlias

from subscriptions.queries.anchors import anchors
from subscriptions.queries.article import METADATA
from subscriptions.queries.index import names as named
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
    Suffix,
    Urgency,
    Word,
)
from subscriptions.queries.normal import canonical, stem_of
from subscriptions.queries.scripts import is_unspaced
from subscriptions.queries.truth import EXACT
from subscriptions.queries.wordforms import forms_asked

Need: TypeAlias = tuple[Literal["field", "rows", "beginning", "ending", "stem"], str | int]
"""A field; words in a row in one ("" is all prose); so many first or last letters; stems in a language."""
NO_NEEDS: frozenset[Need] = frozenset()  # the same for all, of whom there are many


class Kind(IntEnum):
    """How to look closer."""

    near = 0  # the words, in any order
    ordered = 1  # the words, in this order
    row = 2  # the words, side by side
    text = 3  # as the query says


@dataclass(frozen=True, slots=True)
class Demand:
    """One of these names must be there; `rows` says that they name words in a row. `key` is its own name.

    `needs` says what must be named of an article for that.
    """

    key: int
    names: tuple[int, ...]
    needs: frozenset[Need] = NO_NEEDS
    rows: bool = False


@dataclass(frozen=True)
class Check:
    """What is to be looked at closer where all of `demands` are there: their places, or what `text` says."""

    kind: Kind
    demands: tuple[Demand, ...]
    distance: int = 0
    text: str = ""


def demand(node: Node) -> Demand | Check:
    """Say what a leaf without NOT demands."""
    match node:
        case Word() if len(node.parts) == 1 and not node.stem:
            return _of_plain_word(node.parts[0], "")
        case Word() | Prefix() | Suffix():
            return _of_word(node, "")
        case Field():
            return _of_field(node)
        case Urgency() | MediaTopic():
            names, needs = _least(node)
            return Demand(named.name(f"one of {names}"), names, needs)
        case Phrase() | Near():
            return _of_leaf(node, "", node)
        case _:
            raise AssertionError(node)


def _of_field(node: Field) -> Demand | Check:
    match node.leaf:
        case Word((part,), ""):
            return _of_plain_word(part, node.name)
        case Word() | Prefix() | Suffix():
            return _of_word(node.leaf, node.name)
        case Phrase() | Near():
            return _of_leaf(node.leaf, node.name, node)


@lru_cache(maxsize=1 << 17)  # a million queries are made of some 100,000 words
def _of_plain_word(part: str, field: str) -> Demand | Check:
    word = Word((part,))
    return _of_leaf(word, field, Field(field, word) if field else word)


@lru_cache(maxsize=1 << 16)
def _of_word(word: Word | Prefix | Suffix, field: str) -> Demand | Check:
    return _of_leaf(word, field, Field(field, word) if field else word)


def says_something(field: str) -> Demand:
    """Demand that an article has anything in a field."""
    return Demand(named.has(field), (named.has(field),), _needs_field(field))


def _needs_field(field: str) -> frozenset[Need]:
    return frozenset({("field", field)} if field else ())


def _of_leaf(leaf: Leaf, field: str, node: Node) -> Demand | Check:
    parts = _row(leaf, field)
    if parts:
        names = named.in_field((named.row(map(_name, parts)),), field)
        return Demand(named.name(canonical(node)), names, frozenset({("rows", field)}), rows=True)
    names = _alone(leaf, field)
    if names:
        needs = (_needs_letters(leaf) | _needs_stem(leaf) | _needs_field(field)) or NO_NEEDS
        return Demand(named.name(canonical(node)), named.in_field(names, field), needs)
    return _closer(leaf, field, node)


def _alone(leaf: Leaf, field: str) -> tuple[int, ...]:
    """Return the names of which any answers a leaf, if names can decide."""
    match leaf:
        case Word((part,)):
            return _forms(part, leaf.stem, exact=field in EXACT)
        case Word() if field == "language":  # "pt-br" is one word there
            return (named.name(leaf.joined),)
        case Phrase((Word((part,)),)):
            return (named.name(part),)
        case Prefix((part,)) if len(part) <= named.LONGEST_END:
            return (named.beginning(part),)
        case Suffix((part,)) if len(part) <= named.LONGEST_END:
            return (named.ending(part),)
        case _:
            return ()


def _row(leaf: Leaf, field: str) -> tuple[str, ...]:
    """Return the words that answer a leaf if they stand in a row, where that is what it asks."""
    parts: tuple[str, ...] = ()
    if isinstance(leaf, Word) and all(map(is_unspaced, leaf.parts)):
        parts = leaf.parts
    elif isinstance(leaf, Phrase) and all(len(word.parts) == 1 for word in leaf.words):
        parts = tuple(word.parts[0] for word in leaf.words)
    return parts if 1 < len(parts) <= named.LONGEST_ROW and field not in METADATA else ()


_name = lru_cache(maxsize=1 << 16)(named.name)


def _forms(part: str, stem: str = "", *, exact: bool) -> tuple[int, ...]:
    return tuple(map(named.name, (part,) if exact else forms_asked(part, stem)))


def _closer(leaf: Leaf, field: str, node: Node) -> Check:
    if isinstance(leaf, Near | Phrase) and field not in METADATA:
        exact = isinstance(leaf, Phrase)
        if all(len(word.parts) == 1 for word in leaf.words):
            demands = tuple(_of_part(word, field, exact=exact) for word in leaf.words)
            if isinstance(leaf, Phrase):
                return Check(Kind.row, demands)
            return Check(Kind.ordered if leaf.ordered else Kind.near, demands, leaf.distance)
    return Check(Kind.text, (at_least(node),), text=canonical(node))


@lru_cache(maxsize=1 << 16)
def _of_part(word: Word, field: str, *, exact: bool) -> Demand:
    leaf: Leaf = Phrase((word,)) if exact else word
    names = named.in_field(_forms(word.parts[0], word.stem, exact=exact), field)
    needs = (_needs_field(field) | _needs_stem(leaf)) or NO_NEEDS
    return Demand(named.name(canonical(Field(field, leaf) if field else leaf)), names, needs)


def at_least(node: Node) -> Demand:
    """Demand what every article has that answers `node`."""
    names, needs = _least(node)
    return Demand(named.name(f"one of {names}"), names, needs)


def _least(node: Node) -> tuple[tuple[int, ...], frozenset[Need]]:
    match node:
        case And():
            found = [least for least in map(_least, node.operands) if least[0]]
            return min(found, key=lambda least: len(least[0]), default=((), frozenset()))
        case Or():
            return _one_of(list(map(_least, node.operands)))
        case Not():
            return (), frozenset()
        case Urgency():
            levels = range(node.first, node.last + 1)
            return tuple(map(named.urgency, levels)), _needs_field("urgency")
        case MediaTopic():
            codes = map(named.name, sorted(node.codes))
            return named.in_field(codes, "mediatopic"), _needs_field("mediatopic")
        case Field():
            names, needs = _least(node.leaf)
            return named.in_field(names, node.name), needs | _needs_field(node.name)
        case _:
            names, needs = _one_of([_of_key(key) for key in sorted(anchors(node))])
            return names, needs | _needs_stem(node)


def _one_of(
    found: list[tuple[tuple[int, ...], frozenset[Need]]],
) -> tuple[tuple[int, ...], frozenset[Need]]:
    if not all(names for names, _ in found):
        return (), frozenset()
    names = dict.fromkeys(name for names, _ in found for name in names)
    return tuple(names), frozenset().union(*(needs for _, needs in found))


def _needs_stem(node: Node) -> frozenset[Need]:
    code = stem_of(node)
    return frozenset({("stem", code)} if code else ())


def _needs_letters(leaf: Leaf) -> frozenset[Need]:
    match leaf:
        case Prefix((part,)):
            return frozenset({("beginning", len(part))})
        case Suffix((part,)):
            return frozenset({("ending", len(part))})
        case _:
            return frozenset()


def _of_key(key: str) -> tuple[tuple[int, ...], frozenset[Need]]:
    """Name one of `anchors`."""
    if key.endswith("*"):
        return (named.beginning(key[:-1]),), frozenset({("beginning", len(key) - 1)})
    if key.startswith("*"):
        return (named.ending(key[1:]),), frozenset({("ending", len(key) - 1)})
    return (named.name(key),), frozenset()
