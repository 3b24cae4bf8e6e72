"""A query's text as symbols: words, quoted texts, fields, operators, parentheses. One pass, no going back."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from subscriptions.errors import Saying, msgid
from subscriptions.queries.article import FIELDS
from subscriptions.queries.errors import QueryError
from subscriptions.queries.foreign import STAR, refuse_foreign
from subscriptions.queries.media_topics import tagged_code
from subscriptions.queries.runs import HEBREW_QUOTES, is_simple, words_in
from subscriptions.queries.scripts import HEBREW
from subscriptions.queries.spelling import meant_field

OPERAND = msgid('a word, a "phrase" or "("')
OPERAND_BEHIND = msgid('a word, a "phrase" or "(" right behind it')


Kind: TypeAlias = Literal[
    "word", "quoted", "field", "(", ")", "AND", "OR", "NOT", "+", "small", "nothing", "end"
]
"""What a symbol is: "small" is and, or, not in small letters, until its neighbours decide.

No enum, whose members take Python 3.11 longer to look up than all else that is done with them.
"""


class Symbol(NamedTuple):
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
# Python 3.11 before 3.11.5 reads possessive repeats of groups wrongly: groups repeat greedily everywhere.
_WORD = re.compile(rf"(?:[^\s()（）&|\\{QUOTES}]++|\\.?|{_IN_WORD_QUOTE}|&(?!&))+", re.DOTALL)
_INSIDE = {
    opening: re.compile(rf"(?:[^\\{closing}]++|\\.?|{_IN_WORD_QUOTE})*", re.DOTALL)
    for opening, closing in CLOSING.items()
}
STEM = "stem"  # what looks like a field, but says how to read the query
_FIELD = re.compile(r"([A-Za-z]{2,20})[:：](?!//)")
_DISTANCE = re.compile(r"~([>＞]?)(\d{1,9})(?![\d.])")
_PARENTHESES: dict[str, Kind] = {"(": "(", "（": "(", ")": ")", "）": ")"}
_JOINING: dict[str, Kind] = {"&&": "AND", "||": "OR", "|": "OR"}
_PLUS = "+＋"
_MINUS = "-−－!！"
_DASHES = "–—"
_OPERATORS: dict[str, Kind] = {
    "AND": "AND",
    "OR": "OR",
    "NOT": "NOT",
    "and": "small",
    "or": "small",
    "not": "small",
}
# Most queries are made of nothing else, and are read in one go, in a third of the time.
_USUAL = re.compile(
    r"""\ *+(?:
      ([A-Za-z0-9]++|[A-Za-z0-9]{3,}\*)(?![^ ()])
    | ([()])
    | "([A-Za-z0-9]++(?:\ [A-Za-z0-9]++)*)"(?:~([0-9]{1,9}))?(?![^ ()])
    | (title|summary|body):(?=["(A-Za-z0-9])
    | (-)(?=["(A-Za-z0-9])
    )""",
    re.VERBOSE,
)
_WORD_FOUND, _SIGN_FOUND, _QUOTED_FOUND, _DISTANCE_FOUND, _FIELD_FOUND = range(1, 6)
_USUAL_KINDS = _PARENTHESES | _OPERATORS
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_NEAR = msgid('a whole number, as in "two words"~5, or "two words"~>5 in this order')


def symbols(text: str) -> list[Symbol]:
    """Return the symbols of `text`, with one of kind "end" behind them. Raises `QueryError`."""
    return _usual(text) or _any(text)


def _usual(text: str) -> list[Symbol] | None:
    """Read a query of usual symbols; None where there is anything else in it."""
    symbols: list[Symbol] = []
    at = 0
    for found in _USUAL.finditer(text):
        if found.start() != at:
            return None
        symbol, at = found.lastindex or 0, found.end()
        if symbol <= _SIGN_FOUND:
            written = found[symbol]
            symbols.append(Symbol(_USUAL_KINDS.get(written, "word"), written, found.start(symbol), at))
        elif symbol <= _DISTANCE_FOUND:
            distance = int(found[_DISTANCE_FOUND]) if symbol == _DISTANCE_FOUND else None
            start = found.start(_QUOTED_FOUND) - 1
            symbols.append(Symbol("quoted", found[_QUOTED_FOUND], start, at, distance))
        elif symbol == _FIELD_FOUND:
            symbols.append(Symbol("field", found[symbol], found.start(symbol), at))
        else:
            symbols.append(Symbol("NOT", "-", at - 1, at))
    symbols.append(Symbol("end", "", len(text), len(text)))
    return symbols if text[at:].strip(" ") == "" else None


def _any(text: str) -> list[Symbol]:
    found: list[Symbol] = []
    at = _after_space(text, 0)
    while at < len(text):
        new = _READERS.get(text[at], _word)(text, at)
        if new.kind != "nothing":
            found.append(new)
        at = new.end if new.kind == "field" else _after_space(text, new.end)
    found.append(Symbol("end", "", len(text), len(text)))
    return found


def unescaped(written: str) -> str:
    """Return `written` without the backslashes that make plain text of a sign."""
    return _ESCAPE.sub(r"\1", written) if "\\" in written else written


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _parenthesis(text: str, at: int) -> Symbol:
    return Symbol(_PARENTHESES[text[at]], text[at], at, at + 1)


def _joining(text: str, at: int) -> Symbol:
    for written in (text[at : at + 2], text[at]):
        if kind := _JOINING.get(written):
            return Symbol(kind, written, at, at + len(written))
    return _word(text, at)


def _unopened(text: str, at: int) -> Symbol:
    raise QueryError(
        text, at, 1, f"at {text[at]}", expected=msgid('a word, a "phrase" or "(": no quote was opened')
    )


def _quoted(text: str, at: int) -> Symbol:
    inside = _INSIDE[text[at]].match(text, at + 1)
    end = inside.end() if inside else at + 1
    if end == len(text):
        closing = CLOSING[text[at]][0]
        raise QueryError(
            text, at, 1, f"at {text[at]}", expected=Saying(msgid("a %(sign)s that closes it"), sign=closing)
        )
    content = text[at + 1 : end]
    if STAR.search(content):
        star = at + 1 + content.index(next(char for char in content if char in "*＊"))
        raise QueryError(
            text, star, 1, "in quotes", expected=msgid('whole words; "*" works outside quotes only')
        )
    if not words_in(content):
        raise QueryError(text, at, end + 1 - at, "between the quotes", expected=msgid("a word"))
    distance = _DISTANCE.match(text, end + 1)
    if not distance and text.startswith("~", end + 1):
        raise QueryError(text, end + 1, 1, 'after "~"', expected=_NEAR)
    return Symbol(
        "quoted",
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
        return Symbol("nothing", sign, at, at + 1)
    if sign in _DASHES:
        excluded = _WORD.match(text, at + 1)
        raise QueryError(
            text,
            at,
            1,
            f"at the long dash {sign}",
            expected=msgid('"-" to exclude what follows, or a space'),
            suggestion=f"-{excluded[0]}" if excluded else "",
        )
    if not is_glued:
        raise QueryError(text, at, 1, f'after "{sign}"', expected=OPERAND_BEHIND)
    return Symbol("+" if sign in _PLUS else "NOT", sign, at, at + 1)


def _word(text: str, at: int) -> Symbol:
    found = _WORD.match(text, at)
    written = found[0] if found else text[at]
    end = at + len(written)
    if kind := _OPERATORS.get(written):
        return Symbol(kind, written, at, end)
    if is_simple(written):
        return Symbol("word", written, at, end)
    if field := _FIELD.match(written):
        name = field[1].lower()
        if name in FIELDS or (name == STEM and field.end() < len(written)):
            return Symbol("field", name, at, at + field.end())
        if not tagged_code(written):
            _refuse_misspelt(text, at, field)
    refuse_foreign(text, at, written)
    return Symbol("word" if words_in(unescaped(written)) else "nothing", written, at, end)


def _refuse_misspelt(text: str, at: int, field: re.Match[str]) -> None:
    meant = meant_field(field[1].lower())
    behind = text[at + field.end() : at + field.end() + 1]
    if meant and behind and not behind.isspace():
        names = ", ".join(FIELDS)
        raise QueryError(
            text,
            at,
            len(field[1]),
            f'at "{field[1]}:"',
            expected=Saying(msgid("one of %(names)s"), names=names),
            suggestion=f"{meant}:",
        )


_READERS: dict[str, Callable[[str, int], Symbol]] = {
    **dict.fromkeys(_PARENTHESES, _parenthesis),
    **dict.fromkeys("&|", _joining),
    **dict.fromkeys(CLOSING, _quoted),
    **dict.fromkeys(_UNOPENED, _unopened),
    **dict.fromkeys(_PLUS + _MINUS + _DASHES, _sign),
}
