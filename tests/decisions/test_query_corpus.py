"""Other search languages' own tests, where they mean what ours means; the rest is listed with the reason.

The folder TOCSIN_CORPUS holds them under queries/ (see its README for their origins and licences).
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from subscriptions.queries import ArticleText, Query, QueryError, analyse, match, parse_query

CORPUS = Path(os.environ.get("TOCSIN_CORPUS", "")) / "queries"
pytestmark = pytest.mark.skipif(
    "TOCSIN_CORPUS" not in os.environ,
    reason="set TOCSIN_CORPUS to the folder of test collections to run these",
)
Row = dict[str, Any]


class OtherLanguage(Exception):  # noqa: N818 - a reason, not an error
    """Why a row asks for something our language does not say."""


def rows(name: str) -> Iterator[Row]:
    with (CORPUS / name).open() as lines:
        yield from map(json.loads, lines)


def accepted(text: str) -> Query | None:
    try:
        return parse_query(text)
    except QueryError:
        return None


# PostgreSQL's tsquery


TSQUERY = re.compile(r"\s*(<->|<\d+>|[&|!()]|'[^']+'(?::[*A-D]+)?|[\w]+(?::[*A-D]+)?)")


class TsQuery:
    """Writes a tsquery in our language."""

    def __init__(self, text: str) -> None:
        self.symbols = TSQUERY.findall(text)

    def whole(self) -> str:
        return self.binary("|", " OR ", lambda: self.binary("&", " AND ", self.negated))

    def binary(self, sign: str, ours: str, part: Any) -> str:
        parts = [part()]
        while self.symbols[:1] == [sign]:
            self.symbols.pop(0)
            parts.append(part())
        return parts[0] if len(parts) == 1 else f"({ours.join(parts)})"

    def negated(self) -> str:
        if self.symbols[:1] == ["!"]:
            self.symbols.pop(0)
            if self.symbols[1:2] and self.symbols[1].startswith("<"):
                raise OtherLanguage("operators inside a phrase")
            return f"NOT {self.negated()}"
        return self.phrase()

    def phrase(self) -> str:
        words = [self.word()]
        while self.symbols[:1] and self.symbols[0].startswith("<"):
            if self.symbols.pop(0) not in {"<->", "<1>"}:
                raise OtherLanguage("a distance that must be exactly so")
            words.append(self.word())
        if len(words) == 1:
            return words[0]
        if any(re.search(r"\W", word) for word in words):
            raise OtherLanguage("operators inside a phrase")
        return f'"{" ".join(words)}"'

    def word(self) -> str:
        symbol = self.symbols.pop(0)
        if symbol == "(":
            inner = self.whole()
            self.symbols.pop(0)
            return f"({inner})"
        if symbol == "!":
            raise OtherLanguage("operators inside a phrase")
        word, _, flags = symbol.replace("'", "").partition(":")
        if set(flags) & set("ABCD"):
            raise OtherLanguage("weights")
        if flags and len(word) < 3:
            raise OtherLanguage("a prefix under three letters is refused")
        return f"{word}*" if flags else word


def from_tsquery(text: str) -> Query:
    """Write a tsquery in our language; "everywhere" stands by so that it may only exclude."""
    return parse_query(f"everywhere {TsQuery(text).whole()}")


def rings(query: Query, text: str) -> bool:
    return match(query, analyse(ArticleText("everywhere", body=text, language="en"))) is not None


def tsvector_text(row: Row) -> str:
    if row["document_config"] == "simple":
        if row["stripped"]:
            raise OtherLanguage("a document without positions")
        return str(row["document"])
    if ":" not in row["document"] and "<" in row["query"]:
        raise OtherLanguage("a document without positions")
    return positioned(row["document"])


def positioned(document: str) -> str:
    """Put a tsvector's words at their positions, or one behind the other."""
    words: dict[int, str] = {}
    for at, (word, positions) in enumerate(re.findall(r"(\w+)(?::([\d,A-D]+))?", document)):
        places = re.findall(r"\d+", positions) or [at]
        words |= {int(place): word for place in places}
    return " ".join(words.get(at, "filler") for at in range(max(words, default=0) + 1))


def test_postgres_matches_are_ours() -> None:
    agreed, reasons = 0, []
    for row in rows("postgres-tsquery-match.jsonl"):
        try:
            query, text = from_tsquery(row["query"]), tsvector_text(row)
        except OtherLanguage as reason:
            reasons.append(str(reason))
            continue
        assert rings(query, text) is row["match"], row
        agreed += 1
    assert agreed >= 10, reasons


def test_postgres_counts_over_its_collection_are_ours() -> None:
    lines = (CORPUS / "postgres-tsearch.data").read_text().splitlines()
    texts = [positioned(line.removeprefix("\\n\t")) for line in lines]
    counted = 0
    for row in rows("postgres-tsquery-counts.jsonl"):
        try:
            query = from_tsquery(row["query"])
        except OtherLanguage:
            continue
        found = sum(rings(query, text) for text in texts)
        assert found == row["expected_matches"], row
        counted += 1
    assert counted >= 5


