"""The database's shape over time; `migrate` brings it to this version, and never rings."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from subscriptions.errors import Mistake

MIGRATION_LOCK = 0x746F6373696E  # "tocsin": two machines that start at once migrate one after the other


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this version; give the revision it had (None: it was empty) and has.

    Raises Mistake when a newer Tocsin wrote the database.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        before = _revision(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, _head()


def check_schema(engine: Engine) -> None:
    """Raise Mistake unless the database has just the shape this version of Tocsin works with."""
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision is None:
        raise Mistake("The database has no tables yet: run `tocsin migrate`.")
    if revision != _head():
        raise Mistake(f"The database is at revision {revision}, an older one: run `tocsin migrate`.")


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise Mistake(
            f"The database was written by a newer Tocsin (revision {revision}): "
            "start that version, or restore the backup made before the upgrade."
        )
    return revision


def _head() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the folder versions/ is part of the package
    return head
