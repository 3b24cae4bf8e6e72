"""Edits of topics are live everywhere at once, with and without the machine's index."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select
from structlog.testing import CapturingLogger

from subscriptions.database import reading, unit_of_work
from subscriptions.queries import ArticleText
from subscriptions.tables import Topic, TopicRevision
from subscriptions.topics import add_topic, edit_topic, find_topic, pause_topic, remove_topic, resume_topic
from worker.match import live_topics
from worker.match.fill_shelf import SEGMENTS, Filled, fill_shelf, shelf
from worker.match.live_topics import LiveTopics

pytestmark = pytest.mark.usefixtures("db")
STORM = ArticleText("Storm closes the harbour")


def add(slug: str, query: str, *, practice: bool = False) -> None:
    with unit_of_work() as session:
        add_topic(session, slug, query, practice=practice)


def found(topics: LiveTopics, article: ArticleText = STORM, *, practice: bool = False) -> list[str]:
    """The slugs of the topics that an article answers now."""
    with reading() as session:
        topics.refresh(session)
        slugs = {topic.id: topic.slug for topic in session.exec(select(Topic))}
    return sorted(slugs[number] for number in topics.find(article, practice=practice))


def change_everything() -> None:
    """Edit, pause, resume, remove and add topics."""
    with unit_of_work() as session:
        edit_topic(session, find_topic(session, "harbours"), query="tunnel")
        pause_topic(session, find_topic(session, "storms"))
        edit_topic(session, find_topic(session, "tunnels"), query="storm OR tunnel")
        remove_topic(session, find_topic(session, "closings"))
        add_topic(session, "new", '"the harbour"')


@pytest.fixture
def topics() -> LiveTopics:
    """Four topics, and a process that knows them."""
    for slug, query in (
        ("harbours", "harbour"),
        ("storms", "storm*"),
        ("tunnels", "tunnel"),
        ("closings", "closes"),
    ):
        add(slug, query)
    known = LiveTopics()
    assert found(known) == ["closings", "harbours", "storms"]
    return known


@pytest.mark.parametrize("shelved", [False, True], ids=["without files", "with files"])
def test_an_edit_counts_from_the_next_article_on(topics: LiveTopics, *, shelved: bool) -> None:
    if shelved:
        assert fill_shelf() == Filled(laid_out=4, topics=4, segments=1, revision=5)
        assert found(topics) == ["closings", "harbours", "storms"]
    change_everything()
    assert found(topics) == ["new", "tunnels"]
    assert found(LiveTopics()) == ["new", "tunnels"]
    with unit_of_work() as session:
        resume_topic(session, find_topic(session, "storms"))
    assert found(topics) == ["new", "storms", "tunnels"]


def test_files_that_are_filled_again_hold_what_the_database_holds(topics: LiveTopics) -> None:
    fill_shelf()
    change_everything()
    assert fill_shelf().topics == 3
    assert found(topics) == found(LiveTopics()) == ["new", "tunnels"]
    assert fill_shelf().laid_out == 0
    for number in range(6):  # so often that the files become one
        add(f"more-{number}", "storm")
        assert fill_shelf().segments <= SEGMENTS
    assert fill_shelf().topics == 9
    assert len(found(topics)) == len(found(LiveTopics())) == 8


def test_practice_topics_are_found_in_practice_only(topics: LiveTopics) -> None:
    add("drill", "storm", practice=True)
    fill_shelf()
    for known in (topics, LiveTopics()):
        assert found(known, practice=True) == ["drill"]
        assert found(known) == ["closings", "harbours", "storms"]
    with unit_of_work() as session:
        edit_topic(session, find_topic(session, "drill"), query="tunnel")
    add("drill-too", "harbour", practice=True)
    assert found(topics, practice=True) == found(LiveTopics(), practice=True) == ["drill-too"]
    fill_shelf()
    assert found(topics, practice=True) == found(LiveTopics(), practice=True) == ["drill-too"]


@pytest.mark.parametrize("damage", ["one byte", "cut off", "gone", "page"])
def test_a_damaged_index_is_said_and_made_anew(
    topics: LiveTopics, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CapturingLogger()
    monkeypatch.setattr("worker.match.fill_shelf.log", said)
    fill_shelf()
    (segment,) = shelf().folder.glob("*.segment")
    match damage:
        case "one byte":
            written = bytearray(segment.read_bytes())
            written[len(written) // 2] ^= 1
            segment.write_bytes(written)
        case "cut off":
            segment.write_bytes(segment.read_bytes()[:100])
        case "gone":
            segment.unlink()
        case "page":
            (shelf().folder / "index.json").write_text("{}")
    assert found(LiveTopics()) == ["closings", "harbours", "storms"]
    assert [call.args[0] for call in said.calls] == ["a file of the index is damaged, it is made anew"]
    assert fill_shelf().laid_out == 4
    said.calls.clear()
    assert found(LiveTopics()) == ["closings", "harbours", "storms"]
    assert said.calls == []


def test_an_index_of_another_database_is_not_used(topics: LiveTopics) -> None:
    fill_shelf()
    page = shelf().folder / "index.json"
    with reading() as session:
        origin = session.exec(select(TopicRevision)).one().origin
    page.write_text(page.read_text().replace(origin, "another"))
    assert found(LiveTopics()) == ["closings", "harbours", "storms"]
    assert fill_shelf().laid_out == 4


def test_a_process_that_finds_very_many_new_topics_has_them_laid_out_first(
    topics: LiveTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_topics, "MANY", 3)
    fresh = LiveTopics()
    assert found(fresh) == ["closings", "harbours", "storms"]
    assert (shelf().folder / "index.json").exists()


@pytest.mark.processes
def test_a_crash_while_topics_are_laid_out_loses_nothing(topics: LiveTopics, tmp_path: Path) -> None:
    fill_shelf()
    change_everything()
    dies = (
        "import os; from subscriptions.queries.index import Shelf\n"
        "from worker.match.fill_shelf import fill_shelf\n"
        "Shelf.publish = lambda *_: os._exit(9)\nfill_shelf()"
    )
    assert subprocess.run([sys.executable, "-c", dies], check=False).returncode == 9
    assert found(topics) == found(LiveTopics()) == ["new", "tunnels"]
    assert fill_shelf().topics == 3
    assert len(list(shelf().folder.glob("*.segment"))) == fill_shelf().segments
