"""A backup is put back: nobody is told again what rang after it was made."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from subscriptions import database
from subscriptions.database import reading, unit_of_work
from subscriptions.migrations import migrate
from subscriptions.sources import add_source
from subscriptions.tables import Alert, AlertStatus, Article, ArticleStatus
from tests.builders import a_channel, a_subscriber, a_topic, an_alert, an_article
from tests.commands import done, tocsin
from tests.conftest import Clock
from tests.feed_server import feed_server
from tests.pipeline.test_watch import feed_of, item
from tests.sinks import HttpSink
from worker.embedded import embedded_valkey
from worker.match.find import find
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand
from worker.watch.poll import poll_due


@pytest.fixture
def migrated(data_dir: Path) -> Path:
    """The file of a migrated SQLite database."""
    migrate(database.engine())
    return data_dir / "tocsin.db"


def ring(sink: HttpSink) -> int:
    """Poll, and run the chain to its end; tells how many messages came by now."""
    for alert in find(understand(poll_due())):
        deliver(*fan_out(alert.id or 0))
    return len(sink.received)


def test_what_rang_after_the_backup_does_not_ring_again_and_news_do(
    migrated: Path, sink: HttpSink, stopped_clock: Clock, tmp_path: Path
) -> None:
    with feed_server() as publisher:
        publisher.serve("/feed", feed_of(item(1, "Harbour opens")))
        with unit_of_work() as session:
            add_source(session, publisher.url("/feed"))
            a_channel(session, a_subscriber(session, a_topic(session, "harbour")), sink.url("ann"))
        assert ring(sink) == 0
        database.engine().dispose()
        backup = shutil.copy(migrated, tmp_path / "backup.db")
        publisher.serve("/feed", feed_of(item(2, "Storm closes harbour"), item(1, "Harbour opens")))
        stopped_clock.move(minutes=20)
        assert ring(sink) == 1

        database.engine().dispose()
        shutil.copy(backup, migrated)
        done("restored")
        assert ring(sink) == 1
        publisher.serve("/feed", feed_of(item(3, "Harbour is open again"), item(2, "Storm closes harbour")))
        stopped_clock.move(minutes=20)
        assert ring(sink) == 2


def test_while_tocsin_runs_a_restored_database_is_left_alone(migrated: Path) -> None:
    with unit_of_work() as session:
        an_alert(session, a_topic(session))
    broker = embedded_valkey()
    broker.start()
    try:
        answer = tocsin("restored")
    finally:
        broker.stop()
    assert answer.code == 2
    assert "stop that one" in answer.err
    with reading() as session:
        assert session.exec(select(Alert)).one().status == AlertStatus.queued


def test_what_was_under_way_in_the_backup_is_stopped_with_that_reason(db: str, sink: HttpSink) -> None:
    with unit_of_work() as session:
        topic = a_topic(session)
        a_channel(session, a_subscriber(session, topic), sink.url("ann"))
        alert_id = an_alert(session, topic).id or 0
        an_article(session)
    shards = fan_out(alert_id)
    answer = done("restored")
    assert answer.out.startswith("Stopped 1 alert and filed 2 articles; new baselines: 2 sources.")
    deliver(*shards)
    assert sink.received == []
    with reading() as session:
        alert = session.get_one(Alert, alert_id)
        assert (alert.status, alert.stop_why) == (
            AlertStatus.stopped,
            "the database was restored from a backup",
        )
        assert {article.status for article in session.exec(select(Article))} == {ArticleStatus.baseline}
