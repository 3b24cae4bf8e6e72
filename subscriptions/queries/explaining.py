"""Why an article does not answer a query, in one sentence."""

from collections.abc import Iterable

from subscriptions.queries.article import METADATA, AnalysedArticle
from subscriptions.queries.matching import match
from subscriptions.queries.nodes import And, Field, Leaf, MediaTopic, Near, Node, Not, Or, Phrase, Urgency
from subscriptions.queries.query import Query
from subscriptions.queries.symbols import QUOTES
from subscriptions.queries.truth import holds

_MOST = 5  # alternatives of which a sentence says why they fail


def explain(query: Query, article: AnalysedArticle) -> str:
    """Say in a sentence which part of `query` `article` fails first; or, if it answers, with which words."""
    matched = match(query, article)
    if matched:
        return f"It matches: {', '.join(matched.display)}."
    reason = _failed(query.ast, query.text, article)
    return f"{reason[0].upper()}{reason[1:]}."


def _failed(node: Node, text: str, article: AnalysedArticle) -> str:
    match node:
        case And():
            failing = next(operand for operand in _as_written(node) if not holds(operand, article))
            return _failed(failing, text, article)
        case Or():
            reasons = list(
                dict.fromkeys(_failed(operand, text, article) for operand in _as_written(node)[:_MOST])
            )
            left = len(node.operands) - _MOST
            return "; ".join([*reasons, *([f"nor does any of {left} others hold"] if left > 0 else ())])
        case Not():
            missing = _missing(node.operand, article)
            found = f"{_quoted(node.operand, text)} is there, and the query excludes it"
        case _:
            missing = _missing(node, article)
            found = _absent(node, text, article)
    return f"the article has no {missing}, so the query's {_quoted(node, text)} fails" if missing else found


def _absent(leaf: Leaf | Field | Urgency | MediaTopic, text: str, article: AnalysedArticle) -> str:
    if isinstance(leaf, Urgency):
        return f"the article's urgency is {article.urgency}, not {_quoted(leaf, text)}"
    if isinstance(leaf, MediaTopic):
        return f"{_quoted(leaf, text)} is none of the article's media topics"
    if isinstance(leaf, Field):
        return f"{_quoted(leaf.leaf, text)} is not in the article's {leaf.name}"
    return f"{_quoted(leaf, text)} is not in the title, summary or body{_though(leaf, article)}"


def _though(leaf: Leaf, article: AnalysedArticle) -> str:
    """Say of words that are all there that they do not stand as they should."""
    match leaf:
        case Phrase(words) if len(words) > 1 and _hold((Phrase((word,)) for word in words), article):
            return ", though all its words are: they do not stand side by side"
        case Near(words) if len(words) > 1 and _hold(words, article):
            order = " in this order" if leaf.ordered else ""
            return f", though all its words are: they do not stand so near{order}"
        case _:
            return ""


def _hold(leaves: Iterable[Leaf], article: AnalysedArticle) -> bool:
    return all(holds(leaf, article) for leaf in leaves)


def _as_written(node: And | Or) -> list[Node]:
    return sorted(node.operands, key=lambda operand: operand.span)


def _quoted(node: Node, text: str) -> str:
    written = text[slice(*node.span)]
    return written if written[0] in QUOTES else f'"{written}"'


def _missing(leaf: Node, article: AnalysedArticle) -> str:
    """Return the name of what the article lacks for `leaf` to be checked, or nothing."""
    if isinstance(leaf, Urgency):
        return "" if article.urgency is not None else "urgency"
    if isinstance(leaf, MediaTopic):
        return "" if "mediatopic" in article.fields else "media topic"
    is_missing = isinstance(leaf, Field) and leaf.name in METADATA and leaf.name not in article.fields
    return leaf.name if isinstance(leaf, Field) and is_missing else ""
