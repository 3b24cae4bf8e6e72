"""Topics that ask for all words made of a stem: `stem:english` and what stays exact."""

import pytest

from subscriptions.queries import ArticleText, QueryError, analyse, match, parse_query
from subscriptions.queries.stemming import NAMES, STEMMED

RINGS, SILENT = True, False

CASES = [
    ("a negotiator is found by what she does", "stem:english negotiate", "Negotiators meet", "en", RINGS),
    ("a code names the language as well", "stem:en negotiate", "Negotiations go on", "en-GB", RINGS),
    ("without asking, a stem is not looked for", "negotiate", "Negotiations go on", "en", SILENT),
    ("a short word is a stem of longer ones", "stem:en run", "Running for mayor", "en", RINGS),
    ("what is important is imported then", "stem:en import", "An important vote", "en", RINGS),
    ("in quotes a word is exactly that word", 'stem:en "negotiate"', "Negotiations go on", "en", SILENT),
    ("near words are not exact", 'stem:en "resign minister"~3', "Minister has resigned", "en", RINGS),
    ("nor in their order", 'stem:en "minister resign"~>3', "Minister has resigned", "en", RINGS),
    ("capitals are no stem", "stem:en US", "They are using us", "en", SILENT),
    (
        "each word of the query is stemmed",
        "stem:en (strike OR flood) resign",
        "Flooded: resigned",
        "en",
        RINGS,
    ),
    (
        "what is excluded is excluded in all its forms",
        "stem:en vote -resign",
        "Vote: he resigned",
        "en",
        SILENT,
    ),
    ("each part of a compound", "stem:en vote-counting", "Votes counted", "en", RINGS),
    ("a field of the text is stemmed", "stem:en title:negotiate", "Negotiations go on", "en", RINGS),
    ("an article in another language is not", "stem:en nation", "La national", "fr", SILENT),
    ("but the word itself is found there", "stem:en nation", "La nation", "fr", RINGS),
    ("an article of which nobody knows the language is not", "stem:en resign", "Resigned 12345", "", SILENT),
    ("French", "stem:french négocier", "Les négociations", "fr", RINGS),
    ("Spanish", "stem:spanish negociar", "Negociaciones", "es", RINGS),
    ("Italian", "stem:it elezione", "Le elezioni", "it", RINGS),
    ("Portuguese", "stem:pt votar", "Votaram todos", "pt", RINGS),
    ("Dutch", "stem:nl verkiezing", "De verkiezingen", "nl", RINGS),
    ("Norwegian by its other code", "stem:nb valg", "Valget er over", "no", RINGS),
    ("Polish", "stem:polish wojna", "Po wojnie", "pl", RINGS),
    ("Finnish", "stem:fi neuvottelu", "Neuvotteluissa", "fi", RINGS),
    ("German is stemmed anyway", "stem:german Wahl", "Die Wahlen", "de", RINGS),
]


@pytest.mark.parametrize(
    ("query", "title", "language", "rings"),
    [pytest.param(*case, id=sentence) for sentence, *case in CASES],
)
def test_a_topic_that_asks_for_stems_rings(query: str, title: str, language: str, rings: bool) -> None:  # noqa: FBT001 - a column
    article = analyse(ArticleText(title, language=language))
    assert (match(parse_query(query), article) is not None) is rings


def test_names_are_found_as_they_are() -> None:
    article = analyse(
        ArticleText("News", source="Negotiations Weekly", tags=("Negotiations",), language="en")
    )
    assert not match(parse_query("stem:en source:negotiate"), article)
    assert match(parse_query("stem:en tag:negotiate"), article)


@pytest.mark.parametrize("name", NAMES)
def test_every_language_on_offer_finds_a_word_by_itself(name: str) -> None:
    query = parse_query(f"stem:{name} reformation")
    (code,) = {code for code in STEMMED if query.canonical == f"stem:{code} reformation"}
    assert match(query, analyse(ArticleText("Reformation", language=code)))


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("stem:English negotiate OR a", "stem:en a OR negotiate"),
        ("STEM:EN vote", "stem:en vote"),
        ('stem:en "vote"', '"vote"'),
        ("stem:en US 以色列", "US AND 以色列"),
        ("stem:de Wahl", "wahl"),
        ("stem: cells", "cells AND stem"),
    ],
)
def test_a_stem_is_in_the_canonical_form_where_it_means_something(query: str, canonical: str) -> None:
    assert parse_query(query).canonical == canonical
    assert parse_query(canonical).ast == parse_query(query).ast


@pytest.mark.parametrize(
    ("query", "position", "length", "suggestion"),
    [
        ("stem:inglish a", 5, 7, "english"),
        ("stem:hebrew a", 5, 6, ""),
        ("stem:or a", 5, 2, ""),
        ("stem:-a", 5, 1, ""),
        ("a stem:en", 2, 5, ""),
        ("title:(stem:en a)", 7, 5, ""),
        ("stems:en a", 0, 5, "stem:"),
        ("stem:en", 0, 7, ""),
    ],
)
def test_a_stem_that_cannot_be_is_refused_at_its_place(
    query: str, position: int, length: int, suggestion: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    error = caught.value
    assert (error.position, error.length, error.suggestion) == (position, length, suggestion)


def test_who_knows_that_nobody_asks_for_stems_spares_the_work() -> None:
    text = ArticleText("Negotiations go on", language="en")
    assert "~en:negoti" in analyse(text).keys
    assert "~en:negoti" not in analyse(text, stems=()).keys
