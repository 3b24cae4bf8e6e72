"""An article taken apart into words, with the place of each, ready to be matched."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from subscriptions.queries.language import guess_language, language_code
from subscriptions.queries.runs import Run, runs
from subscriptions.queries.stemming import STEMMED
from subscriptions.queries.wordforms import ends_a_word, forms_as_written, forms_written

if TYPE_CHECKING:
    from subscriptions.queries.spots import Spots

PROSE = ("title", "summary", "body")  # where a word without a field is looked for
METADATA = ("url", "source", "family", "language", "tag", "author", "mediatopic", "urgency")
FIELDS = (*PROSE, *METADATA)
PREFIX_KEY = SUFFIX_KEY = 2  # letters
_TAG_GAP = 1_000  # positions between two tags: more than a query may put between near words
_Forms = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class ArticleText:
    """What an article says. Empty, or None, means its source did not say."""

    title: str
    summary: str = ""
    body: str = ""
    url: str = ""
    source: str = ""
    family: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    urgency: int | None = None
    media_topics: tuple[str, ...] = ()  # IPTC's codes, eight digits each


class Place(NamedTuple):
    """A word, or several, in a field: its position and the one behind it; character offsets from and to."""

    position: int
    after: int
    start: int
    end: int


@dataclass(frozen=True)
class AnalysedField:
    """A field's text and, for each form, the words that have it, in order."""

    text: str
    postings: dict[str, list[Place]]

    @cached_property
    def parts(self) -> dict[int, Place]:
        """The words by their positions, as they stand in the text."""
        places = chain.from_iterable(self.postings.values())
        return {place.position: place for place in places if place.after == place.position + 1}

    @cached_property
    def looked_up(self) -> "dict[object, Spots]":
        """What has been looked up in it so far."""
        return {}

    @cached_property
    def sorted_forms(self) -> list[str]:
        """All forms in order, for prefixes."""
        return sorted(self.postings)

    @cached_property
    def sorted_endings(self) -> list[str]:
        """All forms that end as words do, written backwards and in order, for suffixes."""
        return sorted(form[::-1] for form in self.postings if ends_a_word(form))


@dataclass(frozen=True)
class AnalysedArticle:
    """An article's fields, without those it does not have; its language, guessed where not given; urgency."""

    fields: dict[str, AnalysedField]
    language: str
    urgency: int | None

    @cached_property
    def keys(self) -> frozenset[str]:
        """Everything a query may be anchored on: see `anchors`."""
        forms = set(chain.from_iterable(field.postings for field in self.fields.values()))
        prefixes = {f"{form.lstrip('~')[:PREFIX_KEY]}*" for form in forms}
        suffixes = {f"*{form[-SUFFIX_KEY:]}" for form in forms}
        return frozenset(forms | prefixes | suffixes | ({"urgency"} if self.urgency is not None else set()))


def analyse(article: ArticleText, *, stems: Collection[str] = STEMMED) -> AnalysedArticle:
    """Take `article` apart. Linear in its text.

    Words can be found by their stems if the article's language is one of `stems`; who knows that no query
    asks for them spares the work.
    """
    prose = {"title": article.title, "summary": article.summary, "body": article.body}
    language = language_code(article.language) or guess_language("\n".join(prose.values()))
    main = language.partition("-")[0]
    stemmed = main if main in stems else ""
    fields = {
        name: _field([text], lambda word: forms_written(word, main, stemmed)) for name, text in prose.items()
    }
    for name in METADATA[:-1]:
        fields[name] = metadata_field(name, metadata_said(article, name, language), main, stemmed)
    return AnalysedArticle(
        {name: field for name, field in fields.items() if field.text}, language, article.urgency
    )


def metadata_field(name: str, said: tuple[str, ...], language: str, stemmed: str = "") -> AnalysedField:
    """Analyse what an article in `language` says in one field that is not prose, and not its urgency."""
    match name:
        case "language":
            return _language_field(*said)
        case "mediatopic":
            return _codes_field(said)
        case "tag":
            return _field(said, lambda word: forms_written(word, language, stemmed))
        case _:
            return _field(said, forms_as_written)


def metadata_said(article: ArticleText, name: str, language: str) -> tuple[str, ...]:
    """Return what `metadata_field` takes apart."""
    match name:
        case "language":
            return (language,)
        case "mediatopic":
            return article.media_topics
        case "tag":
            return article.tags
        case _:
            return (getattr(article, name),)


def _field(texts: Iterable[str], forms_of: _Forms) -> AnalysedField:
    """Analyse a field; several texts (tags) stand on lines of their own, and no phrase spans two."""
    postings: defaultdict[str, list[Place]] = defaultdict(list)
    lines = list(texts)
    offset = position = 0
    for line in lines:
        for run in runs(line):
            _post(postings, run, offset, position, forms_of)
            position += len(run.parts)
        offset += len(line) + 1
        position += _TAG_GAP
    return AnalysedField("\n".join(lines), dict(postings))


def _post(
    postings: defaultdict[str, list[Place]], run: Run, offset: int, position: int, forms_of: _Forms
) -> None:
    parts, joined = run
    for at, (written, start, end) in enumerate(parts, position):
        place = Place(at, at + 1, start + offset, end + offset)
        for form in forms_of(written):
            postings[form].append(place)
    if joined:
        whole = Place(position, position + len(parts), parts[0].start + offset, parts[-1].end + offset)
        for form in dict.fromkeys(form for spelling in joined for form in forms_of(spelling)):
            postings[form].append(whole)


def _language_field(language: str) -> AnalysedField:
    """Let `en-gb` be found as "en" and as the whole, which a query spells in one piece."""
    forms = {language.partition("-")[0], language.replace("-", "")} if language else set()
    return AnalysedField(language, {form: [Place(0, 1, 0, len(language))] for form in forms})


def _codes_field(codes: tuple[str, ...]) -> AnalysedField:
    postings = {}
    start = 0
    for position, code in enumerate(codes):
        postings[code] = [Place(position, position + 1, start, start + len(code))]
        start += len(code) + 1
    return AnalysedField("\n".join(codes), postings)
