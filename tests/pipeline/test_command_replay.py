"""`tocsin replay` and `tocsin topics test`: topics tried on an archive, nothing stored, nothing sent."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import Alert
from tests.builders import NOON, a_source, an_article
from tests.commands import Answer, done, tocsin
from tests.conftest import Clock
from worker.match.find import find
from worker.understand.story import understand

TOPICS: list[dict[str, Any]] = [
    {"id": "harbour", "query": "harbour OR lighthouse"},
    {"id": 7, "query": "storm*"},
]


def an_item(key: str | int, title: str, hours: float = 0, **values: Any) -> dict[str, Any]:
    return {"id": key, "title": title, "published": (NOON + timedelta(hours=hours)).isoformat()} | values


def lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def replayed(articles: list[dict[str, Any]], topics: list[dict[str, Any]] | None = None) -> list[Any]:
    archive, wanted = lines(Path("a.jsonl"), articles), lines(Path("t.jsonl"), topics or TOPICS)
    return done("replay", archive, "--topics", wanted, "--json").lines


def test_an_article_that_matches_rings_once_for_its_story() -> None:
    first, second, other = replayed(
        [
            an_item("a", "Harbour bridge closed after the storm"),
            an_item("b", "BREAKING: Harbour bridge closed after the storm", 1),
            an_item("c", "Minister opens a library", 2),
        ]
    )
    assert first == {
        "id": "a",
        "story": "a",
        "urgency": 5,
        "topics": [{"id": "harbour", "matched": ["Harbour"]}, {"id": 7, "matched": ["storm"]}],
        "rings": True,
        "why": "it speaks of harbour and 7, and its story has not rung yet",
    }
    assert (second["story"], second["rings"], second["urgency"]) == ("a", False, 2)
    assert second["why"] == "its story has rung for harbour and 7 already"
    assert (other["story"], other["topics"], other["why"]) == ("c", [], "no topic matches")


def test_a_later_article_rings_for_topics_its_story_has_not_rung_for() -> None:
    first, second = replayed(
        [
            an_item(1, "Bridge closed after the gale", url="https://news.example/1", summary="A storm."),
            an_item(
                2, "Ships wait outside the port", 1, url="https://news.example/1", summary="Harbour shut."
            ),
        ]
    )
    assert (first["rings"], second["rings"], second["story"]) == (True, True, 1)


def test_the_clock_follows_the_articles() -> None:
    title = "Harbour bridge closed after the storm"
    rings = [outcome["rings"] for outcome in replayed([an_item(1, title), an_item(2, title, 49)])]
    assert rings == [True, True]


def test_an_article_with_a_wrong_date_in_the_far_future_does_not_silence_what_follows() -> None:
    title = "Harbour bridge closed after the storm"
    articles = [
        an_item(1, "Harbour in fog again today", 24 * 365 * 50),
        an_item(2, title),
        an_item(3, title, 72),
    ]
    assert [outcome["rings"] for outcome in replayed(articles)] == [True, True, True]


def test_replay_decides_as_the_chain_does(db: str, stopped_clock: Clock) -> None:
    titles = [
        "Harbour bridge closed after the storm",
        "FLASH: storm over the city",
        "A library opens",
        "Storm ends",
    ]
    articles = [
        an_item(number, titles[number % 4] + (" again" if number % 3 == 0 else ""), number * 5)
        for number in range(24)
    ]
    with unit_of_work() as session:
        source = a_source(session)
    for topic in TOPICS:
        done("topics", "add", topic["id"], topic["query"])
    rang = []
    for item in articles:
        stopped_clock.time = NOON + timedelta(hours=item["id"] * 5)
        with unit_of_work() as session:
            title, seen_at = item["title"], stopped_clock.time
            article = an_article(session, source, title=title, link="", seen_at=seen_at)
        rang.append(bool(find(understand([article.id or 0]))))
    assert [outcome["rings"] for outcome in replayed(articles)] == rang
    assert len(set(rang)) == 2


def test_nothing_is_stored_and_no_database_is_made(data_dir: Path) -> None:
    replayed([an_item(1, "Harbour bridge closed after the storm")])
    assert not data_dir.exists()


def test_an_archive_may_be_packed_whatever_its_name() -> None:
    plain = lines(Path("a.jsonl"), [an_item(1, "Harbour bridge closed"), an_item(2, "Storm over the city")])
    topics = lines(Path("t.jsonl"), TOPICS)
    packed = Path("packed")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    expected = done("replay", plain, "--topics", topics, "--json").out
    assert done("replay", packed, "--topics", topics, "--json").out == expected


def test_people_see_what_rang_and_a_count_for_each_topic() -> None:
    archive = lines(
        Path("a.jsonl"), [an_item(1, "Harbour\x1b[2J bridge closed"), an_item(2, "A library opens", 1)]
    )
    answer = done("replay", archive, "--topics", lines(Path("t.jsonl"), TOPICS))
    assert "RING   2026-03-02 12:00" in answer.out
    assert "2 articles read, 1 ring; stories: 2." in answer.out
    assert re.search(r"^ *harbour +1 +1 *$", answer.out, re.MULTILINE)
    assert "\x1b" not in answer.out


def test_half_of_a_surrogate_pair_in_an_archive_does_no_harm() -> None:
    (outcome,) = replayed([an_item(1, "Harbour \ud83d closed")])
    assert outcome["rings"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("nonsense", "is no JSON"),
        ("[1]", "is no JSON object"),
        ('{"title": "x", "published": "2026-03-02"}', '"id"'),
        ('{"id": 1, "published": "2026-03-02"}', '"title"'),
        ('{"id": 1, "title": "x"}', '"published"'),
        ('{"id": 1, "title": "x", "published": "yesterday"}', "yesterday"),
        ('{"id": 1, "title": 5, "published": "2026-03-02"}', '"title" is no text'),
        ('{"id": 1, "title": "x", "published": "2026-03-02", "tags": "a"}', '"tags"'),
        ('{"id": 1, "title": "x", "published": "2026-03-02", "urgency": "high"}', '"urgency"'),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_wrong_line_is_named_by_file_and_number(wrong: str, named: str) -> None:
    archive = Path("a.jsonl")
    archive.write_text(f"{json.dumps(an_item(1, 'Harbour'))}\n\n{wrong}\n")
    answer = tocsin("replay", archive, "--topics", lines(Path("t.jsonl"), TOPICS), "--json")
    assert answer.code == 2
    assert answer.err.startswith("a.jsonl, line 3")
    assert named in answer.err
    assert len(answer.lines) == 1


@pytest.mark.parametrize(
    ("topics", "named"),
    [
        ([{"id": "x", "query": "storm AND ("}], ["t.jsonl, line 1", "'x'", "character", "^"]),
        ([{"id": "x", "query": "a1"}, {"id": "x", "query": "b2"}], ["line 2", "'x'"]),
        ([{"id": "x"}], ['"query"']),
        ([], ["holds no topic"]),
    ],
)
def test_a_wrong_topic_is_named(topics: list[dict[str, Any]], named: list[str]) -> None:
    archive = lines(Path("a.jsonl"), [an_item(1, "Harbour")])
    answer = tocsin("replay", archive, "--topics", lines(Path("t.jsonl"), topics))
    assert answer.code == 2
    assert all(word in answer.err for word in named), answer.err
    assert not answer.out


def test_a_damaged_archive_and_one_that_is_not_there_are_named() -> None:
    topics = lines(Path("t.jsonl"), TOPICS)
    Path("cut.gz").write_bytes(gzip.compress(b'{"id": 1}' * 1000)[:-20])
    for name in ("cut.gz", "none.jsonl"):
        answer = tocsin("replay", name, "--topics", topics)
        assert answer.code == 2
        assert name in answer.err


@pytest.fixture
def stored(db: str) -> Iterator[None]:
    with unit_of_work() as session:
        source = a_source(session, title="Island Herald")
        an_article(session, source, title="Storm closes the harbour")
        an_article(session, source, title="A library opens")
    yield
    with reading() as session:
        assert session.get(Alert, 1) is None


def test_a_query_is_tried_on_stored_articles(stored: None) -> None:
    rows = done("topics", "test", "harbour AND storm", "--json").json
    assert [(row["title"], row["matches"], row["words"]) for row in rows] == [
        ("A library opens", False, []),
        ("Storm closes the harbour", True, ["Storm", "harbour"]),
    ]
    assert rows[0]["why"]


def test_a_topic_is_tried_by_its_slug(stored: None) -> None:
    done("topics", "add", "storms", "storm")
    assert "1 of 2 articles match." in done("topics", "test", "storms").out


def test_a_query_that_matches_nothing_ends_with_1_and_says_why() -> None:
    answer = tocsin("topics", "test", "harbour AND storm", "--text", "The harbour is calm")
    assert answer.code == 1
    assert "storm" in answer.out


def test_a_query_can_be_tried_on_a_file_without_a_database() -> None:
    archive = lines(Path("a.jsonl"), [{"id": "x", "title": "Storm"}, {"id": "y", "title": "Calm"}])
    rows = done("topics", "test", "storm", archive, "--json").json
    assert [(row["id"], row["matches"]) for row in rows] == [("x", True), ("y", False)]


def test_a_wrong_query_to_try_is_pointed_at() -> None:
    answer: Answer = tocsin("topics", "test", "storm AND", "--text", "Storm")
    assert answer.code == 2
    assert "^" in answer.err
