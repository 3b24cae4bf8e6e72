"""A database that goes away in the middle of a fan-out: what cannot be noted down is not sent."""

import time

import pytest

from tests.faults.conftest import Rehearsal
from tests.faults.test_fan_out import OF_ONE_SENDER, nobody_missed
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_a_database_that_restarts_loses_nothing_and_rings_next_to_nobody_twice(
    rehearsal: Rehearsal, postgres: PostgresServer
) -> None:
    large_shards = {"TOCSIN_SHARD_CHANNELS": "500"}
    rehearsal.run.start("worker", "--queues", "push", "--concurrency", "2", **large_shards)
    rehearsal.beat()
    rehearsal.ring()
    postgres.stop()
    time.sleep(3)
    postgres.start()
    nobody_missed(rehearsal.count("PostgreSQL stopped, 3 s away"), twice=2 * OF_ONE_SENDER)
