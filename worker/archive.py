"""Articles and topics kept as JSON lines, as an admin has them on file. Reading is pure but for the file.

An article is {"id","title","summary"?,"body"?,"url"?,"source"?,"language"?,"published","tags"?,
"urgency"?}, a topic {"id","query"}; other keys are left aside. A `.gz` is unpacked on the way.
"""

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from subscriptions.errors import Mistake
from subscriptions.queries import ArticleText, Query, QueryError, parse_query
from subscriptions.queries.media_topics import apart

GZIP = b"\x1f\x8b"
TEXTS = ("title", "summary", "body", "url", "source", "family", "language", "author")
Id = str | int


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article on file; `published` is None only where the reader was told that it may be."""

    id: Id
    text: ArticleText
    published: datetime | None


@dataclass(frozen=True, slots=True)
class ArchivedTopic:
    """A topic on file."""

    id: Id
    query: Query


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file of lines, `-` for stdin; what is packed by gzip is unpacked, whatever its name."""
    if str(path) == "-":
        yield _unpacked(sys.stdin.buffer)
        return
    with path.open("rb") as file:
        yield _unpacked(file)


def _unpacked(file: Any) -> IO[bytes]:
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == GZIP else file  # type: ignore[return-value]  # it reads like one


def read_articles(lines: IO[bytes], name: str, *, dated: bool = True) -> Iterator[ArchivedArticle]:
    """Read articles one by one; raises Mistake that names the file and the line that is wrong."""
    for place, record in _records(lines, name):
        yield ArchivedArticle(
            _id(record, place), _text(record, place), _published(record, place, dated=dated)
        )


def read_topics(lines: IO[bytes], name: str) -> list[ArchivedTopic]:
    """Read all topics; raises Mistake for a wrong line, a wrong query (with its place), an id used twice."""
    topics: dict[Id, ArchivedTopic] = {}
    for place, record in _records(lines, name):
        key = _id(record, place)
        if key in topics:
            raise Mistake(f"{place}: there is a topic {key!r} above: give each its own id.")
        topics[key] = ArchivedTopic(key, _query(record, place, key))
    if not topics:
        raise Mistake(f'{name} holds no topic: write lines like {{"id": "storms", "query": "storm*"}}.')
    return list(topics.values())


def _records(lines: IO[bytes], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(_read(lines, name), 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            record = json.loads(line.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise Mistake(
                f"{place} is no JSON ({_short(error)}): write one object a line, in UTF-8."
            ) from None
        if not isinstance(record, dict):
            raise Mistake(f"{place} is no JSON object: write one as in {{...}} a line.")
        yield place, record


def _read(lines: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        yield from lines
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Mistake(f"{name} is packed by gzip and damaged: pack it again.") from None


def _short(error: Exception) -> str:
    return (
        str(error).split(":", maxsplit=1)[0]
        if isinstance(error, json.JSONDecodeError)
        else type(error).__name__
    )


def _id(record: dict[str, Any], place: str) -> Id:
    key = record.get("id")
    if isinstance(key, bool) or not isinstance(key, (str, int)) or key == "":
        raise Mistake(f'{place} has no "id": give it a text or a number.')
    return key


def _query(record: dict[str, Any], place: str, key: Id) -> Query:
    query = record.get("query")
    if not isinstance(query, str):
        raise Mistake(f'{place} has no "query": give topic {key!r} a text.')
    try:
        return parse_query(query)
    except QueryError as error:
        raise Mistake(f"{place}: the query of topic {key!r} is wrong. {error}\n{error.pointer()}") from None


def _text(record: dict[str, Any], place: str) -> ArticleText:
    texts = {key: _string(record, key, place) for key in TEXTS}
    if not texts["title"] and not texts["summary"] and not texts["body"]:
        raise Mistake(f'{place} has no "title": give the article one.')
    tags = record.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Mistake(f'{place}: "tags" is no list of texts.')
    words, codes = apart(map(_whole, tags))
    return ArticleText(**texts, tags=words, urgency=_urgency(record, place), media_topics=codes)


def _string(record: dict[str, Any], key: str, place: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Mistake(f'{place}: "{key}" is no text.')
    return _whole(value)


def _whole(text: str) -> str:
    # Half of a surrogate pair is legal in JSON and no character at all.
    return text.encode("utf-8", "replace").decode()


def _urgency(record: dict[str, Any], place: str) -> int | None:
    urgency = record.get("urgency")
    if urgency is None:
        return None
    if isinstance(urgency, str) and urgency.strip().isdecimal():
        urgency = int(urgency)
    if isinstance(urgency, bool) or not isinstance(urgency, int):
        raise Mistake(f'{place}: "urgency" is no number: write 1 (highest) to 8.')
    return urgency


def _published(record: dict[str, Any], place: str, *, dated: bool) -> datetime | None:
    value = record.get("published")
    if value is None and not dated:
        return None
    try:
        when = datetime.fromisoformat(value or "")
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Mistake(
            f'{place}: "published" is no time ({value!r}): write it as in "2026-03-02T12:00:00Z".'
        ) from None
