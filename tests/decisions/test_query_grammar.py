"""The topic language: what is accepted and means what, what is refused, where and why."""

import pytest

from subscriptions.errors import Mistake
from subscriptions.queries import QueryError, QueryLimits, parse_query
from subscriptions.queries.nodes import And, Field, Near, Not, Or, Phrase, Prefix, Suffix, Urgency, Word
from subscriptions.texts import ENGLISH, LANGUAGES

A, B, C = Word(("a",)), Word(("b",)), Word(("c",))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a && b", And((A, B))),
        ("+a +b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a || b", Or((A, B))),
        ("a|b", Or((A, B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a（b OR c）", And((A, Or((B, C))))),
        ("a NOT b OR c", Or((And((A, Not(B))), C))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a -b", And((A, Not(B)))),
        ("a !b", And((A, Not(B)))),
        ("a −b", And((A, Not(B)))),
        ("a NOT NOT b", And((A, B))),
        ("a NOT (b OR c)", And((A, Not(B), Not(C)))),
        ("a NOT (b c)", And((A, Or((Not(B), Not(C)))))),
        ("a a a", A),
        ('"a b"', Phrase((A, B))),
        ("“a b”", Phrase((A, B))),
        ("„a b“", Phrase((A, B))),
        ("«a b»", Phrase((A, B))),
        ("»a b«", Phrase((A, B))),
        ('"a b"~5', Near((A, B), 5)),
        ('"b a"~0', Near((A, B), 0)),
        ('"b a"~>2', Near((B, A), 2, ordered=True)),
        ("“b a”~＞2", Near((B, A), 2, ordered=True)),
        ("abc*", Prefix(("abc",))),
        ("*abc", Suffix(("abc",))),
        ("＊abc", Suffix(("abc",))),
        ("a -*abc", And((A, Not(Suffix(("abc",)))))),
        ("title:*abc", Field("title", Suffix(("abc",)))),
        ("*tel-aviv", Suffix(("tel", "aviv"))),
        (r"\*abc", Word(("abc",))),
        ("tel-av*", Prefix(("tel", "av"))),
        ("title:a", Field("title", A)),
        ("TITLE:a", Field("title", A)),
        ('tag:"a b"', Field("tag", Phrase((A, B)))),
        ("title:(a OR b)", Or((Field("title", A), Field("title", B)))),
        ("title:(a -b)", And((Field("title", A), Not(Field("title", B))))),
        ("-title:b a", And((A, Not(Field("title", B))))),
        ("a language:iw", And((A, Field("language", Word(("he",)))))),
        ("a language:pt-BR", And((A, Field("language", Word(("pt", "br")))))),
        ("source:BBC", Field("source", Word(("bbc",)))),
        ("urgency:<3", Urgency(1, 2)),
        ("urgency:<=3", Urgency(1, 3)),
        ("urgency:>6", Urgency(7, 8)),
        ("urgency:>=6", Urgency(6, 8)),
        ("urgency:1..3", Urgency(1, 3)),
        ("a urgency:5", And((A, Urgency(5, 5)))),
        ("a urgency:1..8", And((A, Urgency(1, 8)))),
        ("AI", Word(("AI",))),
        ("ai", Word(("ai",))),
        ("ISRAEL", Word(("israel",))),
        ("U.S.", Word(("US",))),
        ("Tel-Aviv", Word(("tel", "aviv"))),
        ("O'Reilly", Word(("o", "reilly"))),
        ("AT&T", Word(("at&t",))),
        ("C++", Word(("c++",))),
        ("C#", Word(("c#",))),
        ("3.5", Word(("3.5",))),
        ("10:30", Word(("10", "30"))),
        ("http://a.example/b", Word(("http", "a", "example", "b"))),
        ("re:invent", Word(("re", "invent"))),
        ("Breaking: a", And((A, Word(("breaking",))))),
        ("a , b ...", And((A, B))),
        ("a – b", And((A, B))),
        ('צה"ל', Word(("צהל",))),
        ('"צה"ל a"', Phrase((Word(("צהל",)), A))),
        (r"\-a", A),
        (r"\or", Word(("or",))),
        (r"title\:a", Word(("title", "a"))),
        ('"AND"', Phrase((Word(("AND",)),))),
        ("AND1", Word(("and1",))),
        ("a\u3000b\n\tc", And((A, B, C))),
    ],
)
def test_a_query_means_what_it_looks_like(query: str, tree: object) -> None:
    assert parse_query(query).ast == tree


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("a or b", "a OR b"),
        ("a and b", "a AND b"),
        ("a and not b", "a AND NOT b"),
        ("(a) or (b)", "a OR b"),
        ('"a" or "b"', '"a" OR "b"'),
        ("a or -b", "REFUSED"),
        ("or", r"\or"),
        ("a or", r"\or AND a"),
        ("or a", r"\or AND a"),
        ("(or a)", r"\or AND a"),
        ("a OR or", r"\or OR a"),
        ("not guilty", r"\not AND guilty"),
        ("a not b", r"\not AND a AND b"),
        ("ready or not", r"\not OR ready"),
        ('"a or b"', '"a or b"'),
    ],
)
def test_small_operators_join_only_where_they_cannot_be_words(query: str, canonical: str) -> None:
    if canonical == "REFUSED":
        with pytest.raises(QueryError):
            parse_query(query)
    else:
        assert parse_query(query).canonical == canonical


