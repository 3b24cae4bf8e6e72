"""Concordances: what they say of many articles at once is what the matcher says of each."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.queries import AnalysedArticle, ArticleText, Query, QueryError, analyse, match, parse_query
from subscriptions.queries.bounds import Bounds, bounds
from subscriptions.queries.concordance import Concordance, numbers, pack, unpack
from subscriptions.queries.nodes import Field
from subscriptions.queries.packed_forms import MOST_ARTICLES, Articles
from subscriptions.queries.places import is_there

# Words in all scripts the product cares about, in the forms that meet each other and in some that do not.
WORDS = (
    *(
        "strike",
        "strikes",
        "Strike",
        "STRIKE",
        "AI",
        "ai",
        "J'AI",
        "US",
        "U.S.",
        "us",
        "news",
        "NGOs",
        "C++",
        "AT&T",
    ),
    *(
        "Tel-Aviv",
        "Tel Aviv",
        "TelAviv",
        "covid-19",
        "covid19",
        "O'Reilly",
        "OReilly",
        "l'Iran",
        "Iran",
        "3.5",
        "10,000",
    ),
    *(
        "Häuser",
        "Haus",
        "Straße",
        "strasse",
        "İstanbul",
        "istanbul",
        "istanbul'da",
        "evler",
        "séisme",
        "bureaux",
    ),
    *(
        "בעזה",
        "עזה",
        "ולעזה",
        'צה"ל',
        "צהל",
        "والحرب",
        "حرب",
        "الحرب",
        "Израиля",
        "Израиль",
        "выборы",
        "Ἑλλάδα",
        "Ελλάδας",
    ),
    *(
        "चुनावों",
        "चुनाव",
        "이스라엘이",
        "이스라엘군",
        "이스라엘",
        "総理",
        "前総理大臣",
        "地震",
        "东京",
        "กรุงเทพ",
        "เทพ",
        "😀",
    ),
)
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
LANGUAGES = st.sampled_from(["", "en", "de", "tr", "fr", "en-GB", "he"])
ARTICLES = st.builds(
    ArticleText,
    title=SENTENCES,
    summary=SENTENCES,
    body=SENTENCES,
    url=st.sampled_from(["", "https://news.example/strike/2026", "https://telaviv.example/covid-19"]),
    source=st.sampled_from(["", "Strike News", "TelAviv Herald"]),
    family=st.sampled_from(["", "strike"]),
    language=LANGUAGES,
    tags=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    author=st.sampled_from(["", "Dana O'Reilly"]),
    urgency=st.sampled_from([None, 1, 4, 8]),
    media_topics=st.sampled_from([(), ("04000000",), ("16000000", "20000065")]),
)
WORD = st.sampled_from(WORDS)
LEAVES = st.one_of(
    WORD,
    st.tuples(WORD, WORD).map(lambda pair: f'"{pair[0]} {pair[1]}"'),
    WORD.map(lambda word: f'"{word}"'),
    st.tuples(WORD, WORD).map(lambda pair: f'"{pair[0]} {pair[1]}"~3'),
    st.tuples(WORD, WORD).map(lambda pair: f'"{pair[0]} {pair[1]}"~>2'),
    st.tuples(WORD, st.integers(2, 5)).map(lambda pair: f"{pair[0][: pair[1]]}*"),
    st.tuples(WORD, st.integers(2, 5)).map(lambda pair: f"*{pair[0][-pair[1] :]}"),
    st.sampled_from(
        [
            *("urgency:<=4", "urgency:8", "mediatopic:20000065"),
            *(f"({word} language:{code})" for word in ("strike", "haus") for code in ("en", "en-gb", "de")),
        ]
    ),
)
FIELDS = st.sampled_from(
    [
        "",
        "",
        "",
        *(f"{name}:" for name in ("title", "summary", "body", "url", "source", "family", "tag", "author")),
    ]
)
QUERIES = st.recursive(
    st.tuples(FIELDS, LEAVES).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} NOT {two[1]})"),
    ),
    max_leaves=5,
)


def asked(
    query: Query, articles: list[AnalysedArticle], concordance: Concordance | None = None
) -> tuple[Bounds, Articles]:
    """Ask a concordance of these articles, and the matcher about each of them."""

    def of_the_source(leaf: Field) -> tuple[Articles, Articles]:
        named = [number for number, article in enumerate(articles) if leaf.name in article.fields]
        there = [n for n in named if is_there(leaf.leaf, articles[n].fields[leaf.name], exact=True)]
        return sum(1 << number for number in there), sum(1 << number for number in named)

    matching = sum(1 << number for number, article in enumerate(articles) if match(query, article))
    return bounds(query.ast, concordance or unpack(*pack(articles)), of_the_source), matching


def parsed(text: str, stem: str = "") -> Query | None:
    try:
        return parse_query(f"stem:{stem} {text}" if stem else text)
    except QueryError:
        return None


def leaves(word: str, other: str) -> Iterator[str]:
    """Write what can be asked about a word, in each field."""
    for field in ("", "title:", "tag:", "url:", "source:"):
        yield from (f"{field}{word}", f'{field}"{word}"', f"{field}{word[:3]}*", f"{field}*{word[-3:]}")
        yield from (f'{field}"{word} {other}"', f'{field}"{word} {other}"~1', f'{field}"{word} {other}"~>1')
    yield from (f"stem:{language} {word}" for language in ("english", "french"))


def test_each_word_is_found_in_every_way_it_can_be_asked_for() -> None:
    pairs = [(word, WORDS[number - 1]) for number, word in enumerate(WORDS)]
    texts = [
        ArticleText(
            f"{word} {other}",
            "turnip",
            url=f"https://news.example/{word}" if number % 3 else "",
            source=word if number % 4 else "",
            language=("en", "de", "tr", "fr", "he", "")[number % 6],
            tags=(word,) if number % 5 else (),
            author=word if number % 2 else "",
        )
        for number, (word, other) in enumerate(pairs)
    ]
    articles = [analyse(text) for text in texts]
    concordance = unpack(*pack(articles))
    for written in (leaf for pair in pairs for leaf in leaves(*pair)):
        for query in (parsed(written), parsed(f"turnip NOT {written}")):
            if query is not None:
                (sure, possible), matching = asked(query, articles, concordance)
                assert sure & ~matching == 0, f"{query.text}: called sure, though it does not match"
                assert matching & ~possible == 0, f"{query.text}: missed"


@given(QUERIES, st.sampled_from(["", "", "english", "french"]), st.lists(ARTICLES, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_no_article_is_missed_and_none_is_called_sure_that_the_matcher_refuses(
    written: str, stem: str, texts: list[ArticleText]
) -> None:
    query = parsed(written, stem)
    if query is None:
        return
    (sure, possible), matching = asked(query, [analyse(text) for text in texts])
    assert sure & ~matching == 0, "called sure, though it does not match"
    assert matching & ~possible == 0, "missed"


@pytest.mark.parametrize(
    "query",
    [
        "harbour",
        "harbour OR storm*",
        "harbour -flood",
        "title:harbour",
        "harbour language:en",
        "harbour NOT tag:sport",
    ],
)
def test_a_query_of_single_words_needs_no_other_look_at_any_article(query: str) -> None:
    texts = [
        ArticleText(
            f"{' '.join(word for bit, word in enumerate(('harbour', 'storms', 'flood')) if n >> bit & 1)}."
        )
        for n in range(8)
    ]
    texts += [
        ArticleText("News", "The harbour", language="en", tags=tags) for tags in ((), ("sport",), ("sea",))
    ]
    (sure, possible), matching = asked(parse_query(query), [analyse(text) for text in texts])
    assert sure == possible == matching
    assert matching


def test_a_full_concordance_tells_its_articles_apart() -> None:
    articles = [analyse(ArticleText(f"storm number{n}")) for n in range(MOST_ARTICLES)]
    (sure, _), _ = asked(parse_query("number255 OR number0 OR storm number17"), articles)
    assert list(numbers(sure)) == [0, 17, 255]


def test_an_article_without_a_word_and_no_article_at_all_can_be_packed() -> None:
    query = parse_query("storm")
    assert asked(query, [analyse(ArticleText(""))]) == (Bounds(0, 0), 0)
    assert asked(query, []) == (Bounds(0, 0), 0)
