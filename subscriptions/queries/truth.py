"""Whether an article answers a query.

A leaf is answered, not answered, or cannot be known. What cannot be known fails, and so does its opposite: a
query in normal form has NOT before leaves only, so no more of Kleene's three-valued logic is needed.
"""

from subscriptions.queries.article import METADATA, PROSE, AnalysedArticle
from subscriptions.queries.nodes import And, Field, Leaf, MediaTopic, Node, Not, Or, Urgency
from subscriptions.queries.places import is_there

EXACT = frozenset(METADATA) - {"tag"}  # in these a name is that name, not a form of another


def holds(node: Node, article: AnalysedArticle) -> bool:
    """Whether `article` is known to answer `node`, a query in normal form or a part of one."""
    match node:
        case And():
            return all(holds(operand, article) for operand in node.operands)
        case Or():
            return any(holds(operand, article) for operand in node.operands)
        case Not():
            return _answer(node.operand, article) is False
        case _:
            return _answer(node, article) is True


def _answer(node: Node, article: AnalysedArticle) -> bool | None:
    match node:
        case Urgency():
            return None if article.urgency is None else node.first <= article.urgency <= node.last
        case MediaTopic():
            field = article.fields.get("mediatopic")
            return None if field is None else not node.codes.isdisjoint(field.postings)
        case Field():
            return _in_field(node, article)
        case And() | Or() | Not():
            return holds(node, article)
        case _:
            return _in_prose(node, article)


def _in_prose(leaf: Leaf, article: AnalysedArticle) -> bool:
    return any(is_there(leaf, article.fields[name]) for name in PROSE if name in article.fields)


def _in_field(node: Field, article: AnalysedArticle) -> bool | None:
    field = article.fields.get(node.name)
    if field is None:
        return None if node.name in METADATA else False
    return is_there(node.leaf, field, exact=node.name in EXACT)
