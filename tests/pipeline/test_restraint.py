"""What subscribers want is kept to: alerts are held, looked at again, dropped with the reason, and told."""

from datetime import timedelta
from typing import Any

import pytest

from subscriptions import database, preferences
from subscriptions.alerts import outcomes, stop_alert
from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.quiet_hours import QuietHours
from subscriptions.restored import silence_restored
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Channel,
    DeliveryStatus,
    Story,
    Subscriber,
    Topic,
)
from tests.builders import NOON, a_channel, a_topic, an_alert
from tests.conftest import Clock
from tests.pushing import delivery, follower, ring, stored_alert
from tests.sinks import HttpSink, Reply
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.sweep import late_deliveries

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")

SIESTA = QuietHours(11 * 60, 20 * 60)  # NOON is in it
EVENING = NOON + timedelta(hours=8)


def want(channel_id: int, **changes: Any) -> None:
    """Let a channel's owner want something."""
    with database.unit_of_work() as session:
        owner = session.get_one(Channel, channel_id).subscriber_id
        preferences.change_preferences(session, session.get_one(Subscriber, owner), **changes)


def person(session: Any, channel_id: int) -> Subscriber:
    found: Subscriber = session.get_one(Subscriber, session.get_one(Channel, channel_id).subscriber_id)
    return found


def told(alert_id: int) -> dict[str, int]:
    with database.reading() as session:
        counts = outcomes(session, session.get_one(Alert, alert_id))
        return {kind: count for kind, count in counts.items() if count}


def send_shards(alert_id: int) -> None:
    for shard_id in fan_out(alert_id):
        deliver(shard_id)


@pytest.fixture
def asleep(sink: HttpSink, topic: Topic) -> int:
    """Ann's channel: she follows the topic, and has quiet hours until the evening."""
    channel = follower(sink, "ann", topic)
    want(channel, quiet=SIESTA)
    return channel


