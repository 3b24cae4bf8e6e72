"""A far end that fails for a while: everybody is told when it is well again."""

import time

import pytest

from tests.faults.fan_out import OF_ONE_SENDER, FanOut, nobody_missed

pytestmark = [pytest.mark.processes, pytest.mark.timeout(480)]


@pytest.mark.parametrize("far_end", [{"faults": "too_many:30"}], indirect=True)
def test_a_storm_of_429_is_waited_out(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    nobody_missed(fan_out.count("429 with Retry-After for 30 %"), twice=0)


@pytest.mark.parametrize("far_end", [{"faults": "reset:10"}], indirect=True)
def test_connections_that_are_cut_are_made_again(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    nobody_missed(fan_out.count("connections cut for 10 %"), twice=OF_ONE_SENDER)


def test_names_that_are_not_found_for_a_while_are_looked_up_again(fan_out: FanOut) -> None:
    nowhere = fan_out.stage / "no-names"
    nowhere.touch()
    fan_out.worker()
    fan_out.beat()
    fan_out.ring(host="localhost", middle=0)
    time.sleep(5)
    assert fan_out.where.count() == 0
    nowhere.unlink()
    nobody_missed(fan_out.count("no name found for 5 s"), twice=0)


@pytest.mark.parametrize("step_s", [1200, -1200])
def test_a_clock_that_jumps_in_the_middle_misses_nobody(fan_out: FanOut, step_s: int) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    (fan_out.stage / "clock").write_text(str(step_s))
    row = fan_out.count(f"clock {step_s // 60:+d} minutes")
    nobody_missed(row, twice=OF_ONE_SENDER)
