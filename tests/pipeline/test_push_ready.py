"""A worker is ready before its first message."""

from typing import Any

import pytest
from sqlmodel import func, select

from subscriptions import database, prepared
from subscriptions.settings import settings
from subscriptions.tables import Alert, Shard, Topic
from tests.pushing import follower, ring, stored_alert
from tests.sinks import HttpSink
from worker.push.ready import get_ready


@pytest.mark.usefixtures("stopped_clock")
def test_the_first_alert_finds_its_statements_written_out(
    db: str, sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        follower(sink, name, topic)
    for each in prepared._all:
        each._written.clear()
    get_ready()

    def forgotten(statement: Any, _dialect: Any) -> None:
        raise AssertionError(f"not written out on {db}: {statement}")

    monkeypatch.setattr(prepared, "_write", forgotten)
    assert stored_alert(ring(topic)).recipients == 2
    assert sink.accepted == {"/ann": 1, "/bob": 1}


@pytest.mark.usefixtures("db")
def test_getting_ready_leaves_no_trace() -> None:
    get_ready()
    with database.reading() as session:
        counts = [session.exec(select(func.count()).select_from(table)).one() for table in (Alert, Shard)]
    assert counts == [0, 0]


@pytest.mark.usefixtures("db")
def test_a_worker_gets_ready_while_somebody_else_is_writing() -> None:
    with database.unit_of_work() as session:
        session.connection()
        get_ready()


def test_a_worker_gets_ready_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    settings.cache_clear()
    database.forget_engine()
    get_ready()
