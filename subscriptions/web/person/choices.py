"""What the settings page offers to choose from, in plain words."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from subscriptions.quiet_hours import DAYS
from subscriptions.wants import Cadence

PAUSES = {"1": 1, "3": 3, "7": 7, "14": 14, "28": 28}  # days
CADENCES = tuple(Cadence)
CAPS = (1, 2, 3, 5, 10, 20, 50)  # alerts a day
THRESHOLDS = (8, 4, 2, 1)  # IPTC urgencies people can tell apart: see `worker.understand.urgency`


def week(first: int) -> Sequence[tuple[int, str]]:
    """List the days of the week, 0 is Monday, from the one it begins with."""
    days = list(enumerate(DAYS))
    return days[first:] + days[:first]


@cache
def zones() -> Sequence[str]:
    """List the time zones people live in, as Asia/Jerusalem, and UTC."""
    lived_in = {
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix", "right", "SystemV/"))
    }
    return ("UTC", *sorted(lived_in))
