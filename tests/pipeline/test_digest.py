"""Digests: what was gathered comes in one message, each story once, whatever dies meanwhile."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from subscriptions import database, preferences
from subscriptions.alerts import outcomes
from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.quiet_hours import QuietHours
from subscriptions.subscribers import subscribe
from subscriptions.tables import Alert, Channel, DeliveryStatus, Subscriber, Topic
from subscriptions.wants import Cadence
from tests.builders import NOON
from tests.conftest import Clock
from tests.pushing import channel_status, delivery, follower, ring
from tests.sinks import HttpSink, Reply
from worker.push import digest as digest_step
from worker.push.digest import deliver_digests
from worker.push.digest_text import MOST, Item, ranked, write_digest
from worker.sweep import late_digests

BREAKFAST = NOON + timedelta(hours=20)


def test_a_digest_speaks_its_readers_language() -> None:
    stories = [Item(number, number, 5, 1, f"Story {number}", "", "") for number in range(MOST + 4)]
    said = write_digest(stories, link="", leave="", expires_at=NOON, thread="digest-1", reader="ru")
    assert said.title == "Story 0 и ещё 23 события"
    assert said.text.endswith("И ещё 4.")
    assert said.note == "Ваша сводка по темам, на которые вы подписаны."
    assert "Отписаться" in replace(said, leave="http://t.example/u/1").body


@pytest.fixture
def reader(sink: HttpSink, topic: Topic, stopped_clock: Clock) -> int:
    """Ann's channel: she wants the topic in a daily digest."""
    channel = follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        subscribe(session, owner(session, channel), session.get_one(Topic, topic.id), cadence=Cadence.daily)
    return channel


def owner(session: Any, channel_id: int) -> Subscriber:
    found: Subscriber = session.get_one(Subscriber, session.get_one(Channel, channel_id).subscriber_id)
    return found


def told(alert_id: int) -> dict[str, int]:
    with database.reading() as session:
        counts = outcomes(session, session.get_one(Alert, alert_id))
        return {kind: count for kind, count in counts.items() if count}


