"""From alert to told subscribers: fan-out, sending, retries, and what each answer leads to."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from subscriptions import database
from subscriptions.alerts import outcomes, stop_alert
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.subscribers import remove_subscriber
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    Story,
    Subscriber,
    Subscription,
    Topic,
)
from tests.builders import NOON, a_channel, a_subscriber, a_topic, an_alert
from tests.conftest import Clock
from tests.sinks import HttpSink, MailSink, Reply
from worker.push import send as send_step
from worker.push.again import deliver_again
from worker.push.attempt import Attempt, tell
from worker.push.fan_out import fan_out
from worker.push.ledger import unpack
from worker.push.outcome import Outcome
from worker.push.send import deliver
from worker.push.settle import close_late

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


@pytest.fixture
def topic() -> Topic:
    with database.unit_of_work() as session:
        return a_topic(session, name="Harbour")


def follower(sink: HttpSink, name: str, *topics: Topic, **values: Any) -> int:
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, *topics, name=name)
        return a_channel(session, subscriber, sink.url(name), **values).id or 0


def ring(*topics: Topic, **values: Any) -> int:
    with database.unit_of_work() as session:
        alert_id = an_alert(session, *topics, **values).id or 0
    for shard_id in fan_out(alert_id):
        deliver(shard_id)
    return alert_id


def stored_alert(alert_id: int) -> Alert:
    with database.reading() as session:
        return session.get_one(Alert, alert_id)


def delivery(alert_id: int, channel_id: int) -> Delivery:
    with database.reading() as session:
        return session.get_one(Delivery, {"alert_id": alert_id, "channel_id": channel_id})


def channel_status(channel_id: int) -> ChannelStatus:
    with database.reading() as session:
        return session.get_one(Channel, channel_id).status


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
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
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
    assert told_before <= counts["accepted"] <= told_before + 5 * settings().send_threads
    assert counts["accepted"] + counts["dropped"] == 200
    assert counts["accepted"] == len(sink.accepted)


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
    sink.replies = lambda _path, _count: Reply(wait_s=1)
    alert_id = ring(topic)
    assert delivery(alert_id, channel).status == DeliveryStatus.unknown
    assert stored_alert(alert_id).status == AlertStatus.rung
    stopped_clock.move(hours=1)
    assert deliver_again() == 0


@pytest.mark.parametrize("address", ["json://127.0.0.1:9/ann", "json://no-such-host.invalid/ann"])
def test_a_far_end_that_cannot_be_reached_is_tried_again(topic: Topic, address: str) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), address).id or 0
    assert delivery(ring(topic), channel).status == DeliveryStatus.waiting


def test_a_connection_closed_without_a_word_is_tried_again(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(0)
    assert delivery(ring(topic), channel).status == DeliveryStatus.waiting


def test_one_hanging_recipient_does_not_hold_up_the_others(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.push.transport.READ_S", 1)
    for number in range(10):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda path, _count: Reply(wait_s=3 if path == "/reader0" else 0)
    ring(topic)
    order = [path for path, _body in sink.received]
    assert sorted(order) == sorted(f"/reader{number}" for number in range(10))


def test_a_recipient_that_breaks_the_sender_is_parked_and_the_rest_goes_on(
    sink: HttpSink, topic: Topic
) -> None:
    follower(sink, "ann", topic)
    broken = follower(sink, "bob", topic, sealed=b"not a seal")
    follower(sink, "cem", topic)
    alert_id = ring(topic)
    assert sink.tries == {"/ann": 1, "/cem": 1}
    parked = delivery(alert_id, broken)
    assert (parked.status, parked.answer) == (DeliveryStatus.dropped, "InvalidToken")
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


def bits(shard_id: int, outcome: str) -> set[int]:
    with database.reading() as session:
        return set(unpack(getattr(session.get_one(Shard, shard_id), outcome)))


class Killed(BaseException):
    """What a killed worker does: nothing more."""


def test_a_shard_of_a_dead_worker_goes_on_where_it_stopped(
    sink: HttpSink, topic: Topic, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SEND_THREADS", "1")
    settings.cache_clear()
    for number in range(6):
        follower(sink, f"reader{number}", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)

    def dies(attempt: Attempt) -> Outcome:
        if bits(shard, "accepted"):
            raise Killed
        return tell(attempt)

    monkeypatch.setattr(send_step, "tell", dies)
    monkeypatch.setattr(send_step, "CHECKPOINT_S", 0)
    with pytest.raises(Killed):
        deliver(shard)
    monkeypatch.setattr(send_step, "tell", tell)
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
    monkeypatch.setenv("TOCSIN_SEND_THREADS", "1")
    settings.cache_clear()
    for number in range(50):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda _path, _count: Reply(wait_s=0.05)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard,) = fan_out(alert_id)

    def loses(attempt: Attempt) -> Outcome:
        with database.unit_of_work() as session:
            session.execute(update(Shard).values(holder="another worker"))
        return tell(attempt)

    monkeypatch.setattr(send_step, "tell", loses)
    deliver(shard)
    assert 0 < sum(sink.tries.values()) < 10
    with database.reading() as session:
        row = session.get_one(Shard, shard)
    assert (row.status, row.settled, row.accepted) == (ShardStatus.claimed, 0, None)


def test_a_mail_says_why_it_came_and_how_to_leave(smtp: MailSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        a_channel(session, a_subscriber(session, topic), "ann@news.example")
    ring(topic, title="Storm closes\r\nBcc: everyone@news.example harbour")
    (mail,) = smtp.to("ann@news.example")
    assert [address for address, _mail in smtp.mails] == ["ann@news.example"]
    assert mail["Subject"] == "Storm closes Bcc: everyone@news.example harbour"
    text = "".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain")
    assert "You follow Harbour." in text
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/unsubscribe/")
    assert link in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ("550 5.1.1 no such user ann@news.example", DeliveryStatus.gone),
        ("550 no such user", DeliveryStatus.gone),
        ("550 5.7.1 we do not like your news", DeliveryStatus.refused),
        ("552 5.2.2 mailbox full", DeliveryStatus.waiting),
        ("451 4.3.0 try later", DeliveryStatus.waiting),
    ],
)
def test_a_mail_servers_answer_decides_what_is_done(
    smtp: MailSink, topic: Topic, verdict: str, status: DeliveryStatus
) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), "ann@news.example").id or 0
    smtp.verdict = lambda _address: verdict
    tried = delivery(ring(topic), channel)
    assert tried.status == status
    assert "ann" not in tried.answer


def test_without_a_mail_server_mails_wait_and_say_what_is_missing(topic: Topic) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), "ann@news.example").id or 0
    waiting = delivery(ring(topic), channel)
    assert waiting.status == DeliveryStatus.waiting
    assert "TOCSIN_MAIL_URL" in waiting.answer


def test_no_secret_reaches_a_log_or_a_row(
    sink: HttpSink, topic: Topic, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, topic)
        address = sink.url("hunter2-path?+X-Key=hunter2-header").replace("://", "://ann:hunter2-word@")
        channel = a_channel(session, subscriber, address)
        assert "hunter2" not in channel.label
        channel_id = channel.id or 0
    sink.replies = lambda _path, _count: Reply(500)
    with caplog.at_level("INFO"):
        alert_id = ring(topic)
    row = delivery(alert_id, channel_id)
    output = capsys.readouterr()
    assert "hunter2" not in f"{caplog.text}{output.out}{output.err}{row}"
    assert "500" in row.answer
