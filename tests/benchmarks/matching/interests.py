"""Made-up queries: what somebody might ask who has read a newsroom's story.

Each form is spelt as a topic, which Lucene's parser reads too, and as PostgreSQL's `tsquery`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tests.benchmarks.matching.newsroom import Story

NEAR = 5  # other words between, at most
_LITTLE = 300  # words such as "of" and "said": only phrases have them, beside others
_FREQUENT = 4_000  # words that nobody asks for without another


@dataclass(frozen=True)
class Form:
    """How a query is made of words: its share of all, and its spellings with places for the words.

    The first `row` words stand that way in the story, among `within` (else: as many) words in a row. With
    `title`, all words are the title's. With `alone`, one word may answer it, which must be a rare one then.
    """

    share: int
    topic: str
    tsquery: str
    row: int = 0
    within: int = 0
    title: bool = False
    alone: bool = False

    @cached_property
    def words(self) -> int:
        """How many words it takes."""
        return max(map(int, re.findall(r"{(\d)", self.topic))) + 1


@dataclass(frozen=True)
class Interest:
    """A query in both spellings."""

    topic: str
    tsquery: str


_APART = [f"{{0}} <{steps}> {{1}} | {{1}} <{steps}> {{0}}" for steps in range(1, NEAR + 2)]

FORMS = (
    Form(12, "{0}", "{0}", alone=True),
    Form(16, "{0} {1}", "{0} & {1}"),
    Form(8, "{0} {1} {2}", "{0} & {1} & {2}"),
    Form(4, "{0} OR {1} OR {2}", "{0} | {1} | {2}", alone=True),
    Form(10, "({0} OR {1}) {2}", "({0} | {1}) & {2}"),
    Form(6, "({0} OR {1}) ({2} OR {3} OR {4})", "({0} | {1}) & ({2} | {3} | {4})"),
    Form(10, '"{0} {1}"', "{0} <-> {1}", row=2),
    Form(5, '"{0} {1} {2}"', "{0} <-> {1} <-> {2}", row=3),
    Form(2, '"{0} {1} {2} {3}"', "{0} <-> {1} <-> {2} <-> {3}", row=4),
    Form(4, '("{0} {1}" OR {2}) {3}', "({0} <-> {1} | {2}) & {3}", row=2),
    Form(4, "{0} -{1}", "{0} & !{1}", alone=True),
    Form(3, "({0} OR {1}) {2} -{3}", "({0} | {1}) & {2} & !{3}"),
    Form(2, '{2} -"{0} {1}"', "{2} & !({0} <-> {1})", row=2, alone=True),
    # Both words are asked for first, so that PostgreSQL need not try twelve distances where one is missing.
    Form(5, f'"{{0}} {{1}}"~{NEAR}', f"{{0}} & {{1}} & ({' | '.join(_APART)})", row=2, within=NEAR + 2),
    Form(1, "{0:.6}*", "{0:.6}:*", alone=True),
    Form(2, "{0:.4}* {1}", "{0:.4}:* & {1}"),
    Form(2, "title:{0}", "{0}:A", title=True, alone=True),
    Form(2, "title:{0} {1}", "{0}:A & {1}", title=True),
    Form(2, "title:({0} OR {1}) {2}", "({0}:A | {1}:A) & {2}", title=True),
)
_SHARES = [form.share for form in FORMS]


@dataclass(frozen=True)
class _Read:
    """What of a story may be asked for: distinct words, those of the title, none of them little; the body."""

    words: list[str]
    title: list[str]
    body: list[str]


class Interests:
    """Asks distinct queries without end, after `stories`; `words` are all of the language, by their ranks."""

    def __init__(self, stories: Iterable[Story], words: Sequence[str]) -> None:
        self._random = Random("interests")  # noqa: S311 - made-up queries, no secret
        self._little, self._frequent = frozenset(words[:_LITTLE]), frozenset(words[:_FREQUENT])
        self._read = [self._telling(story) for story in stories]

    def all(self) -> Iterator[Interest]:
        """Yield queries, none twice."""
        asked: set[str] = set()
        for interest in self._any():
            if interest.topic not in asked:
                asked.add(interest.topic)
                yield interest

    def _telling(self, story: Story) -> _Read:
        title, text, body = (_small(part) for part in (story.title, story.summary + story.body, story.body))
        own, own_title = (list(dict.fromkeys(filter(self._is_telling, part))) for part in (text, title))
        return _Read(own, own_title, body)

    def _is_telling(self, word: str) -> bool:
        return word not in self._little

    def _any(self) -> Iterator[Interest]:
        while True:
            for form in self._random.choices(FORMS, _SHARES, k=len(FORMS)):
                if words := self._words(form, self._random.choice(self._read)):
                    yield Interest(form.topic.format(*words), form.tsquery.format(*words))

    def _words(self, form: Form, read: _Read) -> list[str]:
        """Return distinct words for `form`, or none where the story has too few."""
        row = self._row(form, read.body)
        pool = read.title if form.title else read.words
        if form.alone:
            pool = [word for word in pool if word not in self._frequent]
        if len(row) < form.row or len(pool) < form.words:
            return []
        words = row + self._random.sample(pool, form.words - form.row)
        return words if len({*words}) == form.words else []

    def _row(self, form: Form, body: list[str]) -> list[str]:
        within = max(form.row, form.within)
        start = self._random.randrange(len(body) - within)
        row = [body[start + place] for place in sorted(self._random.sample(range(within), form.row))]
        little = self._little.intersection(row)
        is_idle = little if form.within else len(little) == len({*row})
        return [] if is_idle else row


def _small(words: list[str]) -> list[str]:
    return [word.lower() for word in words]
