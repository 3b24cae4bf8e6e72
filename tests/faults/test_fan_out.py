"""Whatever dies in the middle of a fan-out, nobody is missed."""

import os
import signal
import time

import pytest

from tests.faults.conftest import FAR_END_S, SENDS_AT_ONCE, Rehearsal, Row
from worker.push.pump import CHECKPOINT_S

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

# A killed sender may tell twice whom it told since its last checkpoint, 0.1 s and a commit ago, and
# whom it was telling: each of its threads tells one every 0.02 s.
OF_ONE_SENDER = SENDS_AT_ONCE * int(2 * CHECKPOINT_S / FAR_END_S + 1)


def nobody_missed(row: Row, *, twice: int) -> None:
    assert row.missing == 0
    assert row.twice <= twice


def test_a_worker_killed_in_the_middle_is_made_good_by_another(rehearsal: Rehearsal) -> None:
    victim = rehearsal.worker()
    rehearsal.beat()
    rehearsal.ring()
    rehearsal.worker()
    victim.kill()
    nobody_missed(rehearsal.count("kill -9 of a worker, another goes on"), twice=OF_ONE_SENDER)


def test_a_pool_child_killed_in_the_middle_is_made_good(rehearsal: Rehearsal) -> None:
    worker = rehearsal.worker(concurrency=2)
    rehearsal.beat()
    rehearsal.ring()
    os.kill(worker.children()[0], signal.SIGKILL)
    nobody_missed(rehearsal.count("kill -9 of a pool child"), twice=OF_ONE_SENDER)


def test_all_workers_and_beat_killed_at_once_are_made_good_when_they_are_back(rehearsal: Rehearsal) -> None:
    victims = [rehearsal.worker(concurrency=2), rehearsal.beat()]
    rehearsal.ring()
    for victim in victims:
        victim.kill()
    rehearsal.worker(concurrency=2)
    rehearsal.beat()
    nobody_missed(rehearsal.count("kill -9 of all workers and beat"), twice=2 * OF_ONE_SENDER)


def test_a_broker_that_forgets_everything_delays_and_loses_nothing(rehearsal: Rehearsal) -> None:
    rehearsal.worker(concurrency=2)
    rehearsal.beat()
    rehearsal.ring()
    rehearsal.valkey.forget_everything()
    nobody_missed(rehearsal.count("FLUSHALL"), twice=0)


def test_a_broker_that_dies_and_comes_back_empty_loses_nothing(rehearsal: Rehearsal) -> None:
    rehearsal.worker(concurrency=2)
    rehearsal.beat()
    rehearsal.ring()
    rehearsal.valkey.kill()
    time.sleep(3)
    rehearsal.valkey.start()
    nobody_missed(rehearsal.count("kill -9 of Valkey without persistence, 3 s away"), twice=0)


def test_two_beats_at_once_do_no_harm(rehearsal: Rehearsal) -> None:
    rehearsal.worker(concurrency=2)
    rehearsal.beat()
    rehearsal.beat()
    rehearsal.ring()
    nobody_missed(rehearsal.count("two beats, nothing killed"), twice=0)
