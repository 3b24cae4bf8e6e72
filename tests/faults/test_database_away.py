"""A database that goes away in the middle of a fan-out: what cannot be noted down is not sent."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.fan_out import OF_ONE_SENDER, FanOut, nobody_missed
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

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
    nobody_missed(fan_out.count("PostgreSQL stopped, 3 s away"), twice=OF_ONE_SENDER)
    assert fan_out.said(AWAY)


@pytest.fixture
def small_disk(data_dir: Path) -> Iterator[Path]:
    """A disk of its own for the data folder, that can be filled."""
    data_dir.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LITTLE}m", "tmpfs", str(data_dir)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        yield data_dir
    finally:
        subprocess.run(["umount", "--lazy", str(data_dir)], check=True)


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_for_a_while_delays_and_loses_nothing(small_disk: Path, fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"):
        _fill(filler)
    time.sleep(5)
    filler.unlink()
    nobody_missed(fan_out.count("disk full for 5 s"), twice=OF_ONE_SENDER)
    assert fan_out.said(AWAY)
