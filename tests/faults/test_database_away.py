"""A database that goes away in the middle of a fan-out: what cannot be noted down is not sent."""

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from subscriptions.database import engine
from tests.faults.fan_out import OF_A_WORKER, FanOut, nobody_missed
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.processes, pytest.mark.timeout(480)]

LITTLE = 60  # MB: room for the database, and not for much more
AWAY = "database away"


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_a_database_that_restarts_loses_nothing_and_rings_next_to_nobody_twice(
    fan_out: FanOut, postgres: PostgresServer
) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    postgres.stop()
    time.sleep(3)
    postgres.start()
    nobody_missed(fan_out.count("PostgreSQL stopped, 3 s away"), twice=OF_A_WORKER)
    assert fan_out.said(AWAY)


@contextmanager
def a_small_disk(folder: Path) -> Iterator[Path]:
    """Give a folder a disk of its own, that can be filled."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LITTLE}m,mode=777", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """The disk of the data folder."""
    with a_small_disk(data_dir) as disk:
        yield disk


@pytest.fixture
def small_tablespace(postgres: PostgresServer, db: str) -> Iterator[Path]:
    """The disk of the database's tables; PostgreSQL's journal is on another, as it would stop without."""
    database = engine().url.database
    with a_small_disk(postgres.folder / "small") as disk:
        tables = disk / "tables"
        tables.mkdir(mode=0o777)
        tables.chmod(0o777)
        if postgres.user is not None:
            os.chown(tables, pwd.getpwnam(postgres.user).pw_uid, -1)
        postgres.run(f"CREATE TABLESPACE small LOCATION '{tables}'")
        _move(postgres, database, "small")
        yield disk
        _move(postgres, database, "pg_default")
        postgres.run("DROP TABLESPACE small")


def _move(postgres: PostgresServer, database: str | None, tablespace: str) -> None:
    engine().dispose()
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'tocsin%'")
    postgres.run(f"ALTER DATABASE {database} SET TABLESPACE {tablespace}")


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def _full_for_a_while(disk: Path, fan_out: FanOut) -> None:
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        _fill(filler)
    fan_out.run.wait_until(lambda: fan_out.said(AWAY), "there is no room for what is to be noted down")
    time.sleep(5)
    filler.unlink()


# Those who are asked to come back get rows, which need room; outcomes alone take that of older ones.
@pytest.mark.parametrize("far_end", [{"faults": "too_many:40", "delay_s": 0.02}], indirect=True)
@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_for_a_while_delays_and_loses_nothing(small_disk: Path, fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    _full_for_a_while(small_disk, fan_out)
    nobody_missed(fan_out.count("disk full for 5 s"), twice=OF_A_WORKER)
    assert fan_out.said(AWAY)


@pytest.mark.parametrize("far_end", [{"faults": "too_many:10", "delay_s": 0.005}], indirect=True)
@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_a_full_disk_of_postgresql_delays_and_loses_nothing(small_tablespace: Path, fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    _full_for_a_while(small_tablespace, fan_out)
    nobody_missed(fan_out.count("disk full for 5 s"), twice=OF_A_WORKER)
    assert fan_out.said(AWAY)
