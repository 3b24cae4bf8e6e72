"""Second attempts under way stay with the worker that has them, however slow the far end is."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from sqlalchemy import update

from subscriptions import clock
from subscriptions.database import reading, unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Alert, AlertStatus, Delivery
from tests.builders import a_channel, a_subscriber, a_topic, an_alert
from tests.sinks import HttpSink, Reply
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.send import deliver

READERS = 10
SLOW_S = 0.4
LEASE_S = 1.5  # shorter than all attempts together; longer than a busy machine stands still
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def alert_id(sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> int:
    """An alert whose recipients were all busy at the first attempt, and whose second attempts are due."""
    monkeypatch.setenv("TOCSIN_LEASE_S", str(LEASE_S))
    monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", "1")
    settings.cache_clear()
    with unit_of_work() as session:
        topic = a_topic(session)
        for number in range(READERS):
            a_channel(session, a_subscriber(session, topic), sink.url(f"reader{number}"))
        soon = clock.now() + timedelta(hours=1)
        alert_id = an_alert(session, topic, seen_at=clock.now(), expires_at=soon).id or 0
    sink.replies = lambda _path, _count: Reply(503)
    for shard in fan_out(alert_id):
        deliver(shard)
    with unit_of_work() as session:
        session.execute(update(Delivery).values(due_at=clock.now()))
    sink.replies = lambda _path, _count: Reply(wait_s=SLOW_S)
    return alert_id


def test_second_attempts_that_take_longer_than_a_lease_are_made_once(sink: HttpSink, alert_id: int) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        under_way = elsewhere.submit(deliver_again)
        taken_over = 0
        while not under_way.done():
            taken_over += deliver_again()
            sleep(0.05)  # as workers do who find nothing: who looks all the time lets nobody else write
        assert under_way.result() + taken_over == READERS
    assert sink.accepted == Counter({f"/reader{number}": 1 for number in range(READERS)})
    with reading() as session:
        assert session.get_one(Alert, alert_id).status == AlertStatus.rung
