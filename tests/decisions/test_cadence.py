"""When a source is polled next."""

from datetime import timedelta

import pytest

from tests.builders import NOON
from worker.watch.cadence import LONGEST_BACKOFF_S, SLOWEST_S, Next, after_failure, after_success


def waits(decision: Next) -> float:
    return (decision.at - NOON).total_seconds()


def well(*, own: bool = False, quiet_h: float = 0, fresh_s: float | None = None, jitter: float = 0) -> Next:
    return after_success(
        NOON,
        interval_s=120,
        own_interval=own,
        quiet_since=NOON - timedelta(hours=quiet_h),
        fresh_s=fresh_s,
        jitter=jitter,
    )


def test_a_source_that_brings_news_is_polled_as_often_as_set() -> None:
    assert waits(well()) == 120


def test_a_quiet_source_is_polled_more_slowly_and_fifteen_minutes_is_the_slowest() -> None:
    assert 120 < waits(well(quiet_h=12)) < waits(well(quiet_h=24)) < waits(well(quiet_h=500)) == SLOWEST_S
    assert "nothing new for 12 hours" in well(quiet_h=12).why


def test_an_admins_own_interval_is_kept_whatever_the_publisher_says() -> None:
    assert waits(well(own=True, quiet_h=500, fresh_s=3600)) == 120


def test_the_publishers_max_age_is_respected_within_reason() -> None:
    assert waits(well(fresh_s=300)) == 300
    assert waits(well(fresh_s=30)) == 120
    assert waits(well(fresh_s=86_400)) == SLOWEST_S


def test_polls_are_spread_by_a_tenth() -> None:
    assert waits(well(jitter=1)) == pytest.approx(132)


def failed(failures: int, asked_s: float | None = None) -> float:
    return waits(after_failure(NOON, interval_s=120, failures=failures, asked_s=asked_s, jitter=0))


def test_a_failing_source_is_polled_half_as_often_each_time_up_to_an_hour() -> None:
    assert [failed(number) for number in (1, 2, 3, 4)] == [240, 480, 960, 1920]
    assert failed(5) == failed(50) == failed(10_000) == LONGEST_BACKOFF_S


def test_a_publisher_who_asks_for_rest_gets_it_even_beyond_an_hour() -> None:
    assert failed(1, asked_s=7200) == 7200
    assert failed(3, asked_s=1) == 960
