"""An article taken apart into words, with the place of each, ready to be matched."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from subscriptions.queries.language import guess_language, language_code
from subscriptions.queries.runs import Part, Run, runs
from subscriptions.queries.wordforms import Forms, forms_written

PROSE = ("title", "summary", "body")  # where a word without a field is looked for
METADATA = ("url", "source", "family", "language", "tag", "author", "urgency")
FIELDS = (*PROSE, *METADATA)
PREFIX_KEY = 2  # letters
_TAG_GAP = 10_000  # positions between two tags: more than a query may put between near words
_Forms = Callable[[str], Forms]


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


class Token(NamedTuple):
    """A word in its place: its position and the one behind it, character offsets, forms for quoted words."""

    position: int
    after: int
    start: int
    end: int
    exact: tuple[str, ...]


@dataclass(frozen=True)
class AnalysedField:
    """A field's text and, for each form, the words that have it, in order."""

    text: str
    postings: dict[str, list[Token]]

    @cached_property
    def sorted_forms(self) -> list[str]:
        """All forms in order, for prefixes."""
        return sorted(self.postings)


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
        prefixes = {f"{form[:PREFIX_KEY]}*" for form in forms}
        return frozenset(forms | prefixes | ({"urgency"} if self.urgency is not None else set()))


def analyse(article: ArticleText) -> AnalysedArticle:
    """Take `article` apart. Linear in its text."""
    prose = {"title": article.title, "summary": article.summary, "body": article.body}
    language = language_code(article.language) or guess_language("\n".join(prose.values()))
    main = language.partition("-")[0]
    plain = {name: getattr(article, name) for name in ("url", "source", "family", "author")}
    fields = {name: _field([text], lambda word: forms_written(word, main)) for name, text in prose.items()}
    fields |= {name: _field([text], _as_written) for name, text in plain.items()}
    fields["tag"] = _field(article.tags, lambda word: forms_written(word, main))
    fields["language"] = _language_field(language)
    return AnalysedArticle(
        {name: field for name, field in fields.items() if field.text}, language, article.urgency
    )


def _as_written(written: str) -> Forms:
    forms = forms_written(written, "").exact
    return Forms(forms, forms)


def _field(texts: Iterable[str], forms_of: _Forms) -> AnalysedField:
    """Analyse a field; several texts (tags) stand on lines of their own, and no phrase spans two."""
    postings: dict[str, list[Token]] = {}
    lines = list(texts)
    offset = position = 0
    for line in lines:
        for run in runs(line):
            _post(postings, run, offset, position, forms_of)
            position += len(run.parts)
        offset += len(line) + 1
        position += _TAG_GAP
    return AnalysedField("\n".join(lines), postings)


def _post(postings: dict[str, list[Token]], run: Run, offset: int, position: int, forms_of: _Forms) -> None:
    for at, part in enumerate(run.parts, position):
        _post_part(postings, part, offset, (at, at + 1), forms_of)
    if run.joined:
        first, last = run.parts[0], run.parts[-1]
        for joined in run.joined:
            whole = Part(joined, first.start, last.end)
            _post_part(postings, whole, offset, (position, position + len(run.parts)), forms_of)


def _post_part(
    postings: dict[str, list[Token]], part: Part, offset: int, positions: tuple[int, int], forms_of: _Forms
) -> None:
    forms = forms_of(part.written)
    token = Token(*positions, part.start + offset, part.end + offset, forms.exact)
    for form in forms.loose:
        postings.setdefault(form, []).append(token)


def _language_field(language: str) -> AnalysedField:
    """`en-gb` is found as "en" and as the whole, which a query spells in one piece."""
    forms = {language.partition("-")[0]: None, language.replace("-", ""): None} if language else {}
    token = Token(0, 1, 0, len(language), tuple(forms))
    return AnalysedField(language, {form: [token] for form in forms})
