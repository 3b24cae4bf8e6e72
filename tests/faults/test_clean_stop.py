"""A push worker that is stopped, as by an upgrade, finishes what it has in hand."""

import pytest

from tests.faults.fan_out import FanOut, nobody_missed

pytestmark = [pytest.mark.processes, pytest.mark.timeout(480)]


@pytest.mark.parametrize("far_end", [{"delay_s": 0.1}], indirect=True)
def test_a_worker_stopped_in_the_middle_leaves_the_rest_to_the_next(fan_out: FanOut) -> None:
    fan_out.run.environment["TOCSIN_SENDS_AT_ONCE"] = "16"  # it takes shards for five seconds more
    stopped = fan_out.worker()
    fan_out.beat()
    fan_out.ring(middle=200)
    stopped.ask_to_stop()
    assert stopped.exit_code() == 0, stopped.said()
    assert fan_out.alert().status == "ringing", "it leaves the rest"
    fan_out.worker()
    nobody_missed(fan_out.count("a worker stopped cleanly, another goes on"), twice=0)