def test_a_daily_digest_is_one_message_with_the_weightiest_story_first(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    follower(sink, "bob", topic)
    first = ring(topic, title="A ferry is late", urgency=6)
    second = ring(topic, title="The harbour closes", urgency=3)
    assert sink.tries == {"/bob": 2}
    row = delivery(first, reader)
    assert (row.status, row.due_at) == (DeliveryStatus.gathered, BREAKFAST)
    assert (
        row.why
        == "You asked for a daily digest of this: it comes in the digest of 08:00 on Tuesday, 3 March."
    )
    assert not late_digests()
    stopped_clock.time = BREAKFAST
    assert late_digests()
    assert deliver_digests() == 2
    assert sink.tries == {"/ann": 1, "/bob": 2}
    body = next(body for path, body in sink.received if path == "/ann")
    assert body["title"] == "The harbour closes and 1 more story"
    assert body["message"].index("The harbour closes") < body["message"].index("A ferry is late")
    assert "http://news.example/storm" in body["message"]
    assert told(first) == told(second) == {"accepted": 2}
    assert delivery(first, reader).why == "It was told in a digest."
    assert deliver_digests() == 0


def test_what_was_told_in_a_digest_does_not_count_towards_the_cap(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    ring(topic)
    stopped_clock.time = BREAKFAST
    deliver_digests()
    with database.unit_of_work() as session:
        ann = owner(session, reader)
        preferences.change_preferences(session, ann, cap=1)
        subscribe(session, ann, session.get_one(Topic, topic.id), cadence=Cadence.at_once)
    now = stopped_clock.time
    ring(topic, seen_at=now, expires_at=now + timedelta(hours=6))
    assert sink.tries == {"/ann": 2}


def test_a_flash_rings_at_once_also_for_who_wants_digests(sink: HttpSink, topic: Topic, reader: int) -> None:
    ring(topic, urgency=1)
    assert sink.tries == {"/ann": 1}


def test_what_is_withdrawn_is_left_out_and_what_is_corrected_is_told_right(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    wrong, false = ring(topic, title="It closes"), ring(topic, title="It sank")
    with database.unit_of_work() as session:
        correct_alert(session, session.get_one(Alert, wrong), "We misread.", title="It stays open")
        kill_alert(session, session.get_one(Alert, false), "It did not happen.")
    stopped_clock.time = BREAKFAST
    deliver_digests()
    assert [body["title"] for _path, body in sink.received] == ["Correction: It stays open"]
    assert told(wrong) == {"accepted": 1}  # so that a later correction reaches them
    assert told(false) == {"dropped": 1}


def test_no_digest_is_sent_with_nothing_left_in_it(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        preferences.mute_topic(session, owner(session, reader), topic)
    stopped_clock.time = BREAKFAST
    deliver_digests()
    assert sink.tries == {}
    assert delivery(alert_id, reader).why == "You muted Harbour."


def test_a_digest_that_fails_is_sent_again_and_a_dead_address_retired(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    stopped_clock.time = BREAKFAST
    sink.replies = lambda _path, count: Reply(503 if count == 1 else 410)
    deliver_digests()
    row = delivery(alert_id, reader)
    assert (row.status, row.attempts, told(alert_id)) == (DeliveryStatus.gathered, 1, {"held": 1})
    stopped_clock.move(minutes=1)
    deliver_digests()
    assert delivery(alert_id, reader).status == DeliveryStatus.gone
    assert channel_status(reader) == "retired"


def test_what_a_dead_worker_had_is_sent_by_another_when_its_lease_ends(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    ring(topic)
    stopped_clock.time = BREAKFAST
    assert digest_step._claim(idle=True) is not None  # and dies
    assert deliver_digests() == 0
    stopped_clock.move(seconds=31)
    assert deliver_digests() == 1
    assert sink.tries == {"/ann": 1}


def test_a_worker_that_lost_its_lease_stores_nothing(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    stopped_clock.time = BREAKFAST
    late = digest_step._claim(idle=True)
    assert late is not None
    stopped_clock.move(seconds=31)
    deliver_digests()
    assert not late.store([], done=False, waits=True)
    assert delivery(alert_id, reader).status == DeliveryStatus.accepted


def test_a_digest_that_kills_its_workers_is_parked(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    stopped_clock.time = BREAKFAST
    for _death in range(3):
        assert digest_step._claim(idle=True) is not None
        stopped_clock.move(seconds=31)
    deliver_digests()
    assert sink.tries == {}
    assert "parked for an admin" in delivery(alert_id, reader).why


def test_a_digest_waits_for_quiet_hours_that_were_chosen_after_it_was_begun(
    sink: HttpSink, topic: Topic, reader: int, stopped_clock: Clock
) -> None:
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        preferences.change_preferences(session, owner(session, reader), quiet=QuietHours(7 * 60, 9 * 60))
    stopped_clock.time = BREAKFAST
    deliver_digests()
    assert sink.tries == {}
    assert delivery(alert_id, reader).due_at == BREAKFAST + timedelta(hours=1)
    stopped_clock.move(hours=1)
    deliver_digests()
    assert sink.tries == {"/ann": 1}


def test_what_a_pause_gathered_comes_when_it_is_ended_early(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    channel = follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        preferences.change_preferences(session, owner(session, channel), pause_until=NOON + timedelta(days=9))
    first = ring(topic)
    stopped_clock.move(hours=30)
    assert deliver_digests() == 0
    with database.unit_of_work() as session:
        preferences.change_preferences(session, owner(session, channel), pause_until=None)
    assert deliver_digests() == 1
    assert told(first) == {"accepted": 1}


items = some.builds(
    Item,
    some.integers(1, 50),
    some.integers(1, 6),
    some.integers(1, 8),
    some.integers(1, 9),
    some.text(min_size=1, max_size=30),
    some.just("Herald"),
    some.just("http://news.example/1"),
)


@given(some.lists(items, min_size=1, max_size=40, unique_by=lambda item: item.alert_id))
def test_a_digest_names_each_story_once_the_urgent_before_the_others(gathered: list[Item]) -> None:
    order = ranked(gathered)
    stories = [item.story_id for item in order]
    assert sorted(stories) == sorted({item.story_id for item in gathered})
    least = {story: min(item.urgency for item in gathered if item.story_id == story) for story in stories}
    assert [least[story] for story in stories] == sorted(least.values())


def test_of_many_stories_the_rest_is_counted() -> None:
    many = [Item(number, number, 5, 1, f"Story {number}", "", "") for number in range(1, MOST + 4)]
    message = write_digest(ranked(many), link="", leave="", expires_at=NOON, thread="digest-1")
    assert message.text.count("•") == MOST
    assert message.text.endswith("And 3 more.")
    assert message.title.endswith(f"and {MOST + 2} more stories")
