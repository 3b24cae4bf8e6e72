"""Statements handed straight to the driver store and read what a session does, and fail as it does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, col

from subscriptions import database, settings
from subscriptions.prepared import Among, Prepared, as_stored
from subscriptions.tables import Subscriber, Topic, TopicStatus
from tests.builders import a_subscriber, a_topic

pytestmark = pytest.mark.usefixtures("db")

LATE = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
NEAR = Among(select(col(Subscriber.id), col(Subscriber.name)).order_by(col(Subscriber.id)), Subscriber.id)
PAUSE = Prepared(
    update(Topic)
    .where(col(Topic.id) == bindparam("ours"), col(Topic.status) == TopicStatus.live)
    .values(status=bindparam("becomes", type_=Topic.__table__.c.status.type), updated_at=bindparam("at"))  # type: ignore[attr-defined]  # it is a table
    .returning(col(Topic.status), as_stored(Topic.status), col(Topic.updated_at))
)


def stored_topic(number: int) -> Topic:
    with database.reading() as session:
        return session.get_one(Topic, number)


def live_topic() -> int:
    with database.unit_of_work() as session:
        return a_topic(session).id or 0


def pause(number: int, **more: Any) -> list[tuple[Any, ...]]:
    return [*PAUSE.alone(ours=number, becomes=TopicStatus.paused, at=LATE, **more)]


def test_a_statement_by_itself_is_stored_as_soon_as_it_was_executed() -> None:
    topic = live_topic()
    assert pause(topic) == [(TopicStatus.paused, "paused", LATE)]
    kept = stored_topic(topic)
    assert (kept.status, kept.updated_at) == (TopicStatus.paused, LATE)
    assert pause(topic) == []  # it names the state that it leaves


def test_a_statement_in_a_session_goes_with_its_transaction() -> None:
    topic = live_topic()
    with database.unit_of_work() as session:
        assert PAUSE.within(session, ours=topic, becomes=TopicStatus.paused, at=LATE)
        session.rollback()
    assert stored_topic(topic).status == TopicStatus.live


def test_a_statement_in_a_session_sees_what_is_not_flushed_yet() -> None:
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, name="ann")
        subscriber.name = "ann of the harbour"
        session.add(subscriber)
        number = subscriber.id or 0
        assert NEAR.rows(session, [number]) == [(number, "ann of the harbour")]


def names(session: Session, numbers: list[int]) -> dict[int, str]:
    return {number: name for number, name in NEAR.rows(session, numbers) if number in numbers}


def test_rows_that_lie_close_together_and_far_apart_are_found_alike() -> None:
    with database.unit_of_work() as session:
        found = [a_subscriber(session, name=f"r{number}").id or 0 for number in range(30)]
    with database.reading() as session:
        for numbers in (found, found[:1], [found[0], found[-1]], found[::2], []):
            assert names(session, numbers) == {each: f"r{found.index(each)}" for each in numbers}


def test_an_error_is_raised_as_a_session_does_and_a_good_connection_is_there_for_the_next() -> None:
    topic, _another = live_topic(), live_topic()
    same = Prepared(update(Topic).values(slug=bindparam("slug")).returning(col(Topic.id)))
    with pytest.raises(DBAPIError):
        same.alone(slug="storms")
    with database.reading() as session, pytest.raises(DBAPIError):
        same.within(session, slug="storms")
    assert pause(topic)


def test_a_database_that_went_away_meanwhile_is_an_operational_error(db: str) -> None:
    if db.startswith("sqlite"):
        pytest.skip("a file does not go away")
    end = Prepared(select(func.pg_terminate_backend(func.pg_backend_pid())))
    with pytest.raises(OperationalError):
        end.alone()
    assert pause(live_topic())


def test_a_database_that_cannot_be_reached_is_an_operational_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql://tocsin@127.0.0.1:1/tocsin")
    settings.settings.cache_clear()
    database.forget_engine()
    with pytest.raises(OperationalError):
        Prepared(select(func.now())).alone()


def test_who_does_not_want_to_wait_is_told_that_somebody_else_is_writing(db: str) -> None:
    topic = live_topic()
    if not db.startswith("sqlite"):
        pytest.skip("PostgreSQL has many writers")
    with database.unit_of_work() as session:
        a_topic(session, name="Storms")
        with pytest.raises(database.BusyError):
            pause(topic, waits=False)
    assert pause(topic, waits=False)
