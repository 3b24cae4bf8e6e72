"""The database that one test leaves to the next: nothing of the first is in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlmodel import Session, SQLModel, select

from subscriptions.database import make_engine
from subscriptions.tables import Subscriber, TopicRevision
from tests.builders import a_subscriber
from tests.postgres import PostgresServer
from tests.postgres_copies import Copies


@contextmanager
def opened(postgres: PostgresServer, name: str) -> Iterator[Session]:
    """Open a database that is not the settings' own."""
    engine = make_engine(postgres.url(name).replace("://", "+psycopg://"))
    with Session(engine) as session:
        yield session
    engine.dispose()


def rows(session: Session) -> dict[str, list[Any]]:
    """Read all rows of all tables."""
    return {name: list(session.execute(table.select())) for name, table in SQLModel.metadata.tables.items()}


def test_rows_are_gone_and_numbers_begin_anew(postgres: PostgresServer, postgres_copies: Copies) -> None:
    name = postgres_copies.take()
    with opened(postgres, name) as session:
        before = rows(session)
        a_subscriber(session, name="ann")
        a_subscriber(session, name="bob")
        session.get_one(TopicRevision, 1).number += 5
        session.commit()
        assert rows(session) != before
    postgres_copies.give_back(name)
    assert postgres_copies.take() == name
    with opened(postgres, name) as session:
        assert rows(session) == before
        a_subscriber(session, name="cleo")
        session.commit()
        assert session.exec(select(Subscriber.id)).all() == [1]
    postgres_copies.give_back(name)


def test_one_whose_tables_were_changed_is_not_used_again(
    postgres: PostgresServer, postgres_copies: Copies
) -> None:
    for change in (
        "ALTER TABLE subscriber ADD COLUMN shoe_size integer",
        "ALTER TABLE subscriber ALTER COLUMN language DROP NOT NULL",
        "CREATE TABLE shoes (size integer)",
        "UPDATE alembic_version SET version_num = '9999'",
    ):
        name = postgres_copies.take()
        with psycopg.connect(postgres.url(name), autocommit=True) as connection:
            connection.execute(change.encode())
        postgres_copies.give_back(name)
        assert postgres_copies.take() != name
