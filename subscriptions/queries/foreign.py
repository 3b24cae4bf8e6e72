"""Signs that other search languages know: refused, rather than searched for as something else."""

import re

from subscriptions.errors import msgid
from subscriptions.queries.errors import QueryError

SHORTEST = 3  # letters beside a star; two begin or end a word of nearly every article
STAR = re.compile(r"(?<!\\)[*＊]")
_SIGNS = re.compile(r"[*＊?~^/]")
_QUESTION = re.compile(r"(?<=\w)\?(?=\w)")
_NEAR_OPERATOR = re.compile(r"(NEAR|ONEAR|W|PRE)/(\d{1,3})", re.IGNORECASE)
_LUCENE = re.compile(r"(?:[~^][\d.]*|(?<=\w)[~^][\d.]+)$")


def refuse_foreign(text: str, at: int, written: str) -> None:
    """Raise `QueryError` if the word `written` at `at` of `text` has such a sign."""
    if not _SIGNS.search(written):
        return
    _refuse_stars(text, at, written)
    if operator := _NEAR_OPERATOR.fullmatch(written):
        order = ">" if operator[1].upper() in {"ONEAR", "PRE"} else ""
        meant = f'"two words"~{order}{operator[2]}'
        _refuse(text, at, written, expected=msgid("near words in quotes"), suggestion=meant)
    if (question := _QUESTION.search(written)) and "/" not in written:
        begun = written[: question.start()]
        meant = f"{begun}*" if len(begun) >= SHORTEST else ""
        expected = msgid('letters; only "*" stands for others')
        _refuse(text, at + question.start(), "?", expected=expected, suggestion=meant)
    if sign := _LUCENE.search(written):
        expected = msgid(
            'plain words; "~" and a number stand behind a "phrase" only, and words have no weights'
        )
        _refuse(text, at + sign.start(), sign[0], expected=expected, suggestion=written[: sign.start()])


def _refuse_stars(text: str, at: int, written: str) -> None:
    if STAR.fullmatch(written):
        _refuse(text, at, "*", expected=msgid('letters beside "*": a query needs words to look for'))
    for star in STAR.finditer(written):
        is_end = star.end() == len(written)
        if (star.start() and not is_end) or (is_end and STAR.match(written)):
            expected = msgid('"*" only at the end of a word, or only at its beginning')
            _refuse(text, at + star.start(), "*", expected=expected)


def _refuse(text: str, at: int, sign: str, *, expected: str, suggestion: str = "") -> None:
    raise QueryError(text, at, len(sign), f'at "{sign}"', expected=expected, suggestion=suggestion)
