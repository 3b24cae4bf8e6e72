"""The real parts the tests run on: SQLite and PostgreSQL, and a clock that only we move."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import make_url

from subscriptions import clock, database, keys, nudge, settings
from subscriptions.migrations import migrate
from tests.builders import NOON
from tests.faults.table import pytest_terminal_summary
from tests.postgres import PostgresServer
from tests.postgres_copies import TEMPLATE, Copies
from tests.sinks import HttpSink, MailSink, http_sink, mail_sink
from worker.push import service_limits, slots

__all__ = ["pytest_terminal_summary"]  # pytest finds the hook here

# Tests count and compare; how long something takes is for the benchmarks.
hypothesis.settings.register_profile("tocsin", deadline=None)
hypothesis.settings.load_profile("tocsin")


def _forget() -> None:
    database.forget_engine()
    settings.settings.cache_clear()
    nudge._sender.cache_clear()
    nudge._away_until = 0
    keys.secret_keys.cache_clear()
    service_limits._limits.cache_clear()
    slots.slots.cache_clear()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own; no setting of the machine's environment reaches a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "data"))
    for name in ("TOCSIN_DATABASE_URL", "TOCSIN_BROKER_URL", "TOCSIN_SECRET_KEYS", "TOCSIN_MAIL_URL"):
        monkeypatch.delenv(name, raising=False)
    _forget()
    yield tmp_path / "data"
    if database.engine.cache_info().currsize:
        database.engine().dispose()
    _forget()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server with one migrated database that others are copied from."""
    server = PostgresServer()
    server.start()
    server.run(f"CREATE DATABASE {TEMPLATE}")
    engine = database.make_engine(server.url(TEMPLATE).replace("://", "+psycopg://"))
    migrate(engine)
    engine.dispose()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_copies(postgres: PostgresServer) -> Copies:
    """What gives each test a database of its own on that server."""
    return Copies(postgres)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that others are copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = database.make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A migrated database, once on SQLite and once on PostgreSQL; gives its URL."""
    if request.param == "sqlite":
        url = settings.settings().database
        place = Path(make_url(url).database or "")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(request.getfixturevalue("sqlite_template"), place)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    copies: Copies = request.getfixturevalue("postgres_copies")
    name = copies.take()
    monkeypatch.setenv("TOCSIN_DATABASE_URL", server.url(name))
    settings.settings.cache_clear()
    yield settings.settings().database
    database.engine().dispose()
    copies.give_back(name)


class Clock:
    """The clock of one test: it stands still until the test moves it."""

    def __init__(self) -> None:
        self.time: datetime = NOON

    def now(self) -> datetime:
        """Tell the test's time."""
        return self.time

    def move(self, **by: float) -> None:
        """Move on, e.g. `move(minutes=5)`."""
        self.time += timedelta(**by)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands at noon of 2 March 2026 until the test moves it."""
    stopped = Clock()
    monkeypatch.setattr(clock, "now", stopped.now)
    return stopped


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    """An HTTP server where webhooks arrive."""
    with http_sink() as running:
        yield running


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Iterator[MailSink]:
    """A real SMTP server, set as the newsroom's own."""
    with mail_sink() as running:
        monkeypatch.setenv("TOCSIN_MAIL_URL", running.url)
        settings.settings.cache_clear()
        yield running
