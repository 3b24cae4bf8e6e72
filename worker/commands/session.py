"""A command's one transaction, on a database that has this version's tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from subscriptions.database import READING, engine, reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.migrations import check_schema
from subscriptions.settings import settings


@contextmanager
def looking() -> Iterator[Session]:
    """Open a reading transaction; raises Mistake where the database is not migrated."""
    _check()
    with reading() as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Open a writing transaction, all or nothing; raises Mistake where the database is not migrated."""
    _check()
    with unit_of_work() as session:
        yield session


def database_exists() -> bool:
    """Tell whether there is a database to look into: SQLite would make an empty one."""
    try:
        address = make_url(settings().database)
    except ArgumentError:
        return True  # the engine says what is wrong with it
    if address.get_backend_name() != "sqlite":
        return True
    return Path(address.database or "").exists()


def _check() -> None:
    if not database_exists():
        raise Mistake(f"There is no database in {settings().data_dir} yet: run `tocsin migrate`.")
    check_schema(engine().execution_options(**{READING: True}))  # must not wait for a writer
