"""A worker is ready before its first message."""

from typing import Any

import pytest
from babel import localedata
from sqlalchemy import event
from sqlalchemy.engine.interfaces import CacheStats
from sqlmodel import func, select

from subscriptions import database, prepared
from subscriptions.settings import settings
from subscriptions.tables import Alert, Shard, Topic
from subscriptions.texts import LANGUAGES, Language, language
from tests.builders import an_alert
from tests.pushing import follower, stored_alert
from tests.sinks import HttpSink
from worker.push.compose import note_for
from worker.push.fan_out import fan_out
from worker.push.ready import get_ready
from worker.push.send import deliver


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
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    event.listen(database.engine(), "before_cursor_execute", _has_been_compiled)
    for shard_id in fan_out(alert_id):
        deliver(shard_id)
    assert stored_alert(alert_id).recipients == 2
    assert sink.accepted == {"/ann": 1, "/bob": 1}


def _has_been_compiled(_connection: Any, _cursor: Any, text: str, _values: Any, how: Any, _many: Any) -> None:
    assert how.cache_hit is not CacheStats.CACHE_MISS, text


@pytest.mark.usefixtures("db")
def test_the_first_alert_finds_the_languages_of_readers_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    get_ready()

    def forgotten(name: str, *_: Any, **__: Any) -> None:
        raise AssertionError(f"not loaded: {name}")

    monkeypatch.setattr(localedata, "load", forgotten)
    monkeypatch.setattr(language, "read_po", forgotten)
    for each in LANGUAGES.values():
        assert "Storms" in note_for("Herald", ["Storms"], Language(each.code, each.name))


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
