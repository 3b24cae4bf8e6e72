"""The database: one engine a process, and transactions that are short and say whether they write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlmodel import Session

from subscriptions.errors import Mistake
from subscriptions.settings import settings

SQLITE_BUSY_S = 20  # longer than any of our transactions; a writer queues instead of failing
READING = "tocsin_reading"
HURRIED = "tocsin_hurried"


class BusyError(Exception):
    """Somebody else is writing (SQLite has one writer at a time), and we were not to wait for them."""


def make_engine(url: str) -> Engine:
    """Open an engine on `url` with the manners each database needs (FINDINGS: one writer, WAL)."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise Mistake(
            "TOCSIN_DATABASE_URL is no database address: write sqlite:////path/to/file.db or "
            "postgresql://user:password@host/name."
        ) from None
    if backend == "sqlite":
        return _sqlite_engine(url)
    if backend == "postgresql":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    raise Mistake(f"TOCSIN_DATABASE_URL names {backend}: Tocsin keeps its data in SQLite or PostgreSQL.")


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_S})
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once with "database is locked",
    # whatever the busy timeout; one that says so at its start waits for its turn.
    options = connection.get_execution_options()
    if options.get(HURRIED):
        _begin_at_once(connection)
    else:
        connection.exec_driver_sql("BEGIN" if options.get(READING) else "BEGIN IMMEDIATE")


def _begin_at_once(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection  # many times a second: without the layers between
    try:
        with not_waiting(driver):
            driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error


@contextmanager
def not_waiting(driver: Any) -> Iterator[None]:
    """Let statements of a block raise BusyError where on SQLite somebody else is writing."""
    driver.execute("PRAGMA busy_timeout=0")
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BusyError from None
        raise
    finally:
        driver.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_S * 1000}")


@cache
def engine() -> Engine:
    """Give this process's engine on the database of the settings."""
    return make_engine(settings().database)


def leave_connections() -> None:
    """Let a forked child open connections of its own; statements its parent wrote out are kept."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)


def forget_engine() -> None:
    """Drop the engine: the settings name another database."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
        engine.cache_clear()


@contextmanager
def unit_of_work(*, waits: bool = True) -> Iterator[Session]:
    """Open one writing transaction: committed when the block ends, undone when it raises.

    Keep it short, and send nothing over a network inside it. With `waits` false it raises BusyError at its
    first statement where on SQLite another transaction is writing.
    """
    writer = engine() if waits else engine().execution_options(**{HURRIED: True})
    with Session(writer, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Open one reading transaction: it never waits for a writer on SQLite."""
    reader = engine().execution_options(**{READING: True})
    with Session(reader, expire_on_commit=False) as session, session.begin():
        yield session


def lock(session: Session, name: str) -> None:
    """Let one transaction at a time in the whole installation pass, until this one ends.

    SQLite has one writer anyway; PostgreSQL has advisory locks.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"tocsin {name}"})


def what_is_wrong(error: DBAPIError) -> str:
    """Put the database's own error into one sentence with the way out."""
    text = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    where = make_url(settings().database).render_as_string(hide_password=True)
    for sign, sentence in _SENTENCES:
        if sign in text.lower():
            return sentence.format(where=where)
    return f"The database {where} does not answer ({text}): check TOCSIN_DATABASE_URL and that it runs."


_SENTENCES = (
    ("disk is full", "The disk that holds {where} is full: free some space and start again."),
    ("no space left", "The disk that holds {where} is full: free some space and start again."),
    ("disk i/o", "The disk that holds {where} cannot be read or written: check its space and health."),
    ("locked", "Another program holds the database {where} locked: stop it, then start again."),
    ("readonly", "The database {where} can only be read: give this user the right to write it."),
    ("unable to open", "The database {where} cannot be opened: check that its folder exists and is ours."),
    ("not a database", "{where} is not a database: move that file away, or set TOCSIN_DATABASE_URL."),
    ("malformed", "The database {where} is damaged: restore it from a backup."),
    ("no such table", "The database {where} has no tables yet: run `tocsin migrate`."),
    ("does not exist", "The database {where} does not exist: create it, then run `tocsin migrate`."),
    ("password", "The database {where} refused the password: correct TOCSIN_DATABASE_URL."),
)
