"""Restraint: quiet hours, pauses, caps, digests and mutes, decided by the reader's own clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from subscriptions.errors import Mistake
from subscriptions.local_time import instant, minute_of_day, start_of_day
from subscriptions.quiet_hours import (
    EVERY_DAY,
    QuietHours,
    read_clock,
    read_days,
    read_quiet_hours,
    write_days,
)
from subscriptions.wants import FLASH, Cadence, Wants
from tests.builders import NOON
from worker.push.restrain import ANYBODY, Drop, Follow, Hold, Person, Send, restrain

# Clocks that are put forward at midnight, by half an hour, on different days, over a whole day, and never.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
NIGHT = QuietHours(22 * 60, 7 * 60)
STORMS = Follow("Storms", 8, Cadence.at_once)

clocks = some.sampled_from(ZONES)
minutes = some.integers(0, 1439)
spans = some.builds(QuietHours, minutes, minutes, some.integers(1, EVERY_DAY))
# Much of it close to where clocks change, and to leap days.
EDGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2028, 2, 29, 0, tzinfo=UTC),
]
moments = some.builds(
    lambda edge, seconds: edge + timedelta(seconds=seconds),
    some.sampled_from(EDGES),
    some.integers(-2 * 86_400, 2 * 86_400),
) | some.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001 - given by `timezones`
follows = some.lists(
    some.builds(
        Follow, some.sampled_from(("Storms", "Sea")), some.integers(1, 8), some.sampled_from(Cadence)
    ),
    min_size=1,
    max_size=3,
)


@some.composite
def wishes(draw: some.DrawFn, now: datetime) -> Wants:
    pauses = some.none() | some.integers(-3, 40).map(lambda hours: now + timedelta(hours=hours))
    return Wants(
        time_zone=draw(clocks),
        quiet=draw(some.none() | spans),
        through=draw(some.integers(0, 2)),
        threshold=draw(some.integers(1, 8)),
        cap=draw(some.none() | some.integers(1, 3)),
        pause_until=draw(pauses),
        digest_at=draw(minutes),
    )


def decide(wants: Wants = ANYBODY.wants, now: datetime = NOON, **values: Any) -> Send | Hold | Drop:
    person = values.pop("person", Person(wants))
    given_values: dict[str, Any] = {"urgency": 5, "follows": [STORMS], "expires_at": now + timedelta(hours=6)}
    return restrain(person=person, now=now, **given_values | values)


@given(spans, clocks, moments)
def test_quiet_hours_end_at_a_time_that_is_not_quiet_and_at_the_first_such_minute(
    quiet: QuietHours, name: str, now: datetime
) -> None:
    clock = ZoneInfo(name)
    until = quiet.until(now, clock)
    assert until >= now
    assert not quiet.holds(until, clock)
    assert (until > now) == quiet.holds(now, clock)
    seconds = int((until - now).total_seconds())
    for second in (*range(0, seconds, 600), *range(max(seconds - 5400, 0), seconds, 60)):
        assert quiet.holds(now + timedelta(seconds=second), clock)


@pytest.mark.parametrize(
    ("name", "at", "until"),
    [
        # From one to half past two: at a quarter past two for the first and the second time.
        ("Europe/Berlin", "2026-10-25T00:15", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25T01:15", "2026-10-25T01:30"),
        ("America/New_York", "2026-11-01T05:45", "2026-11-01T07:30"),
    ],
)
def test_where_the_clock_is_put_back_quiet_hours_end_each_time_it_shows_their_end(
    name: str, at: str, until: str
) -> None:
    ends = QuietHours(60, 150).until(datetime.fromisoformat(at).replace(tzinfo=UTC), ZoneInfo(name))
    assert ends == datetime.fromisoformat(until).replace(tzinfo=UTC)


@given(minutes, some.integers(1, EVERY_DAY), clocks, moments)
def test_hours_that_begin_as_they_end_are_none(minute: int, days: int, name: str, now: datetime) -> None:
    assert not QuietHours(minute, minute, days).holds(now, ZoneInfo(name))


@given(spans, clocks, moments)
def test_it_is_quiet_just_when_the_clock_on_the_wall_says_so(
    quiet: QuietHours, name: str, now: datetime
) -> None:
    local = now.astimezone(ZoneInfo(name))
    minute, today = minute_of_day(local), local.weekday()
    begun_today = bool(quiet.days >> today & 1) and minute >= quiet.begin
    begun_yesterday = bool(quiet.days >> (today - 1) % 7 & 1) and quiet.begin > quiet.end > minute
    within = begun_today and (minute < quiet.end or quiet.begin > quiet.end)
    assert quiet.holds(now, ZoneInfo(name)) == (within or begun_yesterday)


@pytest.mark.parametrize(
    ("name", "day", "minute", "expected"),
    [
        # Over half past two the clock is put forward from two to three; it comes twice when put back.
        ("Europe/Berlin", date(2026, 3, 29), 150, "2026-03-29T01:00"),
        ("Europe/Berlin", date(2026, 10, 25), 150, "2026-10-25T00:30"),
        ("America/New_York", date(2026, 3, 8), 150, "2026-03-08T07:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03T15:30"),
        ("Asia/Jerusalem", date(2026, 3, 27), 150, "2026-03-27T00:00"),
        ("Asia/Beirut", date(2026, 3, 29), 10, "2026-03-28T22:00"),
        ("America/Santiago", date(2026, 9, 6), 30, "2026-09-06T04:00"),
        ("Pacific/Apia", date(2011, 12, 30), 720, "2011-12-30T10:00"),
        ("Europe/Berlin", date(2028, 2, 29), 420, "2028-02-29T06:00"),
    ],
)
def test_a_minute_of_the_day_is_found_where_the_clock_is_changed(
    name: str, day: date, minute: int, expected: str
) -> None:
    assert instant(day, minute, ZoneInfo(name)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(clocks, moments)
def test_a_day_begins_before_and_shows_the_same_date(name: str, now: datetime) -> None:
    clock = ZoneInfo(name)
    began = start_of_day(now, clock)
    assert began <= now
    assert began.astimezone(clock).date() == now.astimezone(clock).date()


@given(some.data(), moments, some.integers(1, 8), follows)
def test_a_hold_ends_after_now_when_the_alert_is_sent_or_in_a_digest(
    data: some.DataObject, now: datetime, urgency: int, followed: list[Follow]
) -> None:
    person = Person(data.draw(wishes(now)), told_today=data.draw(some.integers(0, 3)))
    decision = decide(person=person, now=now, urgency=urgency, follows=followed)
    if not isinstance(decision, Hold):
        return
    assert decision.until > now
    assert decision.why.endswith(".")
    assert person.wants.free(decision.until) == decision.until  # neither quiet nor in a pause
    if not decision.digest:
        fresh = person._replace(told_today=0)  # a day may be full when it comes: then it is for the digest
        assert decide(person=fresh, now=decision.until, urgency=urgency, follows=followed) == Send()


@given(some.data(), moments, some.integers(1, 8), follows)
def test_nobody_hears_of_what_is_below_their_threshold(
    data: some.DataObject, now: datetime, urgency: int, followed: list[Follow]
) -> None:
    wants = data.draw(wishes(now))
    decision = decide(wants, now, urgency=urgency, follows=followed)
    least = min(wants.threshold, max(follow.threshold for follow in followed))
    assert isinstance(decision, Drop) == (urgency > least)


@given(some.data(), moments, some.integers(1, 8))
def test_an_urgent_one_gets_through_where_that_is_wanted(
    data: some.DataObject, now: datetime, urgency: int
) -> None:
    wants = data.draw(wishes(now))._replace(threshold=8)
    assume(wants.pause_until is None or wants.pause_until <= now)
    decision = decide(Person(wants).wants, now, urgency=urgency)
    if urgency <= wants.through:
        assert decision == Send()
    elif wants.quiet is not None and wants.quiet.holds(now, wants.zone):
        assert isinstance(decision, Hold)


@given(some.data(), moments, some.integers(1, 8), some.integers(0, 5))
def test_no_more_than_the_cap_ring_in_a_day_and_the_others_come_in_a_digest(
    data: some.DataObject, now: datetime, urgency: int, told: int
) -> None:
    wants = data.draw(wishes(now))._replace(threshold=8, quiet=None, pause_until=None, cap=3)
    decision = decide(person=Person(wants, told_today=told), now=now, urgency=urgency)
    if told < 3 or urgency <= wants.through:
        assert decision == Send()
    else:
        assert isinstance(decision, Hold)
        assert decision.digest


@given(clocks, minutes, moments)
def test_a_daily_digest_comes_within_the_next_day_at_the_time_asked_for(
    name: str, minute: int, now: datetime
) -> None:
    wants = Wants(time_zone=name, digest_at=minute)
    at = wants.digest_after(now, Cadence.daily)
    assert now < at <= now + timedelta(hours=25 if name != "Pacific/Apia" else 49)
    local, clock = at.astimezone(wants.zone), wants.zone
    shown = minute_of_day(local)
    before = (at - timedelta(minutes=1)).astimezone(clock)
    put_forward = before.utcoffset() != local.utcoffset()
    assert shown == minute or put_forward


@given(clocks, moments)
def test_an_hourly_digest_comes_at_the_next_full_hour(name: str, now: datetime) -> None:
    wants = Wants(time_zone=name)
    at = wants.digest_after(now, Cadence.hourly)
    assert now < at <= now + timedelta(minutes=90)
    assert at.astimezone(wants.zone).minute == 0


@given(spans, clocks, minutes, moments, some.sampled_from((Cadence.hourly, Cadence.daily)))
def test_no_digest_comes_in_quiet_hours(
    quiet: QuietHours, name: str, minute: int, now: datetime, cadence: Cadence
) -> None:
    wants = Wants(time_zone=name, quiet=quiet, digest_at=minute)
    at = wants.digest_after(now, cadence)
    assert at > now
    assert not quiet.holds(at, wants.zone)


def test_who_chose_nothing_hears_everything_at_once() -> None:
    for urgency in range(1, 9):
        assert decide(urgency=urgency, now=datetime(2026, 3, 2, 3, tzinfo=UTC)) == Send()


def test_what_is_muted_is_silent_even_if_it_is_a_flash_and_followed() -> None:
    muted = Person(mutes="this story", follows_story=True)
    assert decide(person=muted, urgency=FLASH) == Drop("You muted this story.")


def test_a_pause_holds_even_flashes_and_ends_in_one_digest() -> None:
    wants = Wants(pause_until=NOON + timedelta(days=14))
    decision = decide(wants, urgency=FLASH)
    assert isinstance(decision, Hold)
    assert decision.digest
    assert decision.until == wants.pause_until


def test_a_followed_story_rings_at_once_however_little_urgent() -> None:
    digest = Follow("Storms", 2, Cadence.daily)
    fan = Person(Wants(threshold=1), follows_story=True)
    assert decide(person=fan, follows=[digest], urgency=8) == Send()
    assert decide(person=fan, follows=[], urgency=8) == Send()


def test_of_two_topics_the_more_eager_one_counts_where_it_is_urgent_enough_for_it() -> None:
    eager, patient = Follow("Storms", 3, Cadence.at_once), Follow("Sea", 8, Cadence.hourly)
    assert decide(follows=[eager, patient], urgency=3) == Send()
    later = decide(follows=[eager, patient], urgency=4)
    assert isinstance(later, Hold)
    assert later.until == NOON + timedelta(hours=1)


def test_a_correction_waits_for_quiet_hours_and_for_nothing_else() -> None:
    full = Person(Wants(cap=1, threshold=1), mutes="this story", told_today=9)
    assert decide(person=full, follows=None) == Send()
    asleep = Wants(quiet=NIGHT)
    decision = decide(asleep, datetime(2026, 3, 2, 23, tzinfo=UTC), follows=None, urgency=2)
    assert isinstance(decision, Hold)
    assert decision.until == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_a_reason_is_a_sentence_in_the_readers_own_time() -> None:
    wants = Wants(time_zone="Europe/Berlin", quiet=NIGHT)
    decision = decide(wants, datetime(2026, 3, 2, 22, tzinfo=UTC))
    assert isinstance(decision, Hold)
    assert decision.why == "Your quiet hours last until 07:00 on Tuesday, 3 March."


def test_what_is_stopped_or_too_old_is_not_told_whatever_is_wanted() -> None:
    assert decide(stopped="an admin stopped the alert") == Drop("an admin stopped the alert")
    assert isinstance(decide(live=False), Drop)
    assert isinstance(decide(expires_at=NOON), Drop)


@pytest.mark.parametrize(
    ("days", "bits"), [("", 127), ("mon-fri", 31), ("sat,sun", 96), ("fri-mon", 113), ("Wednesday", 4)]
)
def test_days_are_read_as_people_write_them(days: str, bits: int) -> None:
    assert read_days(days) == bits
    assert read_days(write_days(bits).replace("every day", "")) == bits


@given(some.integers(1, EVERY_DAY))
def test_days_are_written_so_that_they_are_read_back(bits: int) -> None:
    assert read_days(write_days(bits).replace("every day", "")) == bits


def test_quiet_hours_are_read_as_people_write_them() -> None:
    assert read_quiet_hours("22:00-07:00", "mon-fri") == QuietHours(1320, 420, 31)
    assert read_quiet_hours("7:00 - 7:00") is None
    assert str(QuietHours(1320, 420, 31)) == "22:00-07:00 mon-fri"
    for wrong in ("22-7", "25:00-07:00", "22:60-07:00", ""):
        with pytest.raises(Mistake, match="22:00-07:00"):
            read_quiet_hours(wrong)
    with pytest.raises(Mistake, match="mon-fri"):
        read_quiet_hours("22:00-07:00", "funday")
    with pytest.raises(Mistake, match="08:30"):
        read_clock("8.30")
