"""What columns of all tables share: constraint names, 64-bit ids, UTC instants, statuses and their moves."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator, inspect, update
from sqlalchemy import Enum as EnumType
from sqlmodel import Field, Session, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite's own 64-bit rowid is spelt INTEGER


class Instant(TypeDecorator[datetime]):
    """An aware datetime in UTC on every database (SQLite forgets the zone by itself)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody could tell which instant it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def primary_id() -> Any:
    """Make a 64-bit primary key that is never used twice (bitmaps name channels by it)."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def foreign_id(
    target: str,
    *,
    primary_key: bool = False,
    index: bool = False,
    optional: bool = False,
    ondelete: Literal["CASCADE", "RESTRICT"] = "RESTRICT",
) -> Any:
    """Make a column that names a row of another table, e.g. `foreign_id("source.id")`.

    An optional one may name none, and no two rows name the same.
    """
    if optional:
        return Field(default=None, sa_type=BigId, foreign_key=target, unique=True, ondelete=ondelete)
    return Field(
        sa_type=BigId,
        foreign_key=target,
        primary_key=primary_key,
        index=index,
        ondelete=ondelete,
    )


def status_column(kind: type[StrEnum], default: StrEnum, *, index: bool = False) -> Any:
    """Make a column of one StrEnum, stored by value with a CHECK that knows the values."""
    return Field(
        default=default,
        index=index,
        sa_type=EnumType(
            kind,
            name=kind.__name__.lower(),
            native_enum=False,
            create_constraint=True,
            length=24,
            values_callable=lambda members: [member.value for member in members],
        ),
    )


def move(
    session: Session,
    table: type[SQLModel],
    ids: Iterable[int],
    *,
    leave: StrEnum | Collection[StrEnum],
    enter: StrEnum,
    **values: Any,
) -> list[int]:
    """Move rows from one state to another, and say which of `ids` really were in it.

    The one way a status changes: the UPDATE names the state it leaves, so of two workers that
    try the same move one finds nothing. Raises ValueError for a move that `table.moves` does
    not allow.
    """
    leaving = [leave] if isinstance(leave, StrEnum) else list(leave)
    allowed: Mapping[StrEnum, frozenset[StrEnum]] = table.moves  # type: ignore[attr-defined]  # every table with a status has it
    for state in leaving:
        if enter not in allowed[state]:
            raise ValueError(f"{table.__name__}: no move from {state} to {enter}")
    wanted = list(ids)
    key = inspect(table).primary_key[0]
    columns: Any = table
    changed = (
        update(table)
        .where(key.in_(wanted), columns.status.in_(leaving))
        .values(status=enter, **values)
        .returning(key)
        .execution_options(synchronize_session=False)
    )
    return list(session.execute(changed).scalars()) if wanted else []
