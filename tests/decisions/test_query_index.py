"""The index finds what plain evaluation finds, whatever is added, edited, removed, merged and stored.

All of it with the steps in numpy, and with the compiled ones where there is a compiler.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from subscriptions.queries import ArticleText, Query, QueryError, analyse, match, parse_query
from subscriptions.queries.index import DamagedError, Index, Shelf
from subscriptions.queries.index.file import load, save
from subscriptions.queries.index.segment import Segment
from tests.kernel import all_steps

# Words of many scripts; several have forms in common, or are parts of one another.
WORDS = st.sampled_from(
    """
    storm storms Storm stormy negotiates negotiated AI U.S. US NGOs Tel-Aviv TelAviv covid-19 covid19
    C++ AT&T O'Reilly l'Iran Iran re:invent Straße strasse Säure istanbul İSTANBUL
    seçim seçimler séisme élections grève ракета ракеты выборы выбор война עזה
    בעזה צה״ל ומצרים مصر ومصر والحرب حرب 総理 前総理大臣 地震 東京
    中国 중국 이스라엘 이스라엘군 กรุงเทพ กรุง चुनाव चुनावों 3.5 1,000 10:30
    """.split()  # noqa: SIM905 - a list would take a page
)
SEPARATORS = st.sampled_from([" ", " ", " ", ", ", ". ", " - ", "", "-", "'", "/", "\n"])
TEXT = st.lists(st.tuples(WORDS, SEPARATORS), max_size=10).map(
    lambda pairs: "".join(word + separator for word, separator in pairs)
)
ARTICLES = st.builds(
    ArticleText,
    title=TEXT,
    summary=TEXT,
    body=TEXT,
    url=st.sampled_from(["", "https://news.example/storm/ai-2026"]),
    source=st.sampled_from(["", "The Storm Herald"]),
    language=st.sampled_from(["", "en", "de", "tr", "pt-br", "he"]),
    tags=st.lists(WORDS, max_size=2).map(tuple),
    urgency=st.sampled_from([None, 1, 3, 8]),
    media_topics=st.sampled_from([(), ("20000065",), ("20000065", "04000000")]),
)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
LEAVES = st.one_of(
    WORDS,
    PHRASES.map(lambda words: f'"{words}"'),
    st.tuples(PHRASES, st.sampled_from(["~1", "~4", "~>2"])).map(lambda pair: f'"{pair[0]}"{pair[1]}'),
    WORDS.map(lambda word: f"{word[:4]}*"),
    WORDS.map(lambda word: f"*{word[-4:]}"),
    st.sampled_from(["urgency:<=3", "urgency:8", "language:pt-br", "language:en", 'source:"storm herald"']),
    st.sampled_from(["url:news.example", "url:storm", "source:stor*", "tag:*orm", "mediatopic:20000065"]),
)
FIELDS = st.tuples(st.sampled_from(["", "", "", "title:", "body:", "tag:"]), LEAVES).map("".join)
QUERIES = st.recursive(
    FIELDS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' OR '.join(parts)})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND NOT {pair[1]})"),
    ),
    max_leaves=9,
)
STEMMED = st.tuples(st.sampled_from(["", "", "stem:english ", "stem:french "]), QUERIES).map("".join)


class Indexes:
    """The same index with all steps that there are; they must agree."""

    def __init__(self, sealed: Iterable[Segment] = ()) -> None:
        self._all = [Index(sealed, steps=steps) for steps in all_steps()]

    def add(self, topic: int, query: Query) -> None:
        for index in self._all:
            index.add(topic, query)

    def remove(self, topic: int) -> None:
        for index in self._all:
            index.remove(topic)

    def find(self, article: ArticleText) -> list[int]:
        plain, *others = (index.find(article) for index in self._all)
        for found in others:
            assert found == plain
        return plain

    def segment(self) -> Segment:
        return self._all[0].segment()

    def __len__(self) -> int:
        return len(self._all[0])


def parsed(texts: list[str]) -> dict[int, Query]:
    """The queries among `texts`, by number; those that the language refuses are left out."""
    found = {}
    for number, text in enumerate(texts):
        try:
            found[number] = parse_query(text)
        except QueryError:
            continue
    return found


def answered(queries: dict[int, Query], article: ArticleText) -> list[int]:
    """What plain evaluation finds."""
    analysed = analyse(article)
    return sorted(number for number, query in queries.items() if match(query, analysed))


@given(st.lists(STEMMED, min_size=1, max_size=12), st.lists(ARTICLES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_the_index_and_plain_evaluation_find_the_same(texts: list[str], articles: list[ArticleText]) -> None:
    queries, index = parsed(texts), Indexes()
    for number, query in queries.items():
        index.add(number, query)
    for article in articles:
        note(str({number: queries[number].text for number in queries}))
        assert index.find(article) == answered(queries, article)


class Lives(RuleBasedStateMachine):
    """An index through adds, edits, removes, merges, files and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.queries: dict[int, Query] = {}
        self.index = Indexes()

    @initialize(texts=st.lists(STEMMED, min_size=3, max_size=8))
    def begin(self, texts: list[str]) -> None:
        for number, query in parsed(texts).items():
            self.queries[number] = query
            self.index.add(number, query)

    @rule(number=st.integers(0, 12), text=STEMMED)
    def add_or_edit(self, number: int, text: str) -> None:
        for query in parsed([text]).values():
            self.queries[number] = query
            self.index.add(number, query)

    @rule(number=st.integers(0, 12))
    def remove(self, number: int) -> None:
        self.queries.pop(number, None)
        self.index.remove(number)

    @rule()
    def merge(self) -> None:
        self.index = Indexes([self.index.segment()])

    @rule()
    def store_and_open(self) -> None:
        path = Path(self.folder.name) / "all.segment"
        save(self.index.segment(), path)
        self.index = Indexes([load(path)])

    @rule(article=ARTICLES)
    def find(self, article: ArticleText) -> None:
        assert self.index.find(article) == answered(self.queries, article)

    @invariant()
    def it_counts_its_topics(self) -> None:
        assert len(self.index) == len(self.queries)

    def teardown(self) -> None:
        self.folder.cleanup()


