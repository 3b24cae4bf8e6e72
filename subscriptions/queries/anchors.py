"""What an article must have for a query to have a chance: one of these keys at least.

An article's keys are all its words' forms, the first and the last letters of each ("is*", "*el"), and
"urgency" if it has one.
"""

from subscriptions.queries.article import PREFIX_KEY, SUFFIX_KEY
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
from subscriptions.queries.wordforms import forms_asked

Keys = frozenset[str]


def anchors(node: Node) -> Keys:
    """Return keys of which every article that answers `node` has one; none if one without words answers."""
    match node:
        case Not():
            return frozenset()
        case And():
            return _rarest([keys for operand in node.operands if (keys := anchors(operand))])
        case Or():
            found = [anchors(operand) for operand in node.operands]
            return frozenset().union(*found) if all(found) else frozenset()
        case Field():
            return anchors(node.leaf)
        case _:
            return _of_leaf(node)


def _of_leaf(node: Leaf | Urgency | MediaTopic) -> Keys:
    match node:
        case Urgency():
            return frozenset({"urgency"})
        case MediaTopic():
            return node.codes
        case Word():
            return _of_word(node)
        case Prefix():
            return _of_prefix(node)
        case Suffix():
            return _of_suffix(node)
        case Phrase() | Near():
            return _rarest([_of_word(word) for word in node.words])


def _of_word(word: Word) -> Keys:
    longest = frozenset(forms_asked(max(word.parts, key=len), word.stem))
    return longest | {word.joined} if len(word.parts) > 1 and word.joined else longest


def _of_prefix(prefix: Prefix) -> Keys:
    going_on = f"{''.join(prefix.parts)[:PREFIX_KEY]}*"
    begun = forms_asked(prefix.parts[0]) if len(prefix.parts) > 1 else ()
    return frozenset({going_on, *begun})


def _of_suffix(suffix: Suffix) -> Keys:
    ending = f"*{''.join(suffix.parts)[-SUFFIX_KEY:]}"
    ended = forms_asked(suffix.parts[-1]) if len(suffix.parts) > 1 else ()
    return frozenset({ending, *ended})


def _rarest(choices: list[Keys]) -> Keys:
    """Few and long keys are in few articles; first and last letters are in most."""
    return min(choices, key=_commonness, default=frozenset())


def _commonness(keys: Keys) -> tuple[bool, int, int]:
    return any("*" in key or key == "urgency" for key in keys), len(keys), -max(map(len, keys))
