"""From alert to told subscribers: fan-out, sending, retries, and what each answer leads to."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
import structlog
from sqlalchemy import update
from sqlmodel import col, select

from subscriptions import database
from subscriptions.keys import sealer
from subscriptions.push_endpoints import push_address
from subscriptions.settings import settings
from subscriptions.subscribers import remove_subscriber
from subscriptions.tables import (
    AlertStatus,
    Channel,
    ChannelStatus,
    DeliveryStatus,
    Mute,
    Shard,
    Story,
    Subscriber,
    Subscription,
    Topic,
)
from tests.browser_keys import Subscribed
from tests.builders import NOON, a_channel, a_subscriber, a_topic, an_alert
from tests.conftest import Clock
from tests.pushing import bits, channel_status, delivery, follower, ring, stored_alert
from tests.sinks import HttpSink, Reply
from worker.push import far_end
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.recipients import recipients
from worker.push.send import deliver
from worker.push.settle import close_late

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def test_every_follower_is_told_once(sink: HttpSink, topic: Topic) -> None:
    names = [f"reader{number}" for number in range(20)]
    for name in names:
        follower(sink, name, topic)
    alert = stored_alert(ring(topic))
    assert sink.tries == Counter(f"/{name}" for name in names)
    assert (alert.status, alert.recipients) == (AlertStatus.rung, 20)
    assert alert.queued_at == alert.first_sent_at == alert.ninety_sent_at == alert.last_sent_at == NOON
    _path, body = sink.received[0]
    assert body["title"] == "Storm closes harbour"
    assert "You follow Harbour." in body["message"]
    assert "http://news.example/storm" in body["message"]


def test_a_follower_of_two_matching_topics_is_told_once(sink: HttpSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        second = a_topic(session, name="Storms")
    follower(sink, "ann", topic, second)
    ring(topic, second)
    assert sink.tries == {"/ann": 1}
    assert "You follow Harbour and Storms." in sink.received[0][1]["message"]


def test_a_later_alert_of_a_story_reaches_only_those_not_told_yet(sink: HttpSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        second = a_topic(session, name="Storms")
    follower(sink, "ann", topic, second)
    follower(sink, "bob", second)
    first = ring(topic)
    with database.reading() as session:
        story = session.get_one(Story, stored_alert(first).story_id)
    ring(second, story=story)
    assert sink.tries == {"/ann": 1, "/bob": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": NOON + timedelta(seconds=1)},  # followed after the article was seen
        {"threshold": 4},  # wants to hear of more urgent news only
    ],
)
def test_who_did_not_ask_for_this_is_not_told(sink: HttpSink, topic: Topic, change: dict[str, Any]) -> None:
    follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        session.execute(update(Subscription).values(**change))
    alert = stored_alert(ring(topic))
    assert sink.tries == {}
    assert (alert.status, alert.recipients) == (AlertStatus.rung, 0)


@pytest.mark.parametrize("status", [ChannelStatus.waiting, ChannelStatus.retired])
def test_a_channel_that_is_not_live_is_not_told(sink: HttpSink, topic: Topic, status: ChannelStatus) -> None:
    follower(sink, "ann", topic, status=status)
    ring(topic)
    assert sink.tries == {}


def test_who_muted_a_story_is_told_no_more_of_it_and_of_other_stories_still(
    sink: HttpSink, topic: Topic
) -> None:
    ann = follower(sink, "ann", topic)
    follower(sink, "bob", topic)
    with database.unit_of_work() as session:
        story = session.get_one(Story, an_alert(session).story_id)
        owner = session.get_one(Channel, ann).subscriber_id
        session.add(Mute(subscriber_id=owner, story_id=story.id or 0, created_at=NOON))
    ring(topic, story=story)
    assert sink.tries == {"/bob": 1}
    ring(topic)
    assert sink.tries == {"/ann": 1, "/bob": 2}


def test_a_flash_is_told_while_a_recipient_of_another_is_still_waited_for(
    sink: HttpSink, topic: Topic
) -> None:
    other = a_topic_of_its_own()
    follower(sink, "slow", topic)
    follower(sink, "ann", other)
    sink.replies = lambda path, _count: Reply(wait_s=3) if path == "/slow" else Reply()
    with database.unit_of_work() as session:
        first = an_alert(session, topic, urgency=1).id or 0
    with ThreadPoolExecutor(1) as worker:
        telling = worker.submit(deliver, *fan_out(first), urgent=True)
        while not sink.tries:
            sleep(0.01)
        with database.unit_of_work() as session:
            flash = an_alert(session, other, urgency=1).id or 0  # its task waits for this worker
        while stored_alert(flash).status != AlertStatus.rung and not telling.done():
            sleep(0.01)
        assert not telling.done()
        assert sink.tries == {"/slow": 1, "/ann": 1}


def a_topic_of_its_own() -> Topic:
    with database.unit_of_work() as session:
        return a_topic(session, "lighthouse")


def test_practice_alerts_never_reach_real_subscribers(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    ring(topic, practice=True)
    assert sink.tries == {}


def test_recipients_are_split_into_shards(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SHARD_CHANNELS", "3")
    settings.cache_clear()
    for number in range(7):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    shards = fan_out(alert_id)
    assert len(shards) == 3
    assert fan_out(alert_id) == shards
    deliver(shards[0])
    assert stored_alert(alert_id).status == AlertStatus.ringing
    for shard in fan_out(alert_id):
        deliver(shard)
    assert sum(sink.tries.values()) == 7
    assert stored_alert(alert_id).status == AlertStatus.rung


def test_a_flash_overtakes_a_big_ordinary_alert(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SHARD_CHANNELS", "1")
    monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", "1")
    monkeypatch.setattr("worker.push.pump.AHEAD", 1)
    settings.cache_clear()
    for number in range(8):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        ordinary = an_alert(session, topic, title="Bus lane painted").id or 0
        flash = an_alert(session, topic, title="Storm", urgency=1).id or 0
    first, *_others = fan_out(ordinary)
    fan_out(flash)
    deliver(first, urgent=False)
    titles = [body["title"] for _path, body in sink.received]
    assert sorted(titles) == ["Bus lane painted"] * 8 + ["Storm"] * 8
    assert titles[2:8] == ["Storm"] * 6


def test_a_shard_delivered_twice_tells_nobody_twice(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    alert_id = ring(topic)
    with database.reading() as session:
        shard = session.exec(select(Shard.id).where(Shard.alert_id == alert_id)).one() or 0
    deliver(shard)
    deliver(shard)
    assert sink.tries == {"/ann": 1}


def test_a_busy_far_end_is_tried_again_when_it_said(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, count: Reply(429, {"Retry-After": "60"}) if count == 1 else Reply()
    alert_id = ring(topic)
    waiting = delivery(alert_id, channel)
    assert (waiting.status, waiting.answer) == (DeliveryStatus.waiting, "429 Too Many Requests")
    assert waiting.due_at is not None
    assert timedelta(seconds=60) <= waiting.due_at - NOON <= timedelta(seconds=65)
    assert stored_alert(alert_id).status == AlertStatus.ringing

    stopped_clock.move(seconds=30)
    assert deliver_again() == 0
    stopped_clock.move(seconds=40)
    assert deliver_again() == 1
    assert deliver_again() == 0
    settled = delivery(alert_id, channel)
    assert (settled.status, settled.attempts) == (DeliveryStatus.accepted, 2)
    assert stored_alert(alert_id).status == AlertStatus.rung
    assert sink.accepted == {"/ann": 1}


def test_a_failing_far_end_is_tried_until_the_news_is_old(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far_end, "FAILURES", 1000)  # its rests would be of this machine's clock
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(503)
    alert_id = ring(topic)
    for _minute in range(6 * 60 + 1):
        stopped_clock.move(minutes=1)
        deliver_again()
    dropped = delivery(alert_id, channel)
    assert dropped.status == DeliveryStatus.dropped
    assert "too late" in dropped.why  # for another attempt, or when its turn came in the last minute
    assert 36 <= dropped.attempts <= 80  # ten minutes apart at the end, half of that by chance
    assert stored_alert(alert_id).status == AlertStatus.rung


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_that_is_gone_is_retired_at_once(sink: HttpSink, topic: Topic, status: int) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(status)
    alert_id = ring(topic)
    assert delivery(alert_id, channel).status == DeliveryStatus.gone
    assert channel_status(channel) == ChannelStatus.retired
    ring(topic)
    assert sink.tries == {"/ann": 1}


def test_a_channel_refused_five_times_in_a_row_is_retired(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, count: Reply(200 if count == 5 else 403)
    for expected in [ChannelStatus.live] * 9 + [ChannelStatus.retired]:
        ring(topic)
        assert channel_status(channel) == expected


def test_no_answer_is_unknown_and_not_sent_again(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.push.transport.READ_S", 0.2)
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(wait_s=3)
    alert_id = ring(topic)
    assert delivery(alert_id, channel).status == DeliveryStatus.unknown
    assert stored_alert(alert_id).status == AlertStatus.rung
    stopped_clock.move(hours=1)
    assert deliver_again() == 0


def test_a_web_push_without_an_answer_is_sent_again_as_two_of_one_topic_show_as_one(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.push.bridge._limits", lambda _given: (4.0, 0.2))
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
    settings.cache_clear()
    endpoint = sink.url("ann").replace("json://", "http://")
    with database.unit_of_work() as session:
        address = push_address(Subscribed(endpoint).to_json())
        channel = a_channel(session, a_subscriber(session, topic), address).id or 0
    sink.replies = lambda _path, count: Reply(201, wait_s=3 if count == 1 else 0)
    alert_id = ring(topic)
    assert delivery(alert_id, channel).status == DeliveryStatus.waiting
    assert stored_alert(alert_id).status == AlertStatus.ringing
    stopped_clock.move(minutes=1)
    assert deliver_again() == 1
    assert delivery(alert_id, channel).status == DeliveryStatus.accepted
    assert sink.tries == {"/ann": 2}


@pytest.mark.parametrize("address", ["json://127.0.0.1:9/ann", "json://no-such-host.invalid/ann"])
def test_a_far_end_that_cannot_be_reached_is_tried_again(topic: Topic, address: str) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), address).id or 0
    assert delivery(ring(topic), channel).status == DeliveryStatus.waiting


def test_a_connection_closed_without_a_word_is_tried_again(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(0)
    assert delivery(ring(topic), channel).status == DeliveryStatus.waiting


def test_recipients_are_found_in_whatever_order_they_are_asked_for(sink: HttpSink, topic: Topic) -> None:
    channels = [follower(sink, name, topic) for name in ("ann", "bob", "cem")]
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
        found = recipients(session, alert_id, [channels[1], channels[2], channels[0]])
    assert [recipient.channel_id for recipient in found] == channels


def test_one_hanging_recipient_does_not_hold_up_the_others(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.push.transport.READ_S", 1.0)
    for number in range(10):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda path, _count: Reply(wait_s=3 if path == "/reader0" else 0)
    ring(topic)
    order = [path for path, _body in sink.received]
    assert sorted(order) == sorted(f"/reader{number}" for number in range(10))


def test_a_channel_whose_key_is_gone_waits_for_it_and_the_rest_goes_on(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    waits = follower(sink, "bob", topic, sealed=b"sealed with a key that is not there")
    alert_id = ring(topic)
    assert sink.tries == {"/ann": 1}
    assert delivery(alert_id, waits).status == DeliveryStatus.waiting
    assert "TOCSIN_SECRET_KEYS" in delivery(alert_id, waits).answer


def test_a_recipient_that_breaks_the_sender_is_parked_and_the_rest_goes_on(
    sink: HttpSink, topic: Topic
) -> None:
    follower(sink, "ann", topic)
    broken = follower(sink, "bob", topic, sealed=sealer().seal(b'{"nobody": 1}'))
    follower(sink, "cem", topic)
    alert_id = ring(topic)
    assert sink.tries == {"/ann": 1, "/cem": 1}
    parked = delivery(alert_id, broken)
    assert (parked.status, parked.answer) == (DeliveryStatus.dropped, "KeyError")
    assert "parked for an admin" in parked.why
    assert stored_alert(alert_id).status == AlertStatus.rung


def test_who_left_before_their_turn_is_not_told(sink: HttpSink, topic: Topic) -> None:
    left, deleted = follower(sink, "ann", topic), follower(sink, "bob", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)
    with database.unit_of_work() as session:
        session.execute(update(Channel).where(col(Channel.id) == left).values(status=ChannelStatus.retired))
        remove_subscriber(session, session.exec(select(Subscriber).where(Subscriber.name == "bob")).one())
    deliver(shard)
    assert sink.tries == {}
    assert delivery(alert_id, left).status == DeliveryStatus.dropped
    assert bits(shard, "dropped") == {left, deleted}
    assert stored_alert(alert_id).status == AlertStatus.rung


def test_an_alert_whose_last_waiting_recipient_is_deleted_has_rung(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(503)
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        remove_subscriber(session, session.exec(select(Subscriber)).one())
    close_late()
    assert stored_alert(alert_id).status == AlertStatus.rung


def test_no_secret_reaches_a_log_or_a_row(
    sink: HttpSink, topic: Topic, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, topic)
        address = sink.url("hunter2-path?+X-Key=hunter2-header").replace("://", "://ann:hunter2-word@")
        channel = a_channel(session, subscriber, address)
        assert "hunter2" not in channel.label
        channel_id = channel.id or 0
    sink.replies = lambda _path, _count: Reply(500, reason="No hunter2-path here")
    with caplog.at_level("INFO"):
        alert_id = ring(topic)
    row = delivery(alert_id, channel_id)
    output = capsys.readouterr()
    assert "hunter2" not in f"{caplog.text}{output.out}{output.err}{row}"
    assert row.answer == "500 Internal Server Error"


def test_the_log_of_a_broken_sender_says_where_and_not_what(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower(sink, "ann", topic)
    secret = "hunter" + "2"

    async def broken(*_: object, **__: object) -> None:
        raise ValueError(secret)

    said = structlog.testing.CapturingLogger()
    monkeypatch.setattr("worker.push.attempt.send", broken)
    monkeypatch.setattr("worker.push.attempt.log", said)
    ring(topic)
    (event,) = [call for call in said.calls if call.args == ("sender failed",)]
    assert event.kwargs["error"] == "ValueError"
    assert "in broken" in event.kwargs["where"]
    assert secret not in f"{said.calls}"