Lives.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestAnIndexThatLives = Lives.TestCase


def index_of(*texts: str) -> Indexes:
    """An index of these queries, numbered from 1."""
    index = Indexes()
    for number, text in enumerate(texts, 1):
        index.add(number, parse_query(text))
    return index


def test_many_people_who_ask_the_same_share_one_query() -> None:
    index = index_of("storm harbour", "harbour storm", "+harbour AND storm", "storm")
    segment = index.segment()
    assert len(segment.query_keys) == 2
    assert index.find(ArticleText("Storm at the harbour")) == [1, 2, 3, 4]


def test_a_query_with_more_alternatives_than_are_kept_apart_is_found_all_the_same() -> None:
    text = " ".join(f'("storm {number}"~3 OR gale{number} OR "x{number} y"~2)' for number in range(4))
    index = index_of(text)
    assert index.find(ArticleText("gale0 gale1 storm at 2 gale3")) == [1]
    assert index.find(ArticleText("gale0 gale1 storm at 5 gale3")) == []


def test_words_in_a_row_may_be_spelt_in_one_piece_or_in_several() -> None:
    index = index_of(
        '"tel aviv"', '"telaviv x"', '"aviv x"', '"US tel"', '"tel tel"', '"tel x"', '"aviv aviv"'
    )
    assert index.find(ArticleText("US - Tel-Aviv x")) == [1, 2, 3, 4]


@given(st.lists(st.text("aAiIsSx1.'-", min_size=1, max_size=4), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_word_in_capitals_is_found_as_plain_evaluation_finds_it(words: list[str]) -> None:
    texts = [*words, *(word.lower() for word in words), *(f'"{word}"' for word in words), " ".join(words)]
    queries, index = parsed(texts), Indexes()
    for number, query in queries.items():
        index.add(number, query)
    for text in (" ".join(words), "-".join(words), ", ".join(map(str.capitalize, words))):
        article = ArticleText("", body=text)
        assert index.find(article) == answered(queries, article)


@pytest.mark.parametrize("times", [1, 30], ids=["a few times", "so often that they are looked at in order"])
def test_near_words_that_stand_there_often_are_found(times: int) -> None:
    index = index_of(
        '"storm gale"~2', '"storm gale"~1', '"storm Tel-Aviv"~1', '"storm storms"~0', '"storm telaviv"~1'
    )
    far = " ".join(["storm x x gale x x x"] * times)
    assert index.find(ArticleText(far)) == [1]
    assert index.find(ArticleText(f"{far} storm at Tel-Aviv")) == [1, 3, 5]
    assert index.find(ArticleText(f"{far} gale a storms")) == [1, 2]
    assert index.find(ArticleText(f"{far} storm storms")) == [1, 4]
    assert index.find(ArticleText(f"Tel-Aviv a {far}")) == [1, 3, 5]


def test_words_that_no_article_had_before_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.queries.index.reader.CHUNKS", 50)
    index = index_of("word7", '"word8 word9"')
    for number in range(40):
        text = " ".join(f"word{number * 3 + each}" for each in range(7, 10))
        assert index.find(ArticleText(text)) == ([1, 2] if number == 0 else [])


@pytest.mark.parametrize(
    "place", [5, 20, 40, -1], ids=["its first bytes", "its lengths", "its head", "its last byte"]
)
def test_a_file_of_which_one_byte_changed_is_refused(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.segment"
    save(index_of("storm", '"a b"~3').segment(), path)
    bytes_of_file = bytearray(path.read_bytes())
    bytes_of_file[place] ^= 1
    path.write_bytes(bytes_of_file)
    with pytest.raises(DamagedError):
        load(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    save(index_of("storm").segment(), path)
    for length in (0, 10, 60, path.stat().st_size - 1):
        cut = tmp_path / f"{length}.segment"
        cut.write_bytes(path.read_bytes()[:length])
        with pytest.raises(DamagedError):
            load(cut)


def test_a_shelf_keeps_what_was_published_while_somebody_dies_filling_it(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = shelf.add(index_of("storm").segment())
    shelf.publish("here", 7, [first])
    shelf.add(index_of("gale").segment())  # and dies before it publishes
    (tmp_path / "half.part").write_bytes(b"half")
    contents = shelf.read()
    assert contents
    assert (contents.revision, contents.names) == (7, (first,))
    shelf.publish("here", 8, [first])
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([first, "index.json"])


def test_a_shelf_whose_page_names_what_is_not_there_says_that_it_is_damaged(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.read() is None
    shelf.publish("here", 7, ["gone.segment"])
    with pytest.raises(DamagedError):
        shelf.read()
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(DamagedError):
        shelf.read()
