"""The compiled steps of the index: built where there is a compiler, never used stale, finding the same."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscriptions.queries import ArticleText, parse_query
from subscriptions.queries.index import Index, steps
from subscriptions.queries.index.kernel import build as building
from subscriptions.queries.index.kernel import library
from subscriptions.queries.index.kernel.build import NotBuiltError, build
from subscriptions.queries.index.kernel.library import Kernel, MissingError, opened_at
from subscriptions.queries.index.kernel.reader import CompiledReading
from subscriptions.queries.index.reading import Reading
from subscriptions.queries.index.steps import Compiled, Plain, Steps
from subscriptions.queries.index.vocabulary import Wanted
from tests.kernel import STRICT, compiled_steps

RANDOM_TOPICS = 3_000
LONG_ID = 1 << 40


@pytest.fixture
def compiled() -> Compiled:
    """The compiled steps, as the source is now."""
    found = compiled_steps()
    if found is None:
        pytest.skip("there is no C compiler (cc) on this machine")
    return found


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose only programs are those that a test puts there."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


@pytest.mark.usefixtures("compiled")
def test_the_kernel_is_built_without_a_warning_and_opened(tmp_path: Path) -> None:
    built = build(tmp_path / "kernel.so", STRICT)
    assert isinstance(opened_at(built), Kernel)
    assert list(tmp_path.iterdir()) == [built]


def test_without_a_compiler_nothing_is_built_and_it_is_said(tmp_path: Path, no_compiler: Path) -> None:
    with pytest.raises(NotBuiltError, match="no C compiler"):
        build(tmp_path / "kernel.so")


def test_a_compiler_that_fails_leaves_what_was_there_and_says_why(tmp_path: Path, no_compiler: Path) -> None:
    compiler, before = no_compiler / "cc", tmp_path / "kernel.so"
    compiler.write_text("#!/bin/sh\necho 'stdint.h: not found' >&2\nexit 1\n")
    compiler.chmod(0o755)
    before.write_text("as it was")
    with pytest.raises(NotBuiltError, match=r"stdint\.h: not found"):
        build(before)
    assert before.read_text() == "as it was"


def test_a_kernel_that_is_missing_is_told_from_one_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="were not built"):
        opened_at(tmp_path / "kernel.so")
    (tmp_path / "kernel.so").write_text("no library")
    with pytest.raises(MissingError, match="cannot be opened"):
        opened_at(tmp_path / "kernel.so")


@pytest.mark.usefixtures("compiled")
def test_a_kernel_that_was_built_from_other_files_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "source_name", lambda: "older")
    older = build(tmp_path / "kernel.so")
    monkeypatch.undo()
    with pytest.raises(MissingError, match="another version"):
        opened_at(older)


def test_the_name_of_the_source_is_another_one_when_a_letter_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = building.source_name()
    for file in [*building.FOLDER.glob("*.[ch]"), *building.FOLDER.glob("*.py")]:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(building, "FOLDER", tmp_path)
    assert building.source_name() == before
    (tmp_path / "near.c").write_text((tmp_path / "near.c").read_text().replace("1", "2", 1))
    assert building.source_name() != before


def test_the_index_works_without_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "kernel.so")
    library.opened.cache_clear()
    steps.fastest_steps.cache_clear()
    try:
        assert isinstance(steps.fastest_steps(), Plain)
        index = Index()
        index.add(1, parse_query('"storm harbour"~3'))
        assert index.find(ArticleText("Storm closes the harbour")) == [1]
    finally:
        library.opened.cache_clear()
        steps.fastest_steps.cache_clear()


def readings(some: Compiled, texts: list[ArticleText]) -> Iterator[tuple[Reading, Reading]]:
    """The same articles as both read them."""
    plain, compiled = Plain().reader(Wanted()), some.reader(Wanted())
    for text in texts:
        yield plain.read(text), compiled.read(text)


TEXTS = st.text(
    st.one_of(st.sampled_from("aB1.-' \n\u00a0\u2003\u3000é東\ud800"), st.characters()), max_size=60
)


@example([ArticleText("\U0003134b\U0003134b")])  # letters that are newer than Python's tables
@given(st.lists(st.builds(ArticleText, TEXTS, TEXTS, TEXTS), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_texts_are_parted_as_python_parts_them(texts: list[ArticleText]) -> None:
    some = compiled_steps()
    if some is None:
        pytest.skip("there is no C compiler (cc) on this machine")
    for plain, compiled in readings(some, texts):
        assert isinstance(compiled, CompiledReading)
        assert compiled.chunks.tolist() == plain.chunks.tolist()
        assert compiled.spans == plain.spans


def test_every_space_of_unicode_parts_words_and_nothing_else_does(compiled: Compiled) -> None:
    text = "".join(f"a{chr(code)}b " for code in range(0x10000))
    table = compiled.reader(Wanted()).read(ArticleText("")).table  # type: ignore[attr-defined]
    table._make_room(len(text))
    written = text.encode("utf-8", "surrogatepass")
    unknown = table._kernel.read_article(table._known, table._article, written, len(written), b"", 0, b"", 0)
    found = [written[start:end] for _, _, start, end, _ in table._found[:unknown].tolist()]
    assert found == [chunk.encode("utf-8", "surrogatepass") for chunk in text.split()]


WORDS = [f"word{number}" for number in range(120)] + [
    "US",
    "AI",
    "Tel-Aviv",
    "covid-19",
    "AT&T",
    "storms",
    "storm",
]
FORMS = [
    "{0}",
    "{0} {1}",
    "{0} {1} {2}",
    "({0} OR {1}) {2}",
    "({0} OR {1} OR {3}) ({2} OR {4} OR {5}) {6}",
    "{0} {1} {2} {3} {4} {5} {6}",
    '"{0} {1}"',
    '"{0} {1} {2}"',
    '"{0} {1} {2} {3} {4}"',
    '"{0} {1}"~5',
    '"{0} {1}"~5 OR "{2} {3}"~2',
    '"{0} {1} {2}"~6',
    '"{0} {1}"~>4',
    "{0} -{1}",
    "{0} -{1} -{2} -{3} -{4} -{5}",
    'title:{0} OR "{1} {2}"~3',
    'body:"{0} {1}"',
    "source:herald {0}",
    "{0} -source:herald",
    "stor* {1}",
]


def made_up(seed: int, count: int, first: int = 1) -> list[tuple[int, str]]:
    """Topics by chance, each with its number."""
    chance = random.Random(seed)  # noqa: S311 - made-up text, no secret
    forms = chance.choices(FORMS, k=count)
    return [(number, form.format(*chance.sample(WORDS, 7))) for number, form in enumerate(forms, first)]


def articles(seed: int, count: int, words: int) -> list[ArticleText]:
    """Articles by chance, of about so many words."""
    chance = random.Random(seed)  # noqa: S311 - made-up text, no secret

    def text(length: int) -> str:
        return " ".join(chance.choices([*WORDS, "-", "other,", "(US)"], k=chance.randrange(length)))

    return [
        ArticleText(
            text(10),
            text(words // 2),
            text(2 * words),
            source=chance.choice(["", "The Herald"]),
            language=chance.choice(["en", "de", "tr", "en"]),
        )
        for _ in range(count)
    ]


def index_of(topics: list[tuple[int, str]], some: Steps) -> Index:
    """An index of topics in several segments, of which some were edited and some removed."""
    index = Index(steps=some)
    for number, text in topics:
        index.add(number, parse_query(text))
        if number % 1_000 == 0:
            index.find(ArticleText("so that it becomes a segment"))
    return index


@pytest.mark.parametrize("first", [1, LONG_ID], ids=["short ids", "ids of more than 32 bits"])
def test_random_segments_and_articles_are_answered_alike(compiled: Compiled, first: int) -> None:
    topics = made_up(7, RANDOM_TOPICS, first)
    indexes = [index_of(topics, some) for some in (Plain(), compiled)]
    for index in indexes:
        for number, _ in topics[::5]:
            index.remove(number)
        for number, text in made_up(8, RANDOM_TOPICS // 10, first):
            index.add(number, parse_query(text))
    merged = [Index([indexes[0].segment()], steps=some) for some in (Plain(), compiled)]
    found = 0
    for article in articles(9, 60, 80):
        answers = [index.find(article) for index in (*indexes, *merged)]
        assert answers[1:] == answers[:-1]
        found += len(answers[0])
    assert found > RANDOM_TOPICS


def test_long_articles_for_which_all_room_must_grow_are_answered_alike(compiled: Compiled) -> None:
    topics = [*made_up(3, 500), *((1_000 + number, f'"x{number} x{number + 1}"~2') for number in range(900))]
    plain, fast = (index_of(topics, some) for some in (Plain(), compiled))
    long = " ".join(f"x{number} {WORDS[number % 100]}" for number in range(4_000))
    for article in (ArticleText(long), ArticleText("", body=f"{long} {long}"), ArticleText("short")):
        assert fast.find(article) == plain.find(article)
    assert len(plain.find(ArticleText(long))) > 900


def test_a_table_of_chunks_that_grew_knows_them_all(compiled: Compiled) -> None:
    reader = compiled.reader(Wanted())
    text = ArticleText(" ".join(f"x{number}" for number in range(9_000)))
    first, again = (np.array(reader.read(text).chunks) for _ in range(2))
    assert first.tolist() == again.tolist() == [*range(1, 9_001), 0]
