"""A query as alternatives, each of which is answered when all its groups are.

`(a OR b) c -d` is one alternative with the groups {a b}, {c} and the excluded {d}; `a OR "b c"~5` is two.
"""

from collections.abc import Iterable
from itertools import product
from math import prod
from typing import NamedTuple

from subscriptions.queries.article import METADATA
from subscriptions.queries.index.demands import Check, Demand, Kind, at_least, demand, says_something
from subscriptions.queries.nodes import And, Field, MediaTopic, Node, Not, Or, Urgency
from subscriptions.queries.normal import canonical
from subscriptions.queries.query import Query

_JOINED = (And, Or, Not)
_FIELDS: dict[type, str] = {Urgency: "urgency", MediaTopic: "mediatopic"}
MOST = 16  # alternatives of one query; one with more is looked at as a whole

Group = tuple[Demand, ...]


class Conjunction(NamedTuple):
    """Of each group one demand must be met, none of the excluded, and all checks must hold."""

    groups: tuple[Group, ...]
    excluded: tuple[Demand, ...] = ()
    checks: tuple[Check, ...] = ()


class TooManyError(Exception):
    """A query has more alternatives than are worth keeping apart."""


def conjunctions(query: Query) -> list[Conjunction]:
    """Return the alternatives of a query."""
    try:
        return _alternatives(query.ast, query.ast)
    except TooManyError:
        return [Conjunction(((at_least(query.ast),),), checks=(_whole(query.ast),))]


def _whole(query: Node) -> Check:
    return Check(Kind.text, (), text=canonical(spelt_out(query)))


def spelt_out(node: Node) -> Node:
    """Return `node` with each media topic as the codes it stands for, which its text alone does not tell."""
    match node:
        case MediaTopic():
            return Or(tuple(MediaTopic(code, frozenset({code})) for code in sorted(node.codes)))
        case And() | Or():
            return type(node)(tuple(map(spelt_out, node.operands)))
        case Not():
            return Not(spelt_out(node.operand))
        case _:
            return node


def _alternatives(node: Node, whole: Node) -> list[Conjunction]:
    """Return the alternatives of `node`, a part of the query `whole`."""
    match node:
        case And():
            return _all_of(node, whole)
        case Or():
            simple, others = _simple(node.operands)
            first = [Conjunction((simple,))] if simple else []
            return first + [each for operand in others for each in _alternatives(operand, whole)]
        case Not():
            return [_without(node.operand, whole)]
        case _:
            found = demand(node)
    if isinstance(found, Demand):
        return [Conjunction(((found,),))]
    return [Conjunction(tuple((each,) for each in dict.fromkeys(found.demands)), checks=(found,))]


def _simple(operands: Iterable[Node]) -> tuple[Group, list[Node]]:
    """Part what names alone decide from the rest."""
    simple: list[Demand] = []
    others: list[Node] = []
    for operand in operands:
        found = None if isinstance(operand, _JOINED) else demand(operand)
        if isinstance(found, Demand):
            simple.append(found)
        else:
            others.append(operand)
    return tuple(simple), others


def _all_of(node: And, whole: Node) -> list[Conjunction]:
    simple, others = _simple(node.operands)
    groups = tuple([(each,) for each in simple])
    if not others:
        return [Conjunction(groups)]
    choices = [_alternatives(operand, whole) for operand in others]
    if prod(map(len, choices)) > MOST:
        raise TooManyError
    return [_together(groups, parts) for parts in product(*choices)]


def _together(groups: tuple[Group, ...], parts: Iterable[Conjunction]) -> Conjunction:
    excluded: tuple[Demand, ...] = ()
    checks: tuple[Check, ...] = ()
    for part in parts:
        groups += part.groups
        excluded += part.excluded
        checks += part.checks
    return Conjunction(groups, excluded, checks)


def _without(leaf: Node, whole: Node) -> Conjunction:
    """Exclude a leaf; where names alone cannot say that it is not there, look at the whole query."""
    field = leaf.name if isinstance(leaf, Field) else _FIELDS.get(type(leaf), "")
    known = ((says_something(field),),) if field in METADATA else ()  # what is not known fails
    found = demand(leaf)
    if isinstance(found, Demand):
        return Conjunction(known, excluded=(found,))
    return Conjunction(known, checks=(_whole(whole),))