STRAY = "a stray sign is refused rather than passed over"
WEB_DIFFERENCES = {
    "fat:A!cat:B|rat:C<": "! in a word is punctuation there",
    "fat:A : cat:B": "word:word is side by side there, a word of two parts here",
    "abc:def": "word:word is side by side there, a word of two parts here",
    "fat-rat": "a compound is one lexeme more there",
    "abc | def": "| joins here",
    'cat "OR" rat': "OR in quotes is in capitals here",
    "OR rat": STRAY,
    '"fat cat OR rat"': "OR in quotes is in capitals here",
    "fat or)rat": STRAY,
    "fat or&rat": "or is an operator between spaces only here",
    "fat or!rat": "or is an operator between spaces only here",
    "fat or>rat": "or is an operator between spaces only here",
    "abc or-abc": "a word that begins with or is one word more there",
}


def test_postgres_reads_web_searches_as_we_do() -> None:
    agreed = 0
    for row in rows("postgres-query-parse.jsonl"):
        if row["function"] != "websearch_to_tsquery" or row["config"] != "simple":
            continue
        if row["query"] in WEB_DIFFERENCES:
            continue
        ours, theirs = parse_query(f"everywhere ({row['query']})"), from_tsquery(row["parsed"])
        assert plain(ours) == plain(theirs), row
        agreed += 1
    assert agreed >= 6


def plain(query: Query) -> str:
    """Leave out what only our language says: exact single words, words spared from being operators."""
    return re.sub(r'"(\w+)"', r"\1", query.canonical).replace("\\", "")


# Lucene and luqum: what is a query at all, and what it means

FOREIGN = {
    r"\^": "weights",
    r"~": "near misses, and numbers behind anything but a phrase",
    r"\w\?\w|\w\*\w|^\*|[^\w]\*": "wildcards elsewhere than at the end",
    r"[\[{]": "ranges: brackets are punctuation here",
    r"^/|/$": "regular expressions",
    r"OR [-!]|^-": "what only excludes is refused",
    r" [-!] |>=": "a sign on its own is refused",
    r"^XY\\": "escapes of character codes: a backslash spares one sign here",
    r":(NOT|OR)": "an operator behind a colon that is no field's is a word here",
    r"body:": "body and title are fields here",
    r'^" "': "empty quotes are refused",
}


@pytest.mark.parametrize("name", ["lucene-queryparser-syntax.jsonl", "luqum-syntax.jsonl"])
def test_what_lucene_and_luqum_accept_or_refuse_so_do_we(name: str) -> None:
    agreed, differ = 0, []
    for row in rows(name):
        if (accepted(row["query"]) is not None) is row["valid"]:
            agreed += 1
            continue
        reasons = [reason for sign, reason in FOREIGN.items() if re.search(sign, row["query"])]
        assert reasons, row
        differ.append((row["query"], reasons[0]))
    assert agreed > len(differ), differ


def test_lucene_queries_with_every_operator_written_mean_the_same() -> None:
    agreed = 0
    for row in rows("lucene-queryparser-syntax.jsonl"):
        clauses = (row.get("canonical") or "").split()
        written = re.fullmatch(r"\w+( (AND|OR|&&|\|\|) [-!]?\w+)+|[-+]\w+( [-+]\w+)*", row["query"].strip())
        ours = accepted(row["query"])
        if not written or not ours or not all(re.fullmatch(r"[+-]?\w+", clause) for clause in clauses):
            continue
        if len(clauses) != len(re.findall(r"\w+", re.sub("AND|OR", "", row["query"]))):
            continue  # its analyzer dropped a word
        required = " AND ".join(clause.lstrip("+").replace("-", "NOT ") for clause in clauses)
        theirs = required if clauses[0][0] in "+-" else " OR ".join(clauses)
        assert ours.canonical.lower() == parse_query(theirs).canonical.lower(), row
        agreed += 1
    assert agreed >= 5


# miniflux's rules: one word in one field

FIELDS = {
    "EntryTitle": "title",
    "EntryURL": "url",
    "EntryContent": "body",
    "EntryAuthor": "author",
    "EntryTag": "tag",
}


INCOMPLETE = {"multiple allow rules - one matches"}  # the collection lacks the rule that matches


def rule(written: Row) -> Query:
    if written["field"] not in FIELDS or not written["pattern"].isalnum():
        raise OtherLanguage("a regular expression, or a field articles do not have")
    return parse_query(f"{FIELDS[written['field']]}:{written['pattern']}")


def test_miniflux_rules_of_one_word_block_and_allow_the_same_entries() -> None:
    agreed = 0
    for row in rows("miniflux-filter-rules.jsonl"):
        if "expected_blocked" not in row or row["name"] in INCOMPLETE:
            continue
        try:
            block, allow = ([rule(each) for each in row[name]] for name in ("block", "allow"))
        except OtherLanguage:
            continue
        entry = row["entry"]
        article = analyse(
            ArticleText(
                entry["title"], body=entry["content"], author=entry["author"], tags=tuple(entry["tags"] or ())
            )
        )
        blocked = any(match(query, article) for query in block)
        allowed = not allow or any(match(query, article) for query in allow)
        assert (blocked or not allowed) is row["expected_blocked"], row
        agreed += 1
    assert agreed >= 10
