"""No query and no article takes long: twice the text takes about twice the steps, and shows no more words."""

import sys
from collections.abc import Callable
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
from subscriptions.queries.index import Index
from tests.corpus import needs_corpus
from tests.hostile import ARTICLES, QUERIES, TEXTS, hostile_strings


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


@pytest.mark.parametrize("query", QUERIES)
def test_the_index_takes_bounded_steps_too(query: str) -> None:
    parsed = parse_query(QUERIES[query](1_000))
    index = Index()
    index.add(1, parsed)
    for write in ARTICLES.values():
        article = ArticleText("", body=write(3_000))
        assert (index.find(article) == [1]) is (match(parsed, analyse(article)) is not None)
        assert steps(partial(index.find, article)) < 1_000_000


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
