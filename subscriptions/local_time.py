"""Times of the day as a person's clock shows them, where it is put forward and back too. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
MINUTE = timedelta(minutes=1)
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def minute_of_day(local: datetime) -> int:
    """Give the minute of the day that a clock shows, 0 to 1439."""
    return local.hour * 60 + local.minute


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Give the first instant, in UTC, at which a zone's clock shows this minute of a day, or a later one.

    Where the clock is put forward over it, that is when it is; where it is put back, the earlier of two.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    before, after = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return before if before <= after else _leap(after, before, zone)


def second_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Give the later of two instants at which the clock shows this minute; else the only one."""
    wall = datetime.combine(day, time(minute // 60, minute % 60, fold=1), zone)
    return max(instant(day, minute, zone), wall.astimezone(UTC))


def start_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant at which the day of an instant began, by the clock of a zone."""
    return min(instant(at.astimezone(zone).date(), 0, zone), at.astimezone(UTC))


def _leap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the first minute after `low` and not after `high` at which the clock is put forward."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def clock_time(minute: int) -> str:
    """Write a minute of the day: 07:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def said(at: datetime, zone: ZoneInfo) -> str:
    """Say an instant as a person reads it: "07:00 on Tuesday, 3 March"."""
    local = at.astimezone(zone)
    return f"{local:%H:%M} on {NAMES[local.weekday()]}, {local.day} {local:%B}"
