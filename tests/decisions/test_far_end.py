"""How many sends at once a far end is given, and when it is left alone."""

from worker.push.far_end import (
    ENOUGH,
    FAILURES,
    FIRST_LANES,
    FIRST_REST_S,
    HEARD,
    SETTLED_S,
    SLOW_S,
    SOON_SLOW_S,
    WINDOW_S,
    FarEnd,
)
from worker.push.outcome import Outcome

WELL, HUNG, BUSY = Outcome(1, "accepted"), Outcome(1, "unknown"), Outcome(1, "later", asked_s=7)


def _paced(end: FarEnd, pace: float, windows: int, now: float = 0.0) -> float:
    """Let it make `pace` messages a second for some windows; gives the time at their end."""
    for _ in range(windows):
        now += WINDOW_S
        end.adapt(round(pace * WINDOW_S), now)
    return now


def test_lanes_are_doubled_while_each_doubling_pays() -> None:
    end = FarEnd(limit=FIRST_LANES * 4)
    now = _paced(end, 500, 2)
    assert end.open_lanes == FIRST_LANES * 2
    now = _paced(end, 1000, 2, now)
    assert end.open_lanes == FIRST_LANES * 4
    _paced(end, 2000, 2, now)
    assert end.open_lanes == FIRST_LANES * 4, "it is the limit"


def test_a_far_end_that_takes_long_gets_the_lanes_it_needs_at_once() -> None:
    end = FarEnd(limit=ENOUGH)
    for took_s in (0.2, 0.05, *[0.1] * HEARD):
        end.hear(WELL, 0, took_s)
    _paced(end, 100, 1)
    assert end.open_lanes == ENOUGH * 0.05, "by the quickest: the first one opened its connection too"
    quick = FarEnd(limit=ENOUGH)
    for _ in range(HEARD):
        quick.hear(WELL, 0, 0.001)
    _paced(quick, 100, 1)
    assert quick.open_lanes == FIRST_LANES


def test_few_messages_to_a_quick_far_end_are_not_worth_many_connections() -> None:
    end = FarEnd(limit=128, open_lanes=128)
    assert end.lanes(0, 1, 500) == 128, "nobody knows yet how long one takes"
    end.hear(WELL, 0, 0.003)
    assert end.lanes(0, 1, 500) == 10
    assert end.lanes(5, 1, 500) == 128 + 5, "those that take long hold up nobody"
    assert end.lanes(0, 1, 100) == FIRST_LANES
    slow = FarEnd(limit=128, open_lanes=128)
    slow.hear(WELL, 0, 0.05)
    assert slow.lanes(0, 1, 500) == 128


def test_who_is_dropped_says_nothing_about_their_far_end() -> None:
    end = FarEnd(limit=FIRST_LANES)
    for _ in range(FAILURES):
        end.hear(BUSY, 0, 1)
        end.hear(Outcome(1, "dropped"), 1, 1)
    assert not end.is_open(1)
    assert end.heard == 0


def test_a_doubling_that_does_not_pay_is_taken_back() -> None:
    end = FarEnd(limit=FIRST_LANES * 4)
    _paced(end, 500, 4)
    assert end.open_lanes == FIRST_LANES


def test_lanes_that_turn_out_not_to_be_needed_are_given_up() -> None:
    end = FarEnd(limit=FIRST_LANES * 2)
    now = _paced(end, 500, 2)
    now = _paced(end, 1000, 2, now)
    assert end.open_lanes == FIRST_LANES * 2
    now = _paced(end, 1000, round(SETTLED_S / WINDOW_S) + 2, now)
    assert end.open_lanes == FIRST_LANES
    _paced(end, 500, 2, now)
    assert end.open_lanes == FIRST_LANES * 2, "they were needed"


def test_the_time_in_which_lanes_are_opened_is_not_held_against_them() -> None:
    end = FarEnd(limit=FIRST_LANES * 4)
    now = _paced(end, 500, 2)
    now = _paced(end, 100, 1, now)
    _paced(end, 1000, 1, now)
    assert end.open_lanes == FIRST_LANES * 4


def test_what_is_slow_goes_by_what_is_usual_there() -> None:
    end = FarEnd(limit=128)
    assert end.slow_s == SLOW_S, "at first nothing is known"
    for number in range(100):
        end.hear(WELL, number, number + 0.02)
    assert 0.05 < end.slow_s < 0.1
    for number in range(100, 200):
        end.hear(WELL, number, number + 0.001)
    assert end.slow_s == SOON_SLOW_S


def test_a_far_end_that_fails_again_and_again_is_left_alone_as_long_as_it_asks() -> None:
    end = FarEnd(limit=128)
    for _ in range(FAILURES):
        assert end.is_open(10)
        end.hear(BUSY, 9, 10)
    assert end.lanes(0, 16, 500) == 0
    assert end.lanes(0, 17, 500) == 1, "on trial"
    end.hear(WELL, 17, 18)
    assert end.lanes(0, 18, 500) == FIRST_LANES


def test_recipients_that_hang_say_nothing_against_a_far_end_that_tells_others_meanwhile() -> None:
    end = FarEnd(limit=128)
    end.hear(WELL, 5, 5.1)
    for _ in range(FAILURES * 10):
        end.hear(HUNG, 1, 11)
    assert end.is_open(11)
    for _ in range(FAILURES):
        end.hear(HUNG, 6, 16)
    assert end.rests_until == 16 + FIRST_REST_S
