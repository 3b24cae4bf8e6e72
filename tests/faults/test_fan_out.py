"""Whatever dies in the middle of a fan-out, nobody is missed."""

import os
import signal
import time

import pytest

from tests.faults.fan_out import OF_A_WORKER, OF_ONE_SENDER, FanOut, nobody_missed

pytestmark = [pytest.mark.processes, pytest.mark.timeout(480)]


def test_a_worker_killed_in_the_middle_is_made_good_by_another(fan_out: FanOut) -> None:
    victim = fan_out.worker(concurrency=1)
    fan_out.beat()
    fan_out.ring()
    fan_out.worker(concurrency=1)
    victim.kill()
    nobody_missed(fan_out.count("kill -9 of a worker, another goes on"), twice=OF_ONE_SENDER)


def test_a_pool_child_killed_in_the_middle_is_made_good(fan_out: FanOut) -> None:
    worker = fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    os.kill(worker.children()[0], signal.SIGKILL)
    nobody_missed(fan_out.count("kill -9 of a pool child"), twice=OF_ONE_SENDER)


def test_all_workers_and_beat_killed_at_once_are_made_good_when_they_are_back(fan_out: FanOut) -> None:
    victims = [fan_out.worker(), fan_out.beat()]
    fan_out.ring()
    for victim in victims:
        victim.kill()
    fan_out.worker()
    fan_out.beat()
    nobody_missed(fan_out.count("kill -9 of all workers and beat"), twice=OF_A_WORKER)


def test_a_browser_shows_an_alert_once_though_its_worker_is_killed(fan_out: FanOut) -> None:
    worker = fan_out.worker()
    fan_out.beat()
    fan_out.ring("webpush")
    os.kill(worker.children()[0], signal.SIGKILL)
    nobody_missed(fan_out.count("kill -9 of a pool child, web push"), twice=0)


def test_a_broker_that_forgets_everything_delays_and_loses_nothing(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    fan_out.valkey.forget_everything()
    nobody_missed(fan_out.count("FLUSHALL"), twice=0)


def test_a_broker_that_dies_and_comes_back_empty_loses_nothing(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    assert fan_out.alert().status == "ringing"
    fan_out.valkey.kill()
    time.sleep(10)
    fan_out.valkey.start()
    row = fan_out.count("kill -9 of Valkey without persistence, 10 s away", in_the_middle=False)
    nobody_missed(row, twice=0)


def test_two_beats_at_once_do_no_harm(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.beat()
    fan_out.ring()
    nobody_missed(fan_out.count("two beats, nothing killed"), twice=0)
