"""What commands say when machine, database or settings are broken: one sentence, nothing half stored."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from subscriptions import database
from subscriptions.migrations import migrate
from subscriptions.settings import settings
from subscriptions.tables import Source
from tests.commands import a_sentence, done, tocsin

COMMAND = [sys.executable, "-m", "worker.cli"]
ROOT = Path(__file__).parents[2]


def run(*words: str, typed: str | None = None, **values: str) -> "subprocess.CompletedProcess[str]":
    """Run `tocsin` as a process of its own, in the test's folder."""
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | values
    return subprocess.run(
        [*COMMAND, *words],
        input=typed,
        capture_output=True,
        text=True,
        env=surroundings,
        check=False,
        timeout=60,
    )


@pytest.fixture
def sqlite() -> Path:
    """A migrated SQLite database; gives its file."""
    migrate(database.engine())
    return settings().data_dir / "tocsin.db"


def test_the_real_command_works_as_a_process(sqlite: Path) -> None:
    added = run("topics", "add", "storms", "storm*")
    assert (added.returncode, added.stderr) == (0, "")
    assert json.loads(run("topics", "list", "--json").stdout)[0]["slug"] == "storms"


def test_a_test_message_that_does_not_arrive_is_one_sentence_and_no_log(sqlite: Path) -> None:
    run("subscribers", "add", "ann")
    run("channels", "add", "ann", "json://127.0.0.1:9/bob")
    answer = run("channels", "test", "1")
    assert "this machine or a private network, and was not added with --private" in answer.stderr
    run("channels", "add", "ann", "json://127.0.0.1:9/ann", "--private")
    answer = run("channels", "test", "2")
    assert answer.returncode == 1
    assert answer.stderr.startswith("The test to json://127.0.0.1:9/… did not arrive: the connection failed.")
    assert answer.stderr.count("\n") == 1


def test_help_loads_none_of_the_heavy_libraries() -> None:
    heavy = ("aiohttp", "alembic", "apprise", "celery", "fastapi", "lxml", "pydantic", "sqlalchemy")
    looks = f"import sys, worker.cli; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


@pytest.mark.parametrize("command", ["migrate", "up"])
@pytest.mark.parametrize("below", ["", "tocsin/data"])
def test_a_data_folder_that_cannot_be_made_is_named_with_its_setting(
    command: str, below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / below
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(folder))
    settings.cache_clear()
    answer = tocsin(command)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"data folder {folder} cannot be made" in answer.err
    assert "TOCSIN_DATA_DIR" in answer.err


def test_a_database_that_is_not_there_is_not_made_by_looking(data_dir: Path) -> None:
    answer = tocsin("sources", "list")
    assert answer.code == 2
    assert "tocsin migrate" in answer.err
    assert a_sentence(answer)
    assert not data_dir.exists()


def test_a_database_without_tables_says_to_migrate(data_dir: Path) -> None:
    data_dir.mkdir()
    sqlite3.connect(data_dir / "tocsin.db").close()
    answer = tocsin("topics", "add", "storms", "storm*")
    assert (answer.code, a_sentence(answer)) == (2, True)
    assert "tocsin migrate" in answer.err


def test_migrate_says_what_it_did(data_dir: Path) -> None:
    assert "it had no tables" in done("migrate").out
    assert "already" in done("migrate").out


def test_a_database_of_a_newer_version_is_left_alone(db: str) -> None:
    with database.engine().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for words in (("sources", "list"), ("subscribers", "add", "ann"), ("migrate",)):
        answer = tocsin(*words)
        assert (answer.code, a_sentence(answer)) == (2, True)
        assert "newer Tocsin" in answer.err


