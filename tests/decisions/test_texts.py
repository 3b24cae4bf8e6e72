"""Readers are spoken to in their language: catalogues, and dates, times and numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import nodes

from subscriptions.errors import Mistake
from subscriptions.texts import ENGLISH, LANGUAGES, language_of, preferred
from subscriptions.texts.gather import gathered, missing, read
from subscriptions.web.pages import templates

OTHERS = sorted(LANGUAGES.keys() - {"en"})
PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w+)\}")
NOON = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def forms(message: Message) -> list[str]:
    """Give all forms of what a message says."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def placeholders(text: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDER.findall(text)}


DESKS = ("desk/", "sign_in.html", "story.html")  # pages that are English, and the made-up stories
READERS_PAGES = [name for name in templates.env.list_templates(["html"]) if not name.startswith(DESKS)]
NAMES = re.compile('Tocsin|UTC|Atom|JSON Feed|aria-(invalid|describedby)="[^"]*"')  # or no words at all
UNREAD = ("robots", "shape")  # blocks for machines
SAID_BY = ("aria-label", "alt", "title", "placeholder")


class Words(HTMLParser):
    """Gathers what a page says in its text and attributes, but for code and names that are no words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tag = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        for name, value in attrs:
            if name in SAID_BY:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.tag = "" if tag == self.tag else self.tag

    def handle_data(self, data: str) -> None:
        if self.tag != "code" and re.search("[^\\W\\d_]{2}", NAMES.sub("", data)):
            self.found.append(data.strip())


def written_in(name: str) -> Iterator[str]:
    """Give what a template says by itself, with nothing in place of what is put into it."""
    loader = templates.env.loader
    assert loader is not None
    source, _path, _fresh = loader.get_source(templates.env, name)
    page = templates.env.parse(source)
    unread = {id(part) for block in page.find_all(nodes.Block) if block.name in UNREAD for part in block.body}
    for part in page.find_all(nodes.Output):
        if id(part) not in unread:
            for node in part.nodes:
                yield node.data if isinstance(node, nodes.TemplateData) else "0"


@pytest.mark.parametrize("name", READERS_PAGES)
def test_a_readers_page_says_nothing_that_cannot_be_translated(name: str) -> None:
    assert Words("".join(written_in(name))).found == []


@pytest.fixture(scope="module")
def sentences() -> Catalog:
    """Every sentence that code and templates say to readers."""
    return gathered()


@pytest.mark.parametrize("code", OTHERS)
def test_whatever_readers_are_told_is_said_in_every_language(code: str, sentences: Catalog) -> None:
    catalogue = read(code)
    known = {str(message.id) for message in catalogue}
    new = [message.id for message in sentences if message.id and str(message.id) not in known]
    assert new == [], "run `make texts`, then translate them"
    assert missing(catalogue) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_has_no_sentence_that_nobody_says_any_more(code: str, sentences: Catalog) -> None:
    told = {str(message.id) for message in sentences}
    assert [message.id for message in read(code) if message.id and str(message.id) not in told] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_names_what_the_english_sentence_names(code: str) -> None:
    for message in read(code):
        if not message.id:
            continue
        wanted = set.union(*map(placeholders, english(message)))
        for form in forms(message):
            # A form for exactly one or two may do without the number.
            assert wanted - {"num"} <= placeholders(form) <= wanted, (form, wanted)
        assert list(message.check(read(code))) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_the_marks_of_the_english_sentence(code: str) -> None:
    for message in read(code):
        tags = sorted(re.findall(r"</?\w+[^>]*>", english(message)[-1]))
        assert not message.id or all(
            sorted(re.findall(r"</?\w+[^>]*>", form)) == tags for form in forms(message)
        )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("de", {1: "und 1 weiteres Ereignis", 2: "und 2 weitere Ereignisse"}),
        ("ru", {1: "ещё 1 событие", 3: "ещё 3 события", 5: "ещё 5 событий", 21: "ещё 21 событие"}),
        ("he", {1: "ועוד סיפור אחד", 2: "ועוד שני סיפורים", 7: "ועוד 7 סיפורים"}),
        ("ar", {1: "وخبر آخر", 2: "وخبران آخران", 3: "أخبار أخرى", 11: "خبرًا آخر", 100: "خبر آخر"}),
    ],
)
def test_a_number_is_said_in_its_own_plural_form(code: str, said: dict[int, str]) -> None:
    for number, words in said.items():
        one, more = "%(headline)s and %(num)s more story", "%(headline)s and %(num)s more stories"
        assert words in LANGUAGES[code].ngettext(one, more, number, headline="Storm")


def test_what_no_catalogue_knows_is_said_in_english() -> None:
    assert LANGUAGES["de"].gettext("Nobody ever said this to %(name)s.", name="Ann") == (
        "Nobody ever said this to Ann."
    )
    assert LANGUAGES["de"].gettext("") == ""
    assert LANGUAGES["de"].gettext("100 % sure") == "100 % sure"


def test_a_mistake_is_one_sentence_in_english_and_in_the_readers_language() -> None:
    mistake = Mistake("There is no such page here.")
    assert str(mistake) == "There is no such page here."
    assert LANGUAGES["de"].mistake(mistake) == "Diese Seite gibt es hier nicht."
    assert str(Mistake("%(topic)s cannot be followed now.", topic="100%")) == "100% cannot be followed now."


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("he-IL", "he"), ("iw", "he"), ("AR_eg", "ar"), ("pt-BR", "en"), ("", "en"), ("ru", "ru"), ("*", "en")],
)
def test_a_language_is_found_by_any_of_its_names(wanted: str, code: str) -> None:
    assert language_of(wanted).code == code


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR, fr;q=0.5, en;q=0.7", "en"),
        ("en;q=0.1, ru;q=0.9", "ru"),
        ("he;q=0, ar", "ar"),
        ("nothing;like=it, ;;;,,q=1", "en"),
        ("", "en"),
        ("fr;q=nan, de;q=0.1", "de"),
        ("fr;q=later, de;q=0.1", "de"),
    ],
)
def test_a_browsers_languages_are_taken_in_the_order_it_likes_them(accepted: str, code: str) -> None:
    assert preferred(accepted).code == code


def test_hebrew_and_arabic_run_from_right_to_left() -> None:
    assert [code for code, language in LANGUAGES.items() if language.direction == "rtl"] == ["he", "ar"]


def test_times_are_written_as_the_language_does_and_where_the_reader_is() -> None:
    assert ENGLISH.time(NOON, "America/New_York").replace("\u202f", " ") == "7:30 AM"
    assert LANGUAGES["de"].time(NOON, "Europe/Berlin") == "13:30"
    assert LANGUAGES["de"].time(time(7, 5)) == "07:05"
    assert LANGUAGES["fr"].day(NOON, size="long") == "27 novembre 2026"
    assert LANGUAGES["ru"].ago(NOON - timedelta(minutes=3), NOON) == "3 минуты назад"
    assert LANGUAGES["he"].ago(NOON - timedelta(minutes=1), NOON) == "לפני דקה"
    assert LANGUAGES["he"].ago(NOON - timedelta(minutes=2), NOON) == "לפני 2 דקות"
    assert LANGUAGES["es"].ago(NOON + timedelta(hours=2), NOON) == "dentro de 2 horas"
    assert LANGUAGES["de"].number(12345.5) == "12.345,5"
    assert LANGUAGES["fr"].listed(["a", "b", "c"]) == "a, b et c"
