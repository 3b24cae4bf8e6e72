"""Whether an article answers a query: yes, no, or cannot be known (Kleene's three-valued logic)."""

from subscriptions.queries.article import METADATA, PROSE, AnalysedArticle
from subscriptions.queries.nodes import And, Field, Node, Not, Or, Urgency
from subscriptions.queries.places import is_there

EXACT = frozenset(METADATA) - {"tag"}  # in these a name is that name, not a form of another


def holds(node: Node, article: AnalysedArticle) -> bool | None:
    """Whether `article` answers `node`; None where the article lacks what would tell."""
    match node:
        case And():
            return _all(node, article)
        case Or():
            return _any(node, article)
        case Not():
            inner = holds(node.operand, article)
            return None if inner is None else not inner
        case Field():
            return _in_field(node, article)
        case Urgency():
            return _is_urgent(node, article)
        case _:
            return any(is_there(node, article.fields[name]) for name in PROSE if name in article.fields)


def _all(node: And, article: AnalysedArticle) -> bool | None:
    known = True
    for operand in node.operands:
        held = holds(operand, article)
        if held is False:
            return False
        known &= held is not None
    return True if known else None


def _any(node: Or, article: AnalysedArticle) -> bool | None:
    known = True
    for operand in node.operands:
        held = holds(operand, article)
        if held:
            return True
        known &= held is not None
    return False if known else None


def _in_field(node: Field, article: AnalysedArticle) -> bool | None:
    field = article.fields.get(node.name)
    if field is None:
        return None if node.name in METADATA else False
    return is_there(node.leaf, field, exact=node.name in EXACT)


def _is_urgent(node: Urgency, article: AnalysedArticle) -> bool | None:
    return None if article.urgency is None else node.first <= article.urgency <= node.last
