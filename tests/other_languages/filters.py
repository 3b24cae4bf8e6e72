"""Filters of feed readers (miniflux, MonitoRSS) and stored queries of percolators."""

import re
from collections.abc import Iterator

from subscriptions.queries import AnalysedArticle, ArticleText, Query, analyse, match, parse_query
from tests.other_languages.verdicts import OtherLanguage, Row, Verdict, judged, rows

REGULAR = "regular expressions"
NO_FIELD = "a field that articles do not have"
PART = "a part of a word, elsewhere than at one end"
NUMBER = "a number that articles do not have"
EVERYTHING = "what asks for nothing, or only excludes, is refused"
INCOMPLETE = "the collection lacks the rule that matches"

FIELDS = {
    "EntryTitle": "title",
    "EntryURL": "url",
    "EntryContent": "body",
    "EntryAuthor": "author",
    "EntryTag": "tag",
}


def miniflux() -> Iterator[Verdict]:
    """Rules that block entries, or allow them."""

    def listed(row: Row) -> str:
        return INCOMPLETE if row["name"].endswith("rules - one matches") else ""

    return judged(rows("miniflux-filter-rules.jsonl"), _miniflux, listed)


def _miniflux(row: Row) -> tuple[object, object]:
    entry = row["entry"]
    article = analyse(
        ArticleText(
            entry["title"],
            body=entry["content"],
            url=entry["url"],
            author=entry["author"],
            tags=tuple(entry["tags"] or ()),
        )
    )
    if "any_of" in row:
        return row["expected_match"], _any(row["any_of"], article)
    blocked = _any(row["block"], article) or not (not row["allow"] or _any(row["allow"], article))
    return row["expected_blocked"], blocked


def _any(rules: list[Row], article: AnalysedArticle) -> bool:
    return any(match(_rule(rule), article) for rule in rules)


def _rule(rule: Row) -> Query:
    if rule["field"] not in FIELDS:
        raise OtherLanguage(NO_FIELD)
    pattern = rule["pattern"].replace("\\.", ".")
    if not re.fullmatch(r"[\w.]+", pattern) or re.search(r"(?<!\\)\.", rule["pattern"]):
        raise OtherLanguage(REGULAR)
    return parse_query(f"{FIELDS[rule['field']]}:{pattern}")


def monitorss() -> Iterator[Verdict]:
    """Filters on one value."""
    return judged(rows("monitorss-filters.jsonl"), _monitorss, lambda _row: "")


def _monitorss(row: Row) -> tuple[object, object]:
    if row["op"] == "matches":
        raise OtherLanguage(REGULAR)
    if row["op"] == "contains":
        raise OtherLanguage(PART)
    query = parse_query(f'tag:"{row["value"]}"')
    article = analyse(ArticleText("News", tags=(row["article_value"],)))
    return row["expected"], match(query, article) is not None


def percolators() -> Iterator[Verdict]:
    """Queries stored with Elasticsearch and Lucene's monitor; of those made of named ones, each by itself."""
    for row in rows("percolator-transcribed.jsonl"):
        if "query_dsl" in row and "bool" in row["query_dsl"]:
            named = [{**row, "clause": clause} for clause in row["query_dsl"]["bool"]["should"]]
            yield from judged(named, _clause, lambda _row: "")
        else:
            yield from judged([row], _query, lambda _row: "")


def _clause(row: Row) -> tuple[object, object]:
    ((kind, inside),) = row["clause"].items()
    if kind == "range":
        raise OtherLanguage(NUMBER)
    name, pattern = (
        (inside["description"]["_name"], inside["description"]["value"])
        if kind == "wildcard"
        else (inside["_name"], inside["query"])
    )
    article = analyse(ArticleText("House", body=row["document"]["description"]))
    return name in row["matched_names"], match(parse_query(f"body:{pattern}"), article) is not None


def _query(row: Row) -> tuple[object, object]:
    query = row.get("query", "")
    if "*:*" in query or not query:
        raise OtherLanguage(EVERYTHING)
    title, body = (row["document"].get(name, "") for name in ("field_1", "field_2"))
    ours = match(parse_query(query.replace("field_1", "title")), analyse(ArticleText(title, body=body)))
    return row["match"], ours is not None
