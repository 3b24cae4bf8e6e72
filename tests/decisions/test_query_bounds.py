"""No query and no article takes long: twice the text takes about twice the steps, and shows no more words."""

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType

import pytest

from subscriptions.queries import (
    ArticleText,
    Query,
    QueryError,
    QueryLimits,
    analyse,
    explain,
    match,
    parse_query,
)
from tests.corpus import CORPUS, needs_corpus

LETTERS = "abcdefghij"
TEXTS: dict[str, Callable[[int], str]] = {  # each of about so many characters
    "one long word": lambda n: "a" * n,
    "one word of many parts": lambda n: "a-" * (n // 2),
    "words of many parts": lambda n: ("a-" * 49 + "a ") * (n // 100),
    "initials": lambda n: "U." * (n // 2),
    "numbers": lambda n: "1," * (n // 2),
    "apostrophes": lambda n: "l'" * (n // 2),
    "quotes": lambda n: "\"'" * (n // 2),
    "opening parentheses": lambda n: "(" * n,
    "minus signs": lambda n: "-" * n,
    "tildes and carets": lambda n: "~^" * (n // 2),
    "stars": lambda n: "*a" * (n // 2),
    "backslashes": lambda n: "\\" * n,
    "ampersands": lambda n: "a&" * (n // 2),
    "colons": lambda n: "title:" * (n // 6),
    "no spaces": lambda n: "以色列" * (n // 3),
    "accents": lambda n: "é" * n,
    "marks on one letter": lambda n: "e" + "\u0301" * n,
    "Hebrew prefixes": lambda n: "ושכבלמה " * (n // 8),
    "one Hebrew word": lambda n: "ו" * n,
    "Arabic prefixes": lambda n: "والبال " * (n // 7),
    "Korean nouns": lambda n: ("가" * 60 + " ") * (n // 61),
    "Thai vowels": lambda n: "น้ำ" * (n // 3),
    "one word again and again": lambda n: "strike " * (n // 7),
    "other words each time": lambda n: " ".join(f"w{number}x" for number in range(n // 7)),
    "letters": lambda n: " ".join(LETTERS[number % 9] for number in range(n // 2)),
    "control characters": lambda n: "\x00\ud800" * (n // 2),
    "NOT": lambda n: "NOT " * (n // 4) + "a",
    "alternatives": lambda n: "a OR b" + " OR a b" * (n // 7),
}
QUERIES: dict[str, Callable[[int], str]] = {  # each of about so many words
    "a phrase that is nearly there": lambda n: '"' + "a b " * (n // 2) + 'b"',
    "a phrase that is there": lambda n: '"' + "a b " * (n // 2) + '"',
    "phrases": lambda n: " OR ".join('"a b a b b%s"' % ("a b " * (at % 20)) for at in range(n // 20)),
    "near words": lambda n: " OR ".join(
        f'"a b a b zz"~{at % 100} OR "a b"~{at % 100}' for at in range(n // 7)
    ),
    "near words in order": lambda n: " OR ".join(f'"a b a b a b"~>{at % 100}' for at in range(n // 6)),
    "words of many parts": lambda n: "a-b-" * (n // 2) + "a",
    "characters": lambda n: "以色" * (n // 2),
    "prefixes": lambda n: " OR ".join(f"{LETTERS}{at}*" for at in range(n)),
    "suffixes": lambda n: " OR ".join(f"*{at}{LETTERS}" for at in range(n)),
    "words": lambda n: " OR ".join(f"a (w{at} OR b -c)" for at in range(n // 4)),
}
ARTICLES: dict[str, Callable[[int], str]] = {  # each of about so many words
    "two words in turn": lambda n: "a b " * (n // 2),
    "two characters in turn": lambda n: "以色" * (n // 2),
    "two words in turn, joined": lambda n: "a-b " * (n // 2),
    "words that begin alike": lambda n: " ".join(f"{LETTERS}{at % 97}" for at in range(n)),
    "words that end alike": lambda n: " ".join(f"{at % 97}{LETTERS}" for at in range(n)),
}


def steps(work: Callable[[], object]) -> int:
    """Count the calls that `work` makes."""
    count = 0

    def note(_frame: FrameType, event: str, _about: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def read(text: str) -> Query | None:
    try:
        return parse_query(text)
    except QueryError:
        return None


@pytest.mark.parametrize("name", TEXTS)
def test_an_article_twice_as_long_takes_about_twice_the_steps_and_the_room(name: str) -> None:
    once, twice = (ArticleText("", body=TEXTS[name](size), language="en") for size in (3_000, 6_000))
    assert 2.2 * steps(partial(analyse, once)) + 500 > steps(partial(analyse, twice))
    article = analyse(twice)
    assert sum(len(places) for places in article.fields["body"].postings.values()) <= 12 * 6_000
    assert len(article.keys) <= 12 * 6_000


@pytest.mark.parametrize("name", TEXTS)
def test_a_query_twice_as_long_takes_about_twice_the_steps(name: str) -> None:
    once, twice = (TEXTS[name](size) for size in (3_000, 6_000))
    assert 2.2 * steps(partial(read, once)) + 500 > steps(partial(read, twice))


@pytest.mark.parametrize("article", ARTICLES)
@pytest.mark.parametrize("query", QUERIES)
def test_matching_takes_steps_in_proportion_to_the_article(query: str, article: str) -> None:
    parsed = parse_query(QUERIES[query](1_000))
    once, twice = (analyse(ArticleText("", body=ARTICLES[article](words))) for words in (1_500, 3_000))
    match(parsed, once)  # what it needs of the query alone is worked out once
    taken = steps(partial(match, parsed, twice))
    assert taken < 2.2 * steps(partial(match, parsed, once)) + 500
    assert taken < 1_000_000  # a tenth of a second
    found = match(parsed, twice)
    assert len(found.words if found else ()) <= 3_000


def test_a_phrase_of_ten_thousand_characters_is_looked_for_in_an_article_of_a_hundred_thousand() -> None:
    article = analyse(ArticleText("News", body="以" * 100_000))
    assert match(parse_query("以" * 9_999), article)
    nearly = parse_query("以" * 9_999 + "色")
    assert match(nearly, article) is None
    assert steps(partial(match, nearly, article)) < 1_000_000


def test_near_words_far_apart_in_a_long_article_are_found_to_be_so_by_looking_at_none() -> None:
    body = " ".join("abcdefghi"[at % 9] for at in range(50_000)) + " j"
    article = analyse(ArticleText("News", body=body))
    query = parse_query('"a b c d e f g h j"~0')
    assert match(query, article) is None
    assert steps(partial(match, query, article)) < 2_000


def test_a_stored_query_may_be_as_deep_and_long_as_its_limits_say() -> None:
    limits = QueryLimits()
    deep = "(a OR " * limits.depth + "b" + " c)" * limits.depth
    wide = " OR ".join(f"w{at}" for at in range(limits.terms))
    article = analyse(ArticleText("a"))
    for text in (deep, wide):
        query = parse_query(text)
        assert parse_query(query.canonical).ast == query.ast
        assert explain(query, article)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(child)


def hostile_strings() -> list[str]:
    found: list[str] = []
    for file in sorted((CORPUS / "hostile" / "strings").glob("*.json*")):
        lines = [file.read_text()] if file.suffix == ".json" else file.read_text().splitlines()
        found += [text for line in lines for text in strings(json.loads(line))]
    return found


@needs_corpus
def test_every_hostile_string_is_a_query_or_refused_and_an_article_that_answers_its_own_query() -> None:
    texts = hostile_strings()
    assert len(texts) > 500
    for text in texts:
        article = analyse(ArticleText(text, text, text, text, text, text, tags=(text,), author=text))
        kept = sum(len(places) for field in article.fields.values() for places in field.postings.values())
        assert kept <= 12 * 8 * len(text) + 10
        query = read(text)
        if query is None:
            with pytest.raises(QueryError) as refused:
                parse_query(text)
            assert 0 <= refused.value.position <= len(text)
            assert refused.value.pointer().count("\n") == 1
        else:
            assert parse_query(query.canonical).canonical == query.canonical
            assert explain(query, article)
