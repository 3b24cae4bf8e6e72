"""Lucene's query parser, and luqum, which reads the same language: what is a query, and what it means."""

import re
from collections.abc import Iterator

from subscriptions.queries import Query, parse_query
from tests.other_languages.verdicts import FOLDER, OtherLanguage, Row, Verdict, accepted, judged, rows

REFUSED = {
    r"\^": "weights are refused",
    r"~": "near misses, and numbers behind anything but a phrase, are refused",
    r"\w\?\w|\w\*\w|^\?|[^\w]\*": "wildcards elsewhere than at one end are refused",
    r"[\[{]": "ranges: brackets are punctuation here",
    r"^/|/$": "regular expressions: slashes are punctuation here",
    r"OR ?[-!]|^-": "what only excludes is refused",
    r" [-!] |>=": "a sign on its own is refused",
    r"^XY\\": "escapes of character codes: a backslash spares one sign here",
    r":(NOT|OR)": "an operator behind a colon that is no field's is a word here",
    r'^" "': "empty quotes are refused",
    r"^#|^//": "a comment is text here",
}
MEANS_OTHERWISE = {
    r"~": '"words"~5 counts moves there, words between here',
    r"[\w)\"] +[\w(\"]": "side by side one word is enough there; here all must be there",
    r"[\[{]": "ranges: brackets are punctuation here",
    r"^\?": "wildcards elsewhere than at one end",
    r"[\\:?]": "signs inside of words are kept there",
}
INCOMPLETE = 559
ANALYZER = "its analyzer drops words or digits"
CLAUSE = re.compile(r'([+-]?)(\w+\*?|"[\w ]+")')


def lucene() -> Iterator[Verdict]:
    """Lucene's parser."""
    return judged(rows("lucene-queryparser-syntax.jsonl"), _judge, _listed)


def luqum() -> Iterator[Verdict]:
    """The parser luqum."""
    return judged(rows("luqum-syntax.jsonl"), _judge, _listed)


def memory_index() -> Iterator[Verdict]:
    """Queries that Lucene's index in memory is tried with; all are valid."""
    names = ("lucene-memoryindex-testqueries.txt", "lucene-memoryindex-testqueries2.txt")
    lines = [line for name in names for line in (FOLDER / name).read_text().splitlines() if line.strip()]
    return judged([{"query": line, "valid": True} for line in lines], _judge, _listed)


def _listed(row: Row) -> str:
    """Say why a row is taken for a query on one side only."""
    if row.get("line") == INCOMPLETE:
        return "the collection has the same query as valid too"
    if (accepted(row["query"]) is not None) is row["valid"]:
        return ""
    return next((reason for sign, reason in REFUSED.items() if re.search(sign, row["query"])), "")


def _judge(row: Row) -> tuple[object, object]:
    ours = accepted(row["query"])
    if not row["valid"] or not ours or "canonical" not in row:
        return row["valid"], ours is not None
    theirs = _translated(row)
    if theirs.canonical.lower() != ours.canonical.lower():
        for reason in _reasons(row):
            raise OtherLanguage(reason)
    return theirs.canonical.lower(), ours.canonical.lower()


def _reasons(row: Row) -> Iterator[str]:
    return (reason for sign, reason in MEANS_OTHERWISE.items() if re.search(sign, row["query"]))


def _translated(row: Row) -> Query:
    """Write Lucene's canonical form in our language; what need not be there only ranks."""
    written = row["canonical"]
    if CLAUSE.sub("", written).strip():
        raise OtherLanguage(next(_reasons(row)))
    clauses = CLAUSE.findall(written)
    if not clauses or row.get("analyzer") == "qpAnalyzer" or len(clauses) < len(set(_words(row["query"]))):
        raise OtherLanguage(ANALYZER)
    required = [text for sign, text in clauses if sign == "+"]
    alternatives = " OR ".join(text for sign, text in clauses if not sign)
    excluded = [f"NOT {text}" for sign, text in clauses if sign == "-"]
    return parse_query(" AND ".join([*(required or [f"({alternatives})"]), *excluded]))


def _words(query: str) -> list[str]:
    return re.findall(r'"[^"]*"|\w+', re.sub(r"\b(AND|OR|NOT)\b", "", query))