def test_a_held_alert_goes_out_when_quiet_hours_end(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    follower(sink, "bob", topic)
    alert_id = ring(topic)
    assert sink.tries == {"/bob": 1}
    row = delivery(alert_id, asleep)
    assert (row.status, row.due_at, row.attempts) == (DeliveryStatus.held, EVENING, 0)
    assert row.why == "Your quiet hours last until 20:00 on Monday, 2 March."
    assert told(alert_id) == {"accepted": 1, "held": 1}
    assert stored_alert(alert_id).status == AlertStatus.rung
    stopped_clock.time = EVENING - timedelta(seconds=1)
    assert not late_deliveries()
    stopped_clock.time = EVENING  # two hours after it would have expired
    assert late_deliveries()
    assert deliver_again() == 1
    assert sink.tries == {"/ann": 1, "/bob": 1}
    assert told(alert_id) == {"accepted": 2}


def test_a_flash_rings_in_quiet_hours_unless_its_reader_wants_not_even_that(
    sink: HttpSink, topic: Topic, asleep: int
) -> None:
    ring(topic, urgency=1)
    assert sink.tries == {"/ann": 1}
    want(asleep, through=0)
    assert told(ring(topic, urgency=1)) == {"held": 1}


def test_what_is_withdrawn_while_it_is_held_is_never_told(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        kill = kill_alert(session, session.get_one(Alert, alert_id), "It did not happen.").id or 0
    send_shards(kill)
    stopped_clock.time = EVENING
    deliver_again()
    assert sink.tries == {}
    assert delivery(alert_id, asleep).why == "It was withdrawn while it was held for you."
    assert told(alert_id) == {"dropped": 1}


def test_what_is_corrected_while_it_is_held_is_told_as_it_is_right(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        alert = session.get_one(Alert, alert_id)
        correction = correct_alert(session, alert, "We misread a notice.", title="It stays open").id or 0
    send_shards(correction)
    stopped_clock.time = EVENING
    deliver_again()
    assert sink.tries == {}
    assert f"alert {correction} is told instead" in delivery(alert_id, asleep).why
    send_shards(correction)
    assert [body["title"] for _path, body in sink.received] == ["Correction: It stays open"]
    assert stored_alert(correction).recipients == 1


def test_what_is_muted_left_or_stopped_meanwhile_is_not_told_on_release(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        story = session.get_one(Story, session.get_one(Alert, alert_id).story_id)
        preferences.mute_story(session, person(session, asleep), story)
    stopped_clock.time = EVENING
    deliver_again()
    assert sink.tries == {}
    assert delivery(alert_id, asleep).why == "You muted this story."


def test_stopping_an_alert_drops_what_is_held_of_it(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    sink.replies = lambda _path, _count: Reply(503)
    follower(sink, "bob", topic)
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        stop_alert(session, session.get_one(Alert, alert_id))
    deliver_again()
    assert delivery(alert_id, asleep).why == "an admin stopped the alert"


def test_ending_quiet_hours_lets_go_what_is_held(sink: HttpSink, topic: Topic, asleep: int) -> None:
    ring(topic)
    want(asleep, quiet=None)
    deliver_again()
    assert sink.tries == {"/ann": 1}


def test_an_attempt_that_failed_is_not_made_again_in_quiet_hours(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(503)
    alert_id = ring(topic)
    want(channel, quiet=SIESTA)
    stopped_clock.move(minutes=1)
    deliver_again()
    assert delivery(alert_id, channel).status == DeliveryStatus.held
    assert sink.tries == {"/ann": 1}


def test_a_persons_own_threshold_holds_for_all_their_topics(sink: HttpSink, topic: Topic) -> None:
    want(follower(sink, "ann", topic), threshold=3)
    follower(sink, "bob", topic)
    ring(topic, urgency=4)
    assert sink.tries == {"/bob": 1}
    ring(topic, urgency=3)
    assert sink.tries == {"/ann": 1, "/bob": 2}


def test_a_muted_topic_is_silent_also_where_the_article_speaks_of_a_followed_one(
    sink: HttpSink, topic: Topic
) -> None:
    channel = follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        football = a_topic(session, name="Football")
        preferences.mute_topic(session, person(session, channel), football)
    alert_id = ring(topic, football)
    assert delivery(alert_id, channel).why == "You muted Football."
    assert sink.tries == {}


def test_a_followed_story_rings_again_for_a_topic_that_is_not_followed(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    follower(sink, "bob", topic)
    with database.unit_of_work() as session:
        other = a_topic(session, name="Sea")
    first = ring(topic)
    with database.unit_of_work() as session:
        story = session.get_one(Story, stored_alert(first).story_id)
        preferences.follow_story(session, person(session, channel), story)
    with database.unit_of_work() as session:
        second = an_alert(session, other, story=session.get_one(Story, story.id), urgency=8).id or 0
    send_shards(second)
    assert sink.tries == {"/ann": 2, "/bob": 1}


def test_a_pause_gathers_what_comes_for_its_end(sink: HttpSink, topic: Topic, stopped_clock: Clock) -> None:
    channel = follower(sink, "ann", topic)
    want(channel, pause_until=NOON + timedelta(days=3))
    row = delivery(ring(topic, urgency=1), channel)
    assert (row.status, row.due_at) == (DeliveryStatus.gathered, NOON + timedelta(days=3))


def test_no_more_than_a_persons_cap_ring_in_a_day_of_theirs(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    channel = follower(sink, "ann", topic)
    want(channel, cap=2, time_zone="Asia/Tokyo")  # where it is nine in the evening
    alerts = [ring(topic) for _each in range(3)]
    assert sink.tries == {"/ann": 2}
    row = delivery(alerts[2], channel)
    assert (row.status, row.in_digest) == (DeliveryStatus.gathered, True)
    assert row.why.startswith("You had 2 alerts that day, and want at most 2: it comes in the digest of 08")
    stopped_clock.move(hours=2, minutes=59)
    ring(topic)
    assert sink.tries == {"/ann": 2}
    stopped_clock.move(minutes=1)
    ring(topic, seen_at=stopped_clock.time)
    assert sink.tries == {"/ann": 3}


def test_after_a_backup_was_put_back_nothing_that_was_held_rings(
    sink: HttpSink, topic: Topic, asleep: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        silence_restored(session)
    stopped_clock.time = EVENING
    deliver_again()
    assert sink.tries == {}
    assert told(alert_id) == {"dropped": 1}
    assert "restored from a backup" in delivery(alert_id, asleep).why


@pytest.fixture
def phone_then_mail(sink: HttpSink, topic: Topic) -> tuple[int, int]:
    """Two channels of Ann: the second is for what the first does not take."""
    first = follower(sink, "phone", topic)
    with database.unit_of_work() as session:
        second = a_channel(session, person(session, first), sink.url("mail")).id or 0
        preferences.order_channels(session, person(session, first), [[first], [second]])
    return first, second


def replies(sink: HttpSink, **statuses: int) -> None:
    sink.replies = lambda path, _count: Reply(statuses.get(path.removeprefix("/"), 200))


def test_the_second_channel_is_silent_where_the_first_takes_the_alert(
    sink: HttpSink, topic: Topic, phone_then_mail: tuple[int, int]
) -> None:
    ring(topic)
    assert sink.tries == {"/phone": 1}


@pytest.mark.parametrize("status", [410, 400])
def test_the_second_channel_rings_where_the_first_is_gone_or_refuses(
    sink: HttpSink, topic: Topic, phone_then_mail: tuple[int, int], status: int
) -> None:
    replies(sink, phone=status)
    alert_id = ring(topic)
    assert stored_alert(alert_id).status == AlertStatus.ringing
    send_shards(alert_id)
    assert sink.accepted == {"/mail": 1}
    assert (stored_alert(alert_id).status, stored_alert(alert_id).recipients) == (AlertStatus.rung, 2)
    ring(topic)
    if status == 410:  # it is retired: from now on the second is the first
        assert sink.tries == {"/phone": 1, "/mail": 2}


def test_the_second_channel_rings_where_the_first_fails_for_two_minutes(
    sink: HttpSink, topic: Topic, phone_then_mail: tuple[int, int], stopped_clock: Clock
) -> None:
    replies(sink, phone=503)
    alert_id = ring(topic)
    send_shards(alert_id)
    assert sink.accepted == {}
    stopped_clock.move(minutes=3)
    deliver_again()
    send_shards(alert_id)
    assert sink.accepted == {"/mail": 1}
    stopped_clock.move(minutes=15)
    deliver_again()
    send_shards(alert_id)
    assert sink.accepted == {"/mail": 1}


def test_of_two_channels_of_one_rank_both_must_fail(
    sink: HttpSink, topic: Topic, phone_then_mail: tuple[int, int]
) -> None:
    first, second = phone_then_mail
    with database.unit_of_work() as session:
        tablet = a_channel(session, person(session, first), sink.url("tablet")).id or 0
        preferences.order_channels(session, person(session, first), [[first, tablet], [second]])
    replies(sink, phone=400)
    send_shards(ring(topic))
    assert sink.accepted == {"/tablet": 1}
    replies(sink, phone=400, tablet=400)
    send_shards(ring(topic))
    assert sink.accepted == {"/tablet": 1, "/mail": 1}
