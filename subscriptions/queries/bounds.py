"""Which articles of a concordance answer a query for sure, and which may: of these only the matcher can tell.

The same three-valued logic as in `truth`, for hundreds of articles at a time. Where words have to stand side
by side, a concordance knows only whether they are there.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from subscriptions.queries.article import METADATA
from subscriptions.queries.concordance import OF_THE_SOURCE, PACKED_FIELDS, Concordance
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
from subscriptions.queries.packed_forms import Articles
from subscriptions.queries.truth import EXACT
from subscriptions.queries.wordforms import beginnings_asked, forms_asked


class Bounds(NamedTuple):
    """Articles that answer for sure, and those that may: all that answer are among them."""

    sure: Articles
    possible: Articles


class _Leaf(NamedTuple):
    """Bounds of a leaf, and the articles of which it can be known: of the others neither it nor NOT holds."""

    sure: Articles
    possible: Articles
    known: Articles


OfTheSource = Callable[[Field], tuple[Articles, Articles]]
"""Articles whose source answers a leaf in `source:` or `family:`, and those whose source has that at all."""


def bounds(node: Node, concordance: Concordance, of_the_source: OfTheSource) -> Bounds:
    """Return the bounds of a query in normal form, or of a part of one."""
    match node:
        case And():
            return _joined(and_, [bounds(operand, concordance, of_the_source) for operand in node.operands])
        case Or():
            return _joined(or_, [bounds(operand, concordance, of_the_source) for operand in node.operands])
        case Not():
            sure, possible, known = _leaf(node.operand, concordance, of_the_source)
            return Bounds(known & ~possible, known & ~sure)
        case _:
            sure, possible, known = _leaf(node, concordance, of_the_source)
            return Bounds(sure & known, possible & known)


def asks_about(field: str, node: Node) -> bool:
    """Whether a query, or a part of one, has a leaf in a field."""
    match node:
        case And() | Or():
            return any(asks_about(field, operand) for operand in node.operands)
        case Not():
            return asks_about(field, node.operand)
        case MediaTopic():
            return field == "mediatopic"
        case _:
            return isinstance(node, Field) and node.name == field


def _joined(join: Callable[[int, int], int], operands: Iterable[Bounds]) -> Bounds:
    sure, possible = zip(*operands, strict=True)
    return Bounds(reduce(join, sure), reduce(join, possible))


def _leaf(node: Node, concordance: Concordance, of_the_source: OfTheSource) -> _Leaf:
    match node:
        case Urgency():
            answer = concordance.with_urgency(node.first, node.last)
            return _Leaf(answer, answer, concordance.with_urgency())
        case MediaTopic():
            answer = concordance.with_forms(tuple(node.codes), "mediatopic")
            return _Leaf(answer, answer, concordance.with_field("mediatopic"))
        case Field() if node.name in OF_THE_SOURCE:
            answer, known = of_the_source(node)
            return _Leaf(answer, answer, known)
        case Field() if node.name in PACKED_FIELDS:
            known = concordance.with_field(node.name) if node.name in METADATA else concordance.all
            return _Leaf(*_Words(concordance, node.name).of(node.leaf), known)
        case Word() | Phrase() | Near() | Prefix() | Suffix():
            return _Leaf(*_Words(concordance, "").of(node), concordance.all)
        case _:
            return _Leaf(0, concordance.all, concordance.all)


class _Words:
    """Looks for leaves in one field, or in all prose."""

    def __init__(self, concordance: Concordance, field: str) -> None:
        self._concordance = concordance
        self._field = field
        self._exact = field in EXACT

    def of(self, leaf: Leaf) -> Bounds:
        """Return the bounds of `leaf`."""
        match leaf:
            case Word():
                return self._word(leaf, exact=self._exact)
            case Phrase() if len(leaf.words) == 1:
                return self._word(leaf.words[0], exact=True)
            case Phrase():
                return self._together(leaf.words, exact=True)
            case Near():
                return self._together(leaf.words, exact=self._exact)
            case Prefix():
                return self._prefix(leaf)
            case Suffix():
                return self._suffix(leaf)

    def _together(self, words: Iterable[Word], *, exact: bool) -> Bounds:
        return Bounds(0, reduce(and_, (self._word(word, exact=exact).possible for word in words)))

    def _word(self, word: Word, *, exact: bool) -> Bounds:
        parts = [self._part(part, exact=exact, stem=word.stem) for part in word.parts]
        return self._whole_or_in_parts(parts, self._with_forms([word.joined]))

    def _prefix(self, prefix: Prefix) -> Bounds:
        *before, last = prefix.parts
        parts = [self._part(part, exact=self._exact) for part in before]
        return self._whole_or_in_parts([*parts, self._begun(last)], self._begun("".join(prefix.parts)))

    def _suffix(self, suffix: Suffix) -> Bounds:
        first, *behind = suffix.parts
        parts = [self._part(part, exact=self._exact) for part in behind]
        return self._whole_or_in_parts([self._ended(first), *parts], self._ended("".join(suffix.parts)))

    def _whole_or_in_parts(self, parts: list[Articles], whole: Articles) -> Bounds:
        """Of parts that have to stand side by side it is known only that all are there."""
        if len(parts) == 1:
            return Bounds(parts[0], parts[0])
        return Bounds(whole, whole | reduce(and_, parts))

    def _part(self, part: str, *, exact: bool, stem: str = "") -> Articles:
        return self._with_forms([part] if exact else forms_asked(part, stem))

    def _begun(self, beginning: str) -> Articles:
        return self._concordance.with_beginnings(beginnings_asked(beginning), self._field)

    def _ended(self, ending: str) -> Articles:
        return self._concordance.with_ending(ending, self._field)

    def _with_forms(self, forms: Sequence[str]) -> Articles:
        return self._concordance.with_forms(forms, self._field)
