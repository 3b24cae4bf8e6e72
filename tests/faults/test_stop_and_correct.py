"""An alert that is stopped, throttled or corrected in the middle of a big fan-out, by real workers."""

import time

import pytest

from subscriptions.alerts import outcomes, queue_for, stop_alert, throttle_alert
from subscriptions.corrections import correct_alert
from subscriptions.database import reading, unit_of_work
from subscriptions.nudge import nudge
from subscriptions.tables import Alert
from tests.faults.fan_out import RECIPIENTS, FanOut

pytestmark = [pytest.mark.processes, pytest.mark.timeout(480)]


def counts(fan_out: FanOut) -> dict[str, int]:
    """Count the alert's outcomes."""
    with reading() as session:
        return outcomes(session, fan_out.alert())


def test_seconds_after_a_stop_nobody_is_told_any_more_and_all_are_accounted_for(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    with unit_of_work() as session:
        stop_alert(session, session.get_one(Alert, fan_out.alert_id))
    time.sleep(3)  # a tenth of a second, but where the machine is busy with other things
    told = fan_out.where.count()
    assert told < RECIPIENTS, "the stop has to come in the middle"
    fan_out.run.wait_until(lambda: not counts(fan_out)["waiting"], "all others are dropped")
    assert fan_out.where.count() == told
    ended = counts(fan_out)
    assert (ended["accepted"], ended["dropped"]) == (told, RECIPIENTS - told)


def throttled(fan_out: FanOut, ceiling: int) -> None:
    with unit_of_work() as session:
        throttle_alert(session, session.get_one(Alert, fan_out.alert_id), ceiling)


def test_two_workers_keep_together_to_a_ceiling_given_in_the_middle_until_it_is_lifted(
    fan_out: FanOut,
) -> None:
    for _each in range(2):
        fan_out.worker(concurrency=1)
    fan_out.beat()
    fan_out.ring()
    throttled(fan_out, 40)
    time.sleep(1)  # a quarter of a second, but where the machine is busy with other things
    told = fan_out.where.count()
    assert told < RECIPIENTS - 200, "the ceiling has to come in the middle"
    time.sleep(3)
    assert 0 < fan_out.where.count() - told <= 40 * 4, "in three seconds, with the window's edges"
    throttled(fan_out, 0)
    row = fan_out.count("throttled, then not")
    assert (row.missing, row.twice) == (0, 0)


def test_a_correction_in_the_middle_reaches_exactly_those_who_were_told(fan_out: FanOut) -> None:
    fan_out.worker()
    fan_out.beat()
    fan_out.ring()
    with unit_of_work() as session:
        wrong = session.get_one(Alert, fan_out.alert_id)
        correction = correct_alert(session, wrong, "We misread a notice.", title="The harbour stays open")
        correction_id = correction.id or 0
        queue = queue_for(correction.urgency)
    nudge("push.ring", correction_id, queue=queue)

    def corrected() -> Alert:
        with reading() as session:
            return session.get_one(Alert, correction_id)

    fan_out.run.wait_until(lambda: corrected().status == "rung", "the correction has rung", limit_s=60)
    told = counts(fan_out)["accepted"]
    assert told < RECIPIENTS
    assert corrected().recipients == told
    arrived = fan_out.where.report()
    assert (arrived["accepted"], arrived["twice"]) == (told, told), "each once wrong and once right"
