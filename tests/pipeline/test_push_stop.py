"""An alert can be stopped in the middle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from subscriptions import database
from subscriptions.alerts import outcomes, stop_alert
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertStatus,
    DeliveryStatus,
    Topic,
)
from tests.builders import NOON, an_alert
from tests.pushing import delivery, follower, ring, stored_alert
from tests.sinks import HttpSink, Reply
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.far_end import LANES_IN_ALL
from worker.push.send import deliver

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def test_an_alert_stopped_in_the_middle_tells_nobody_more(sink: HttpSink, topic: Topic) -> None:
    for number in range(200):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda _path, _count: Reply(wait_s=0.05)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard_id,) = fan_out(alert_id)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(deliver, shard_id)
        while len(sink.accepted) < 20:
            sleep(0.01)
        with database.unit_of_work() as session:
            stop_alert(session, session.get_one(Alert, alert_id))
        told_before = len(sink.accepted)
        sending.result()
    alert = stored_alert(alert_id)
    with database.reading() as session:
        counts = outcomes(session, alert)
    assert (alert.status, alert.last_sent_at) == (AlertStatus.stopped, NOON)
    # What is under way, and what begins until the next checkpoint, 0.1 s and a commit later.
    assert told_before <= counts["accepted"] <= told_before + 5 * settings().sends_at_once
    assert counts["accepted"] + counts["dropped"] == 200
    assert counts["accepted"] == len(sink.accepted)


def test_who_waits_for_a_far_end_that_hangs_is_dropped_at_once_when_the_alert_is_stopped(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", "1")
    settings.cache_clear()
    for number in range(2 * LANES_IN_ALL):
        follower(sink, f"reader{number}", topic)
    answers = threading.Event()
    sink.replies = lambda _path, _count: Reply(until=answers)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard_id,) = fan_out(alert_id)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(deliver, shard_id)
        while len(sink.tries) < LANES_IN_ALL:
            sleep(0.01)
        with database.unit_of_work() as session:
            stop_alert(session, session.get_one(Alert, alert_id))
        while _counted(alert_id)["dropped"] < LANES_IN_ALL:  # though nobody was answered yet
            sleep(0.01)
        answers.set()
        sending.result()
    assert _counted(alert_id)["accepted"] == LANES_IN_ALL == len(sink.tries)


def _counted(alert_id: int) -> dict[str, int]:
    with database.reading() as session:
        return outcomes(session, stored_alert(alert_id))


def test_who_waits_for_another_attempt_of_a_stopped_alert_is_not_told(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(503)
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        stop_alert(session, session.get_one(Alert, alert_id))
    assert deliver_again() == 1
    assert sink.tries == {"/ann": 1}
    row = delivery(alert_id, channel)
    assert (row.status, row.why) == (DeliveryStatus.dropped, "an admin stopped the alert")


def test_an_alert_stopped_before_its_fan_out_has_no_recipients(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        alert = an_alert(session, topic)
        stop_alert(session, alert)
    assert fan_out(alert.id or 0) == []
    assert not sink.tries


def test_what_has_rung_cannot_be_stopped(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    alert_id = ring(topic)
    with database.unit_of_work() as session, pytest.raises(Mistake, match="only one that is ringing"):
        stop_alert(session, session.get_one(Alert, alert_id))
