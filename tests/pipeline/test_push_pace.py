"""What services and the newsroom allow is kept to, by all senders together."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from limits import parse
from sqlmodel import select

from subscriptions import database
from subscriptions.alerts import stop_alert, throttle_alert
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.tables import Alert, AlertStatus, Delivery, DeliveryStatus, Topic
from tests.builders import an_alert
from tests.conftest import Clock
from tests.pushing import follower, ring, stored_alert
from tests.sinks import HttpSink, Reply
from tests.valkey import ValkeyServer, valkey_server
from worker.push import service_limits
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.push.service_limits import service_limit
from worker.push.slots import Slots

LIMIT = parse("30/second")


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A broker."""
    with valkey_server(persistent=False) as running:
        monkeypatch.setenv("TOCSIN_BROKER_URL", running.url)
        settings.cache_clear()
        yield running


def allow(monkeypatch: pytest.MonkeyPatch, **given: object) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TOCSIN_{name.upper()}", value if isinstance(value, str) else json.dumps(value))
    settings.cache_clear()


def taken(slots: Slots, seconds: float) -> int:
    count, until = 0, monotonic() + seconds
    while monotonic() < until:
        count += slots.take(LIMIT, "bot")
    return count


@pytest.mark.usefixtures("valkey")
def test_two_senders_together_keep_to_one_limit() -> None:
    with ThreadPoolExecutor(2) as senders:
        first, second = (senders.submit(taken, Slots(), 2.0) for _ in range(2))
        together = first.result() + second.result()
    assert 30 <= together <= 90, "of each second 30, and the window may begin and end within one"


def test_without_valkey_each_sender_keeps_to_the_limit_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, broker_url="redis://127.0.0.1:9/0")
    slots = Slots()
    assert sum(slots.take(LIMIT, "bot") for _ in range(100)) == 30
    assert slots.wait_s(LIMIT, "bot") > 0
    assert slots.wait_s(LIMIT, "other") == 0


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
def test_who_finds_no_slot_is_told_later_and_that_is_no_failed_attempt(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, service_limits={"json": ["10/5minute", ""]})
    channels = [follower(sink, f"reader{number}", topic) for number in range(13)]
    alert_id = ring(topic)
    assert len(sink.accepted) == 10
    with database.reading() as session:
        rows = [row for channel in channels if (row := session.get(Delivery, (alert_id, channel)))]
    assert [(row.status, row.attempts) for row in rows] == [(DeliveryStatus.waiting, 0)] * 3
    assert "takes no more now" in rows[0].why
    due = sorted(row.due_at for row in rows if row.due_at)
    assert len(due) == 3
    assert (due[2] - due[0]).total_seconds() >= 2 * 30 * 0.9, "they come back one by one"
    allow(monkeypatch, service_limits={"json": ["", ""]})
    service_limits._limits.cache_clear()
    stopped_clock.move(minutes=15)
    assert deliver_again() == 3
    assert stored_alert(alert_id).status == "rung"
    assert set(sink.accepted.values()) == {1}


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
def test_one_target_is_told_no_faster_than_its_service_allows(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, service_limits={"json": ["", "1/second"]})
    channel, _other = follower(sink, "ann", topic), follower(sink, "bob", topic)
    began = monotonic()
    *_others, alert_id = [ring(topic) for _ in range(3)]
    assert monotonic() - began >= 1.9
    assert sink.accepted == {"/ann": 3, "/bob": 3}
    with database.reading() as session:
        assert session.get(Delivery, (alert_id, channel)) is None, "a short wait is no second attempt"


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
def test_who_waits_for_a_slot_is_not_told_when_the_alert_is_stopped_meanwhile(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, service_limits={"json": ["1/2second", ""]})
    for name in ("ann", "bob"):
        follower(sink, name, topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard_id,) = fan_out(alert_id)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(deliver, shard_id)
        while not sink.accepted:
            sleep(0.01)
        with database.unit_of_work() as session:
            stop_alert(session, session.get_one(Alert, alert_id))
        sending.result()
    assert len(sink.accepted) == 1


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
@pytest.mark.parametrize("ceiling", ["ceiling", "alert_ceiling"])
def test_a_ceiling_spares_the_site_its_readers_clicks(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch, ceiling: str
) -> None:
    allow(monkeypatch, **{ceiling: "40"})
    for number in range(100):
        follower(sink, f"reader{number}", topic)
    arrived: list[float] = []

    def reply(_path: str, _count: int) -> Reply:
        arrived.append(monotonic())
        return Reply()

    sink.replies = reply
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    for shard_id in fan_out(alert_id):
        deliver(shard_id)
    assert len(arrived) == 100
    arrived.sort()
    assert arrived[-1] - arrived[0] >= 1.3
    busiest = max(sum(1 for each in arrived if begin <= each < begin + 0.9) for begin in arrived)
    assert busiest <= 60, "without a ceiling it is all 100"
    with database.reading() as session:
        assert session.exec(select(Delivery)).first() is None, "nobody needed a second attempt"


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
def test_an_alert_has_a_ceiling_of_its_own_which_can_be_changed_while_it_rings(
    sink: HttpSink, topic: Topic
) -> None:
    for number in range(60):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic, ceiling=2).id or 0
    (shard_id,) = fan_out(alert_id)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(deliver, shard_id)
        sleep(2)
        assert 2 <= len(sink.accepted) <= 6, "of each second two"
        lifted_at = monotonic()
        with database.unit_of_work() as session:
            throttle_alert(session, session.get_one(Alert, alert_id), 0)
        while len(sink.accepted) < 60:
            sleep(0.01)
        assert monotonic() - lifted_at < 1
        sending.result()
    assert stored_alert(alert_id).status == "rung"


@pytest.mark.usefixtures("db", "stopped_clock", "valkey")
def test_an_alert_without_a_ceiling_does_not_keep_to_that_of_the_settings(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, alert_ceiling="1")
    for number in range(20):
        follower(sink, f"reader{number}", topic)
    began = monotonic()
    ring(topic, ceiling=0)
    assert (len(sink.accepted), monotonic() - began < 10) == (20, True)


@pytest.mark.usefixtures("db")
def test_only_an_alert_that_waits_or_rings_can_be_throttled(topic: Topic) -> None:
    with database.unit_of_work() as session:
        rung = an_alert(session, topic, status=AlertStatus.rung)
        with pytest.raises(Mistake, match="is rung: only one that waits or is ringing"):
            throttle_alert(session, rung, 5)


def test_what_telegram_allows_is_known_and_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = service_limit("tgram")
    assert known is not None
    assert (str(known.in_all), str(known.to_one)) == ("30 per 1 second", "1 per 1 second")
    assert service_limit("json") is None
    service_limits._limits.cache_clear()
    allow(monkeypatch, service_limits={"tgram": ["many", ""]})
    with pytest.raises(Mistake, match="TOCSIN_SERVICE_LIMITS has 'many' for tgram"):
        service_limit("tgram")
    service_limits._limits.cache_clear()
