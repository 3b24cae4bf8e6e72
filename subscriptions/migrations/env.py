"""Alembic's entry: it gets its connection from `migrate`, or from the settings for `alembic revision`."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import subscriptions.tables  # noqa: F401 - importing it fills the metadata
from subscriptions.database import engine

PLAIN_TYPES = {"AutoString": "sa.String()", "Instant": "sa.DateTime(timezone=True)"}


def plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types into a revision as the plain types they are stored as."""
    return PLAIN_TYPES.get(type(item).__name__, False) if kind == "type" else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,  # SQLite cannot alter most of a table in place
        compare_type=True,
        render_item=plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with engine().begin() as connection:
        run(connection)
