"""The tables and the migrations that make them."""

from datetime import datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from sqlmodel.main import default_registry as sqlmodel_registry

from subscriptions import database
from subscriptions.errors import Mistake
from subscriptions.migrations import check_schema, migrate
from subscriptions.tables import Article, ArticleStatus, Source, SourceStatus, move
from tests.builders import NOON, a_source, an_article


def test_migrations_make_the_very_tables_the_code_works_with(db: str) -> None:
    with database.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_twice_changes_nothing(db: str) -> None:
    before, after = migrate(database.engine())
    assert before == after
    check_schema(database.engine())


def test_a_database_of_a_newer_version_is_refused_in_words(db: str) -> None:
    with database.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Mistake, match="newer Tocsin"):
        migrate(database.engine())
    with pytest.raises(Mistake, match="newer Tocsin"):
        check_schema(database.engine())


def test_an_empty_database_says_to_migrate(data_dir: object) -> None:
    with pytest.raises(Mistake, match="tocsin migrate"):
        check_schema(database.engine())


def test_times_come_back_in_utc(db: str) -> None:
    with database.unit_of_work() as session:
        source_id = a_source(session).id
    with database.reading() as session:
        source = session.get_one(Source, source_id)
        assert source.created_at == NOON
        assert source.created_at.utcoffset() == NOON.utcoffset()


def test_a_time_without_a_zone_is_refused(db: str) -> None:
    with pytest.raises(Exception, match="has no time zone"), database.unit_of_work() as session:
        a_source(session, created_at=datetime(2026, 3, 2, 12))  # noqa: DTZ001 - it is what we refuse


def test_a_status_is_stored_by_its_value_and_checked(db: str) -> None:
    with database.unit_of_work() as session:
        a_source(session, status=SourceStatus.paused)
    with database.reading() as session:
        assert session.execute(text("SELECT status FROM source")).scalar_one() == "paused"
    with pytest.raises(IntegrityError), database.unit_of_work() as session:
        session.execute(text("UPDATE source SET status = 'asleep'"))


def test_of_two_moves_from_one_state_the_second_finds_nothing(db: str) -> None:
    with database.unit_of_work() as session:
        article = an_article(session)
        assert article.id is not None
        for expected in ([article.id], []):
            moved = move(
                session, Article, [article.id], leave=ArticleStatus.seen, enter=ArticleStatus.understood
            )
            assert moved == expected


def test_a_move_the_table_does_not_know_is_refused(db: str) -> None:
    with database.unit_of_work() as session, pytest.raises(ValueError, match="no move from"):
        move(session, Article, [1], leave=ArticleStatus.matched, enter=ArticleStatus.seen)


def test_every_status_has_its_moves() -> None:
    for mapper in sqlmodel_registry.mappers:
        table: Any = mapper.class_
        if hasattr(table, "status"):
            assert {str(state) for state in table.moves} == set(table.status.type.enums), table
