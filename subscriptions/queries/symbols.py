"""A query's text as symbols: words, quoted texts, fields, operators, parentheses. One pass, no going back."""

import re
from dataclasses import dataclass
from enum import StrEnum

from subscriptions.queries.article import FIELDS
from subscriptions.queries.errors import QueryError
from subscriptions.queries.foreign import STAR, refuse_foreign
from subscriptions.queries.media_topics import tagged_code
from subscriptions.queries.runs import HEBREW_QUOTES, runs
from subscriptions.queries.scripts import HEBREW
from subscriptions.queries.spelling import meant_field

OPERAND = 'a word, a "phrase" or "("'


class Kind(StrEnum):
    """What a symbol is. `SMALL` is and, or, not in small letters, until its neighbours decide."""

    WORD = "word"
    QUOTED = "quoted"
    FIELD = "field"
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    PLUS = "+"
    SMALL = "small"
    NOTHING = "nothing"
    END = "end"


@dataclass(frozen=True)
class Symbol:
    """`text` is a word, the inside of quotes or a field's name; `distance` stands behind "~" or "~>"."""

    kind: Kind
    text: str
    start: int
    end: int
    distance: int | None = None
    ordered: bool = False


CLOSING = {
    **dict.fromkeys('"“”„‟＂〝〞', '"“”‟＂〞'),
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
}
_UNOPENED = "」』"
QUOTES = "".join(CLOSING) + _UNOPENED
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2060\ufeff]*+")
_IN_WORD_QUOTE = rf"(?<=[{HEBREW}])[{HEBREW_QUOTES}](?=[{HEBREW}])"
_WORD = re.compile(rf"(?:\\.?|{_IN_WORD_QUOTE}|[^\s()（）&|\\{QUOTES}]|&(?!&))++", re.DOTALL)
_INSIDE = {
    opening: re.compile(rf"(?:\\.?|{_IN_WORD_QUOTE}|[^\\{closing}])*+", re.DOTALL)
    for opening, closing in CLOSING.items()
}
STEM = "stem"  # what looks like a field, but says how to read the query
_FIELD = re.compile(r"([A-Za-z]{2,20})[:：](?!//)")
_DISTANCE = re.compile(r"~([>＞]?)(\d{1,9})(?![\d.])")
_FIXED = {
    "&&": Kind.AND,
    "||": Kind.OR,
    "|": Kind.OR,
    "(": Kind.OPEN,
    "（": Kind.OPEN,
    ")": Kind.CLOSE,
    "）": Kind.CLOSE,
}
_SIGNS = {"+": Kind.PLUS, "＋": Kind.PLUS} | dict.fromkeys("-−－!！", Kind.NOT)
_DASHES = "–—"
_SMALL = frozenset({"and", "or", "not"})
_CAPITAL = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_NEAR = 'a whole number, as in "two words"~5, or "two words"~>5 in this order'


def symbols(text: str) -> list[Symbol]:
    """Return the symbols of `text`, with one of kind `END` behind them. Raises `QueryError`."""
    found: list[Symbol] = []
    at = _after_space(text, 0)
    while at < len(text):
        new = _next(text, at)
        found += [] if new.kind is Kind.NOTHING else [new]
        at = new.end if new.kind is Kind.FIELD else _after_space(text, new.end)
    return [*found, Symbol(Kind.END, "", len(text), len(text))]


def unescaped(written: str) -> str:
    """Return `written` without the backslashes that make plain text of a sign."""
    return _ESCAPE.sub(r"\1", written)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _next(text: str, at: int) -> Symbol:
    for written in (text[at : at + 2], text[at]):
        if kind := _FIXED.get(written):
            return Symbol(kind, written, at, at + len(written))
    if text[at] in CLOSING:
        return _quoted(text, at)
    if text[at] in _UNOPENED:
        raise QueryError(text, at, 1, f"at {text[at]}", expected=f"{OPERAND}: no quote was opened")
    if text[at] in _SIGNS or text[at] in _DASHES:
        return _sign(text, at)
    return _word(text, at)


def _quoted(text: str, at: int) -> Symbol:
    inside = _INSIDE[text[at]].match(text, at + 1)
    end = inside.end() if inside else at + 1
    if end == len(text):
        closing = CLOSING[text[at]][0]
        raise QueryError(text, at, 1, f"at {text[at]}", expected=f"a {closing} that closes it")
    content = text[at + 1 : end]
    if STAR.search(content):
        star = at + 1 + content.index(next(char for char in content if char in "*＊"))
        raise QueryError(text, star, 1, "in quotes", expected='whole words; "*" works outside quotes only')
    if not any(True for _ in runs(content)):
        raise QueryError(text, at, end + 1 - at, "between the quotes", expected="a word")
    distance = _DISTANCE.match(text, end + 1)
    if not distance and text.startswith("~", end + 1):
        raise QueryError(text, end + 1, 1, 'after "~"', expected=_NEAR)
    return Symbol(
        Kind.QUOTED,
        content,
        at,
        distance.end() if distance else end + 1,
        int(distance[2]) if distance else None,
        bool(distance and distance[1]),
    )


def _sign(text: str, at: int) -> Symbol:
    sign, behind = text[at], text[at + 1 : at + 2]
    is_glued = behind != "" and (behind.isalnum() or behind in CLOSING or behind in "(（\\#@.$*＊")
    if sign in _DASHES and not is_glued:
        return Symbol(Kind.NOTHING, sign, at, at + 1)
    if sign in _DASHES:
        excluded = _WORD.match(text, at + 1)
        raise QueryError(
            text,
            at,
            1,
            f"at the long dash {sign}",
            expected='"-" to exclude what follows, or a space',
            suggestion=f"-{excluded[0]}" if excluded else "",
        )
    if not is_glued:
        raise QueryError(text, at, 1, f'after "{sign}"', expected=f"{OPERAND} right behind it")
    return Symbol(_SIGNS[sign], sign, at, at + 1)


def _word(text: str, at: int) -> Symbol:
    found = _WORD.match(text, at)
    written = found[0] if found else text[at]
    end = at + len(written)
    if written in _CAPITAL:
        return Symbol(_CAPITAL[written], written, at, end)
    if written in _SMALL:
        return Symbol(Kind.SMALL, written, at, end)
    if field := _FIELD.match(written):
        name = field[1].lower()
        if name in FIELDS or (name == STEM and field.end() < len(written)):
            return Symbol(Kind.FIELD, name, at, at + field.end())
        if not tagged_code(written):
            _refuse_misspelt(text, at, field)
    refuse_foreign(text, at, written)
    is_text = any(True for _ in runs(unescaped(written)))
    return Symbol(Kind.WORD if is_text else Kind.NOTHING, written, at, end)


def _refuse_misspelt(text: str, at: int, field: re.Match[str]) -> None:
    meant = meant_field(field[1].lower())
    behind = text[at + field.end() : at + field.end() + 1]
    if meant and behind and not behind.isspace():
        names = ", ".join(FIELDS)
        raise QueryError(
            text, at, len(field[1]), f'at "{field[1]}:"', expected=f"one of {names}", suggestion=f"{meant}:"
        )
