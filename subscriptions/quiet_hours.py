"""Quiet hours: when a person's channels stay silent, by their own clock. Pure."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from subscriptions.errors import Mistake, msgid
from subscriptions.local_time import DAY, clock_time, instant, minute_of_day, second_instant

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = 0b111_1111
SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})")
MOST_LEAPS = 10  # quiet hours that end just where the clock is put into the next ones, one after the other


class QuietHours(NamedTuple):
    """From a minute of the day to another, which may be of the next day, on the days they begin.

    `days` has a bit for each, Monday the lowest. The same minute twice means none.
    """

    begin: int
    end: int
    days: int = EVERY_DAY

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Say whether it is quiet at an instant."""
        return self._day_begun(at.astimezone(zone)) is not None

    def until(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Give the first instant from `at` on at which it is not quiet."""
        for _leap in range(MOST_LEAPS):
            local = at.astimezone(zone)
            begun = self._day_begun(local)
            if begun is None:
                return at
            day = local.date() + timedelta(days=int(begun == "today" and self.begin > self.end))
            first = instant(day, self.end, zone)
            at = first if first > at else second_instant(day, self.end, zone)
        return at

    def _day_begun(self, local: datetime) -> str | None:
        """Tell on which day the quiet hours of a moment began, None when it is not quiet."""
        minute, today = minute_of_day(local), local.weekday()
        if self.begin < self.end:
            is_now = self.begin <= minute < self.end and self.days >> today & 1
            return "today" if is_now else None
        if self.begin == self.end:
            return None
        if minute >= self.begin and self.days >> today & 1:
            return "today"
        return "yesterday" if minute < self.end and self.days >> (today - 1) % 7 & 1 else None

    def __str__(self) -> str:
        """Write them as they are read: "22:00-07:00 mon-fri"."""
        hours = f"{clock_time(self.begin)}-{clock_time(self.end)}"
        return hours if self.days == EVERY_DAY else f"{hours} {write_days(self.days)}"


def read_quiet_hours(text: str, days: str = "") -> QuietHours | None:
    """Read "22:00-07:00" and days such as "mon-fri,sun" (empty: all); None where they begin as they end.

    Raises Mistake for what is no time or day.
    """
    found = SPAN.fullmatch(text.strip())
    numbers = [int(number) for number in found.groups()] if found else []
    if not numbers or max(numbers[0], numbers[2]) > 23 or max(numbers[1], numbers[3]) > 59:  # noqa: PLR2004 - a clock
        raise Mistake(f"{text!r} are no quiet hours: write two times, as in 22:00-07:00.")
    begin, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    read = read_days(days)
    return QuietHours(begin, end, read) if begin != end else None


def read_days(text: str) -> int:
    """Read "mon-fri,sun" as bits, Monday the lowest; empty is every day. Raises Mistake."""
    bits = 0
    for part in filter(None, (piece.strip().lower() for piece in text.split(","))):
        first, _, last = part.partition("-")
        names = [first.strip()[:3], (last or first).strip()[:3]]
        if not set(names) <= set(DAYS):
            raise Mistake(f"{part!r} names no days: write mon-fri, or sat,sun.")
        start, stop = (DAYS.index(name) for name in names)
        for step in range((stop - start) % 7 + 1):
            bits |= 1 << (start + step) % 7
    return bits or EVERY_DAY


def write_days(days: int) -> str:
    """Write days: "mon-fri", "sat,sun", "fri-mon"."""
    on = [number for number in range(7) if days >> number & 1]
    starts = [number for number in on if not days >> (number - 1) % 7 & 1]
    if days == EVERY_DAY or not on:
        return "every day"
    runs = []
    for start in starts:
        length = next(step for step in range(1, 8) if not days >> (start + step) % 7 & 1)
        last = (start + length - 1) % 7
        runs.append(
            {1: DAYS[start], 2: f"{DAYS[start]},{DAYS[last]}"}.get(length, f"{DAYS[start]}-{DAYS[last]}")
        )
    return ",".join(runs)


def read_clock(text: str) -> int:
    """Read a time of the day, as 08:30, as its minute. Raises Mistake."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY
    if found is None or minute >= DAY or int(found[2]) > 59:  # noqa: PLR2004 - a clock
        raise Mistake(msgid("%(text)s is no time of the day: write it as 08:30."), text=repr(text))
    return minute