@pytest.mark.parametrize(
    ("query", "position", "length", "expected"),
    [
        ("", 0, 0, "a word"),
        ("   ", 0, 3, "a word"),
        (", ;", 0, 3, "a word"),
        ("gaza AND", 8, 0, 'a word, a "phrase" or "("'),
        ("AND gaza", 0, 3, "a word"),
        ("gaza OR OR a", 8, 2, "a word"),
        ("gaza NOT", 8, 0, "a word"),
        ("gaza -", 5, 1, "right behind it"),
        ("gaza - a", 5, 1, "right behind it"),
        ("gaza --a", 5, 1, "right behind it"),
        ("gaza —a", 5, 1, '"-" to exclude'),
        ("(gaza", 0, 1, 'a ")"'),
        ("a (b OR (c)", 2, 1, 'a ")"'),
        ("gaza)", 4, 1, 'no "(" was opened'),
        ("()", 1, 1, "a word"),
        ('a "gaza', 2, 1, 'a " that closes it'),
        ("«gaza", 0, 1, "a » that closes it"),
        ("gaza」", 4, 1, "no quote was opened"),
        ('""', 0, 2, "a word"),
        ('", ."', 0, 5, "a word"),
        ('"a b"~', 5, 1, "a whole number"),
        ('"a b"~0.5', 5, 1, "a whole number"),
        ('"a b"~101', 5, 4, "a number up to 100"),
        ('"a b c d e f g h i j k"~5', 0, 25, '10 words before "~" at most'),
        ('"isra* army"', 5, 1, "outside quotes"),
        ('"a b"~>', 5, 1, '"two words"~>5 in this order'),
        ('"a b"~>101', 5, 5, "a number up to 100"),
        ("*", 0, 1, 'letters beside "*"'),
        ("a *", 2, 1, 'letters beside "*"'),
        ("ab*", 0, 3, "three letters or more"),
        ("*ab", 0, 3, "three letters or more"),
        ("以*", 0, 2, "two in Chinese"),
        ("*列", 0, 2, "two in Chinese"),
        ("is*ael", 2, 1, "only at the end"),
        ("*srael*", 6, 1, "or only at its beginning"),
        ("**", 1, 1, "or only at its beginning"),
        ("wom?n", 3, 1, 'only "*" stands for others'),
        ("a israel~", 8, 1, "plain words"),
        ("israel~2", 6, 2, "plain words"),
        ("israel^2", 6, 2, "plain words"),
        ('"a b"^2', 5, 2, "plain words"),
        ("NOT gaza", 0, 8, "a word that must be there"),
        ("-a -b", 0, 5, "a word that must be there"),
        ("a OR -b", 5, 2, "a word that must be there"),
        ("a OR (b OR NOT c)", 11, 5, "a word that must be there"),
        ("NOT (a NOT b)", 5, 1, "a word that must be there"),
        ("language:en", 0, 11, "a language alone"),
        ("a OR language:en", 5, 11, "a language alone"),
        ("language:en -a", 0, 14, "a language alone"),
        ("language:en (a OR -b)", 0, 20, "a language alone"),
        ("a OR urgency:1..8", 5, 12, "levels without 5"),
        ("urgency:5", 0, 9, "levels without 5"),
        ("urgency:>=3 -a", 0, 14, "levels without 5"),
        ("urgency:1..5 language:en", 0, 24, "a word beside it"),
        ("url:https", 0, 9, "more of the address"),
        ("url:www.com OR a", 0, 11, "more of the address"),
        ("title:", 6, 1, "right behind it"),
        ("title: gaza", 6, 1, "right behind it"),
        ("title:-gaza", 6, 1, "right behind it"),
        ("title:(a body:b)", 9, 5, "without a field"),
        ("titel:gaza", 0, 5, "one of title, summary"),
        ("a sumary:gaza", 2, 6, "one of title, summary"),
        ("tags:gaza", 0, 4, "one of title, summary"),
        ("urgency:high", 8, 4, "a level from 1"),
        ("urgency:<1", 8, 2, "levels that exist"),
        ("urgency:3..1", 8, 4, "levels that exist"),
        ("urgency:(1)", 8, 1, "a level from 1"),
        ("language:hebrew", 9, 6, "a language code"),
        ("language:x", 9, 1, "a language code"),
    ],
)
def test_a_wrong_query_is_refused_at_the_very_place(
    query: str, position: int, length: int, expected: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    error = caught.value
    assert (error.position, error.length) == (position, length)
    assert expected in error.expected
    assert isinstance(error, Mistake)
    assert str(error).startswith(f"At character {position + 1}, ")
    for language in set(LANGUAGES.values()) - {ENGLISH}:
        assert language.phrase(error.expected) != error.expected, "readers are told in their language"


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        *(
            ("titel:a", "title:"),
            ("summry:a", "summary:"),
            ("langage:en", "language:"),
            ("lang:en", "language:"),
        ),
        *(("tags:a", "tag:"), ("headline:a", "title:"), ("sorce:a", "source:"), ('autor:"a b"', "author:")),
        *(("title: gaza", "title:gaza"), ('title: "a b"', 'title:"a b"'), ("gaza —israel", "-israel")),
        *(("wom?n", "wom*"), ("israel^2", "israel"), ("israel~", "israel"), ("urgency:1-3", "1..3")),
        *(("minister NEAR/5 resigns", '"two words"~5'), ("minister pre/3 resigns", '"two words"~>3')),
        *(("language:hebrew", "he"), ("language:Russian", "ru")),
    ],
)
def test_a_slip_gets_a_suggestion(query: str, suggestion: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert caught.value.suggestion == suggestion
    assert f"Did you mean {suggestion} ?" in str(caught.value)


@pytest.mark.parametrize(
    "query", ["time:now", "trump:live", "tax:cut", "10:30", "titel: a", "https://a.example"]
)
def test_a_colon_in_plain_text_is_plain_text(query: str) -> None:
    assert ":" not in parse_query(query).canonical


def test_an_error_reads_as_one_sentence() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("gaza AND")
    assert str(caught.value) == 'At character 9, after "AND": expected a word, a "phrase" or "(".'


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("gaza AND )", "gaza AND )\n         ^"),
        ("titel:a", "titel:a\n^^^^^"),
        ("以色列 AND )", "以色列 AND )\n" + " " * 11 + "^"),
        ("gaza\nAND )", "gaza AND )\n         ^"),
    ],
)
def test_a_pointer_stands_under_the_place(query: str, pointer: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert caught.value.pointer() == pointer


def test_groups_beside_one_another_are_not_deep() -> None:
    assert parse_query("(a) OR " * 50 + "(b)", limits=QueryLimits(depth=1)).canonical == "a OR b"


def test_a_pointer_into_a_long_query_shows_the_words_around_the_place() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("word " * 500 + "AND")
    query, carets = caught.value.pointer().split("\n")
    assert query.endswith("word AND")
    assert len(query) < 80
    assert len(carets) == len(query) + 1


@pytest.mark.parametrize(
    ("query", "limits", "position"),
    [
        ("a" * 11, QueryLimits(length=10), 10),
        ("a b c", QueryLimits(terms=2), 4),
        ('a "b c"', QueryLimits(terms=2), 2),
        ("((a))", QueryLimits(depth=1), 1),
        ("(" * 5_000 + "a" + ")" * 4_999, QueryLimits(), 100),
        ('"a b"~5', QueryLimits(distance=4), 5),
        ('"a b"~5', QueryLimits(near=1), 0),
    ],
)
def test_a_query_over_a_limit_is_refused_where_it_goes_over(
    query: str, limits: QueryLimits, position: int
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query, limits=limits)
    assert caught.value.position == position
    assert "at most" in caught.value.expected or "up to" in caught.value.expected


@pytest.mark.parametrize(
    "same",
    [
        ("gaza israel", "Israel AND Gaza"),
        ("a (b c)", "(a b) c"),
        ("a OR b OR a", "b OR a"),
        ("title:(a OR b)", "title:b OR title:a"),
        ("café", "Cafe\u0301"),
        ("Tel-Aviv", "tel–aviv"),
        ("U.S.", "US"),
        ("a -(b OR c)", "a -c -b"),
        ('"b a"~3', "“a b”~3"),
    ],
)
def test_queries_that_ask_the_same_have_one_canonical_form(same: tuple[str, str]) -> None:
    first, second = map(parse_query, same)
    assert first.canonical == second.canonical
    assert first.ast == second.ast


@pytest.mark.parametrize(
    "other",
    [
        ("US", "us"),
        ('"a b"', "a b"),
        ('"strike"', "strike"),
        ("title:a", "a"),
        ("abc*", "abc"),
        ("abc*", "*abc"),
        ('"a b"~2', '"a b"~>2'),
        ('"a b"~>2', '"b a"~>2'),
    ],
)
def test_queries_that_ask_otherwise_have_another_canonical_form(other: tuple[str, str]) -> None:
    first, second = map(parse_query, other)
    assert first.canonical != second.canonical
