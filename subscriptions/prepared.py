"""Statements that are executed many times a second: written out once, and handed straight to the driver.

SQLAlchemy says what a statement is, and how its values are stored and read. A session does so each time anew,
which takes several times as long as a small statement itself.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, bindparam, type_coerce
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import NullType
from sqlmodel import Session, col

from subscriptions.database import BusyError, engine, not_waiting

DENSE = 4  # numbers of a range for each that is wanted
_all: "list[Prepared]" = []
Process = Callable[[Any], Any]
Rows = Sequence[tuple[Any, ...]]


class Prepared:
    """A statement in which all that varies is a named `bindparam`."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._written: dict[str, _Written] = {}
        _all.append(self)

    def within(self, session: Session, **given: Any) -> Rows:
        """Execute it in a session's transaction; gives all rows."""
        session.flush()  # as each other statement of a session does before
        connection = session.connection()
        driver: Any = connection.connection.dbapi_connection
        with _errors(connection.dialect):
            return _execute(driver, self.write(connection.dialect), given)

    def for_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each of some rows in a session's transaction; gives nothing."""
        session.flush()
        connection = session.connection()
        driver: Any = connection.connection.dbapi_connection
        written = self.write(connection.dialect)
        with _errors(connection.dialect), closing(driver.cursor()) as cursor:
            cursor.executemany(written.text, [_values(written, row) for row in rows])

    def alone(self, *, waits: bool = True, **given: Any) -> Rows:
        """Execute it as a transaction of its own; gives all rows.

        Raises BusyError, where not to wait, when on SQLite somebody else is writing.
        """
        dialect = engine().dialect
        with _errors(dialect):  # a database that is away is noticed here, when its connection is looked at
            connection = engine().raw_connection()
        driver: Any = connection.dbapi_connection
        try:
            with _errors(dialect), _by_itself(driver, dialect, waits=waits):
                return _execute(driver, self.write(dialect), given)
        except DBAPIError:
            connection.invalidate()  # it may be the connection's end; another is made next time
            raise
        finally:
            connection.close()

    def write(self, dialect: Dialect) -> "_Written":
        """Write it out as a database takes it, the first time."""
        if dialect.name not in self._written:
            self._written[dialect.name] = _write(self._statement, dialect)
        return self._written[dialect.name]


def write_all(dialect: Dialect) -> None:
    """Write out all statements there are, so that none has to wait for it when it is needed."""
    for prepared in _all:
        prepared.write(dialect)


class Among:
    """A SELECT of rows whose number is among many; where they lie close together, of the whole range."""

    def __init__(self, statement: Any, column: Any) -> None:
        between = col(column).between(bindparam("among_first"), bindparam("among_last"))
        self._range = Prepared(statement.where(between))
        self._listed = statement.where(col(column).in_(bindparam("among_all", expanding=True)))

    def rows(self, session: Session, numbers: Collection[int], **given: Any) -> Rows:
        """Give the rows, which may be more than those asked for: a range has others in it."""
        if not numbers:
            return []
        first, last = min(numbers), max(numbers)
        if is_dense(first, last, len(numbers)):
            return self._range.within(session, among_first=first, among_last=last, **given)
        return [tuple(row) for row in session.execute(self._listed, {"among_all": list(numbers), **given})]


def is_dense(first: int, last: int, count: int) -> bool:
    """Say whether so many numbers fill a range so well that all of it is read faster than they one by one."""
    return last - first < DENSE * count


def as_stored(column: Any) -> ColumnElement[Any]:
    """Select a column as the driver reads it: an enum as its text, a yes as 1."""
    return type_coerce(col(column), NullType())


class _Written(NamedTuple):
    """A statement as one kind of database takes it."""

    text: str
    names: list[str] | None  # of the values, where it takes them in order
    fixed: dict[str, Any]
    stored: dict[str, Process]
    read: list[tuple[int, Process]]


def _write(statement: Any, dialect: Dialect) -> _Written:
    compiled = statement.compile(dialect=dialect)
    stored = {
        name: process
        for name, bind in compiled.binds.items()
        if (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    read = [
        (place, process)
        for place, column in enumerate(statement.exported_columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    names = list(compiled.positiontup) if compiled.positional else None
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return _Written(str(compiled), names, fixed, stored, read)


def _execute(driver: Any, written: _Written, given: Mapping[str, Any]) -> Rows:
    with closing(driver.cursor()) as cursor:
        cursor.execute(written.text, _values(written, given))
        rows: Rows = cursor.fetchall()  # SQLite ends a statement, and commits, once all are fetched
    return [_as_read(row, written.read) for row in rows] if written.read else rows


def _values(written: _Written, given: Mapping[str, Any]) -> Mapping[str, Any] | Sequence[Any]:
    values = {**written.fixed, **given}
    for name, process in written.stored.items():
        values[name] = process(values[name])
    return values if written.names is None else [values[name] for name in written.names]


def _as_read(row: tuple[Any, ...], read: list[tuple[int, Process]]) -> tuple[Any, ...]:
    values = list(row)
    for place, process in read:
        values[place] = process(values[place])
    return tuple(values)


@contextmanager
def _by_itself(driver: Any, dialect: Dialect, *, waits: bool) -> Iterator[None]:
    """Let a statement be its own transaction: to PostgreSQL that is one round trip, not three."""
    if dialect.name != "sqlite":
        driver.autocommit = True
        try:
            yield
        finally:
            if not driver.closed:
                driver.autocommit = False
    elif waits:
        yield  # a connection to SQLite is in no transaction unless we say BEGIN: see subscriptions.database
    else:
        with not_waiting(driver):
            yield


@contextmanager
def _errors(dialect: Dialect) -> Iterator[None]:
    """Raise a driver's errors as a session does, without the values, which are nobody's to read in a log."""
    driver: Any = dialect.dbapi
    try:
        yield
    except BusyError:
        raise
    except driver.OperationalError as error:
        raise OperationalError(None, None, error) from error
    except driver.Error as error:
        raise DBAPIError(None, None, error) from error