@pytest.fixture
def locked(sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process holds the database locked, and our patience is short."""
    monkeypatch.setattr(database, "SQLITE_BUSY_S", 0.2)
    database.forget_engine()
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, sqlite], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.communicate()


@pytest.mark.usefixtures("locked")
def test_a_locked_database_is_named_and_nothing_is_stored() -> None:
    answer = tocsin("subscribers", "add", "ann")
    assert (answer.code, a_sentence(answer)) == (3, True)
    assert "locked" in answer.err
    assert "tocsin.db" in answer.err


@pytest.mark.usefixtures("locked")
def test_looking_does_not_wait_for_a_writer() -> None:
    assert done("subscribers", "list", "--json").json == []


def test_a_full_disk_is_named_and_nothing_is_half_stored(sqlite: Path) -> None:
    with sqlite3.connect(sqlite) as file:
        file.execute("VACUUM")  # pages that migrations left free would hold what is added

    @event.listens_for(database.engine(), "connect")
    def _no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    database.engine().dispose()
    answer = tocsin("topics", "add", "storms", " OR ".join(f"storm{number}" for number in range(400)))
    assert (answer.code, a_sentence(answer)) == (3, True)
    assert "full" in answer.err
    assert done("topics", "list", "--json").json == []


def test_a_file_that_cannot_grow_is_named(sqlite: Path) -> None:
    def no_large_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = sqlite.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    answer = subprocess.run(
        [*COMMAND, "topics", "add", "storms", " OR ".join(f"storm{number}" for number in range(400))],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=no_large_files,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (3, "")
    assert "tocsin.db" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert done("topics", "list", "--json").json == []


@pytest.mark.parametrize(
    ("name", "value", "code", "named"),
    [
        ("TOCSIN_PORT", "eighty", 2, "TOCSIN_PORT"),
        ("TOCSIN_DATABASE_URL", "nonsense", 2, "TOCSIN_DATABASE_URL"),
        ("TOCSIN_DATABASE_URL", "mysql://h/db", 2, "mysql"),
        ("TOCSIN_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/db", 3, "TOCSIN_DATABASE_URL"),
        ("TOCSIN_DATABASE_URL", "sqlite:////proc/none/tocsin.db", 2, "tocsin"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, code: int, named: str) -> None:
    answer = run("sources", "list", **{name: value})
    assert (answer.returncode, answer.stdout) == (code, "")
    assert named in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "hunter2" not in answer.stderr


def test_a_file_that_is_no_database_is_named(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "tocsin.db").write_bytes(b"no database at all, and long enough to be read as one" * 100)
    answer = tocsin("sources", "list")
    assert (answer.code, a_sentence(answer)) == (3, True)
    assert "tocsin.db" in answer.err


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    archive, topics = tmp_path / "a.jsonl", tmp_path / "t.jsonl"
    line = json.dumps({"id": 1, "title": "Storm over the city " * 20, "published": "2026-03-02T12:00:00Z"})
    archive.write_text(f"{line}\n" * 3000)
    topics.write_text('{"id": "storms", "query": "storm"}\n')
    with subprocess.Popen(
        [*COMMAND, "replay", str(archive), "--topics", str(topics)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_ctrl_c_ends_quietly_with_130(tmp_path: Path) -> None:
    topics = tmp_path / "t.jsonl"
    topics.write_text('{"id": "storms", "query": "storm"}\n')
    line = json.dumps({"id": 1, "title": "Storm", "published": "2026-03-02T12:00:00Z"})
    with subprocess.Popen(
        [*COMMAND, "replay", "-", "--topics", str(topics), "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["rings"]
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")


def test_a_fault_of_ours_says_so_and_how_to_see_more(sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: object) -> list[Source]:
        raise KeyError("a fault")

    monkeypatch.setattr("subscriptions.sources.all_sources", broken)
    answer = tocsin("sources", "list")
    assert (answer.code, a_sentence(answer)) == (3, True)
    assert "TOCSIN_LOG_LEVEL=debug" in answer.err
    monkeypatch.setenv("TOCSIN_LOG_LEVEL", "debug")
    settings.cache_clear()
    assert "Traceback" in tocsin("sources", "list").err
