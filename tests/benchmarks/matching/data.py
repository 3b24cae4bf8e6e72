"""What all peers read: the same articles and queries, as JSON lines in one folder."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from subscriptions.queries import ArticleText
from tests.benchmarks.matching.interests import Interests
from tests.benchmarks.matching.newsroom import Newsroom, Story, prose
from tests.benchmarks.matching.vocabulary import vocabulary

_READ = 20_000  # stories after which queries are asked
_EARLIER = 2_000  # articles to warm up with, and to learn from how frequent a word is


@dataclass(frozen=True)
class Data:
    """A folder with `queries.jsonl`, `articles.jsonl` and `earlier.jsonl`."""

    folder: Path

    def make(self, queries: int, articles: int) -> None:
        """Make everything up; the same each time."""
        words = vocabulary()
        self._write("articles", map(_article, _stories(words, "articles", articles)))
        self._write("earlier", map(_article, _stories(words, "earlier", _EARLIER)))
        asked = Interests(_stories(words, "read", _READ), words).all()
        numbered = enumerate(islice(asked, queries), 1)
        self._write("queries", ({"id": at, "topic": q.topic, "tsquery": q.tsquery} for at, q in numbered))

    def queries(self, count: int, spelling: str = "topic") -> Iterator[tuple[int, str]]:
        """Yield the first queries, each with its number."""
        return ((row["id"], row[spelling]) for row in islice(self._read("queries"), count))

    def articles(self) -> list[ArticleText]:
        """Return the articles to match; with their language, as most sources say it."""
        return [ArticleText(**row, language="en") for row in self._read("articles")]

    def earlier(self) -> list[ArticleText]:
        """Return the articles to warm up with."""
        return [ArticleText(**row, language="en") for row in self._read("earlier")]

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        with (self.folder / f"{name}.jsonl").open() as lines:
            yield from map(json.loads, lines)

    def _write(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        with (self.folder / f"{name}.jsonl").open("w") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)


def _stories(words: list[str], seed: str, count: int) -> Iterator[Story]:
    newsroom = Newsroom(words, seed)
    return (newsroom.story() for _ in range(count))


def _article(story: Story) -> dict[str, str]:
    return {"title": prose(story.title), "summary": prose(story.summary), "body": prose(story.body)}
