"""A shard and its second attempts are in one worker's hands at a time."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import update

from subscriptions import database
from subscriptions.settings import settings
from subscriptions.tables import (
    Shard,
    ShardStatus,
    Topic,
)
from tests.builders import an_alert
from tests.conftest import Clock
from tests.pushing import bits, follower, ring
from tests.sinks import HttpSink, Reply
from worker.push import lanes as lanes_step
from worker.push import pump as pump_step
from worker.push.again import deliver_again
from worker.push.attempt import Attempt, tell
from worker.push.fan_out import fan_out
from worker.push.outcome import Outcome
from worker.push.send import deliver

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


class Killed(BaseException):
    """The worker was killed: nothing of ours catches it."""


def test_attempts_that_hang_longer_than_a_lease_are_not_made_by_another_worker_too(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    names = [f"reader{number}" for number in range(8)]
    for name in names:
        follower(sink, name, topic)
    sink.replies = lambda _path, count: Reply(503) if count == 1 else Reply(wait_s=2)
    ring(topic)
    stopped_clock.move(seconds=60)
    with ThreadPoolExecutor(1) as other_worker:
        first = other_worker.submit(deliver_again)
        for _ in range(3):  # together longer than the lease of 30 s
            sleep(0.4)
            stopped_clock.move(seconds=14)
        assert deliver_again() == 0
        assert first.result() == 8
    assert sink.accepted == dict.fromkeys((f"/{name}" for name in names), 1)


def test_a_shard_of_a_dead_worker_goes_on_where_it_stopped(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", "1")
    settings.cache_clear()
    for number in range(6):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)

    sink.replies = lambda _path, _count: Reply(wait_s=0.02)

    async def dies(attempt: Attempt) -> Outcome:
        if bits(shard, "accepted"):
            raise Killed
        return await tell(attempt)

    monkeypatch.setattr(lanes_step, "tell", dies)
    monkeypatch.setattr(pump_step, "CHECKPOINT_S", 0)
    with pytest.raises(Killed):
        deliver(shard)
    monkeypatch.setattr(lanes_step, "tell", tell)
    told, stored = sink.tries, bits(shard, "accepted")
    deliver(shard)
    assert sink.tries == told  # its lease has not ended
    stopped_clock.move(seconds=31)
    deliver(shard)
    assert set(sink.tries) == {f"/reader{number}" for number in range(6)}
    assert sum(sink.tries.values()) == 6 + len(told) - len(stored)  # told since the last checkpoint: twice
    assert stored


def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", "1")
    settings.cache_clear()
    for number in range(50):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda _path, _count: Reply(wait_s=0.05)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)

    async def loses(attempt: Attempt) -> Outcome:
        with database.unit_of_work() as session:
            session.execute(update(Shard).values(holder="another worker"))
        return await tell(attempt)

    monkeypatch.setattr(lanes_step, "tell", loses)
    deliver(shard)
    assert sum(sink.tries.values()) < 40  # of 50; on an idle machine it is 2
    with database.reading() as session:
        row = session.get_one(Shard, shard)
    assert (row.status, row.holder) == (ShardStatus.claimed, "another worker")
    assert (row.settled, row.accepted) == (0, None)


def test_a_sender_begins_nothing_while_much_that_it_told_is_not_stored(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)
    most = 0

    async def counts(attempt: Attempt) -> Outcome:
        nonlocal most
        most = max(most, len(sink.tries) - len(bits(shard, "accepted")))
        return await tell(attempt)

    monkeypatch.setattr(lanes_step, "tell", counts)
    # As on a machine so busy that much comes before the sender looks at it.
    monkeypatch.setattr(pump_step, "FLOW_S", 60)
    monkeypatch.setattr(pump_step, "CHECKPOINT_S", 60)
    deliver(shard)
    assert sink.accepted.total() == 300
    assert 0 < most < 200
