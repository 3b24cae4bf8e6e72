"""A push worker that is stopped, as by an upgrade, finishes what it has in hand."""

import pytest

from tests.faults.conftest import Rehearsal
from tests.faults.test_fan_out import nobody_missed

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def test_a_worker_stopped_in_the_middle_leaves_the_rest_to_the_next(rehearsal: Rehearsal) -> None:
    stopped = rehearsal.worker(concurrency=2)
    rehearsal.beat()
    rehearsal.ring()
    stopped.ask_to_stop()
    assert stopped.exit_code() == 0, stopped.said()
    assert rehearsal.alert().status == "ringing", "it does not begin new shards"
    rehearsal.worker(concurrency=2)
    nobody_missed(rehearsal.count("a worker stopped cleanly, another goes on"), twice=0)
