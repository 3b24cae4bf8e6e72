"""What a person wants of alerts. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from subscriptions.local_time import instant, minute_of_day
from subscriptions.quiet_hours import QuietHours

EVERYTHING = 8  # IPTC urgency: 1 highest, 8 lowest
FLASH = 1
BREAKFAST = 8 * 60
HOUR = timedelta(hours=1)


class Cadence(StrEnum):
    """How soon what is on a topic is told."""

    at_once = "at_once"
    hourly = "hourly"  # in a digest at each full hour in which there is something
    daily = "daily"  # in a digest at the person's own time of the day


class Wants(NamedTuple):
    """How a person wants to be told; the defaults are what one has who chose nothing: all, at once."""

    time_zone: str = "UTC"
    quiet: QuietHours | None = None
    through: int = (
        FLASH  # up to this urgency it rings at once, whatever the hour, cap and cadence; 0: nothing
    )
    threshold: int = EVERYTHING  # least urgent that is told at all
    cap: int | None = None  # alerts a day, by their own calendar
    pause_until: datetime | None = None
    digest_at: int = BREAKFAST  # minute of the day

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the person's clock."""
        return zone(self.time_zone)

    def free(self, at: datetime) -> datetime:
        """Give the first instant from `at` on that is neither in a pause nor in quiet hours."""
        at = max(at, self.pause_until) if self.pause_until is not None else at
        return self.quiet.until(at, self.zone) if self.quiet is not None else at

    def digest_after(self, now: datetime, cadence: Cadence) -> datetime:
        """Give the time of the first digest after `now`: not in quiet hours, but at their end."""
        next_one = _next_hour(now, self.zone) if cadence == Cadence.hourly else self._next_daily(now)
        return self.free(next_one)

    def _next_daily(self, now: datetime) -> datetime:
        day = now.astimezone(self.zone).date()
        today = instant(day, self.digest_at, self.zone)
        return today if today > now else instant(day + timedelta(days=1), self.digest_at, self.zone)


PLAIN = Wants()


@cache
def zone(name: str) -> ZoneInfo:
    """Open a time zone by its IANA name; one that is no more is UTC."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _next_hour(now: datetime, clock: ZoneInfo) -> datetime:
    at = now.replace(second=0, microsecond=0)
    at += timedelta(minutes=60 - minute_of_day(at.astimezone(clock)) % 60)
    # Lord Howe puts its clocks forward by half an hour.
    past = minute_of_day(at.astimezone(clock)) % 60
    return at + (HOUR - timedelta(minutes=past)) if past else at
