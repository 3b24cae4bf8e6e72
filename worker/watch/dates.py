"""Instants out of the many ways publishers write them. Pure."""

import re
from datetime import UTC, datetime, timedelta, timezone

from dateutil import parser as dateutil_parser

LONGEST = 80  # characters; a longer text is no date
ISO = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d))?)?"
    r"(?:[T\s]+(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d:?\d\d|[+-]\d\d|[A-Z]{2,5})?",
    re.IGNORECASE,
)
ORDINAL = re.compile(r"(?P<year>\d{4})-?(?P<day>\d{3})(?![\d-])")
MAIL = re.compile(
    r"(?:[^\W\d]+\.?,?\s*)?(?P<day>\d{1,2})[\s-]+(?P<month>[^\W\d]{3,})\.?[\s,-]+(?P<year>\d{4}|\d\d)"
    r"(?:[\s,]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?)?"
    r"\s*(?P<zone>[+-]\s?\d{1,2}:?\d\d|(?:Etc/)?[A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)?",
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene janv gen янв",
            "feb fév fev février феб фев",
            "mar mär maa mars мар",
            "apr avr abr апр",
            "may mai mei mag май мая",
            "jun juin giu июн",
            "jul juil lug июл",
            "aug aoû août ago авг",
            "sep set sept сен",
            "oct okt ott out окт",
            "nov ноя",
            "dec déc dez dic дек",
        ),
        1,
    )
    for name in names.split()
}
# Hours east of UTC of the names mail and publishers use (RFC 822 and the common others).
NAMES = {
    -10: "HST",
    -9: "AKST",
    -8: "PST AKDT",
    -7: "MST PDT",
    -6: "CST MDT",
    -5: "EST CDT",
    -4: "EDT AST",
    -3: "ADT BRT ART",
    0: "UT UTC GMT Z WET",
    1: "BST CET WEST MEZ",
    2: "CEST MESZ EET",
    3: "EEST MSK IDT",
    8: "SGT HKT AWST",
    9: "KST JST",
    10: "AEST",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
}
ZONES = {name: hours for hours, names in NAMES.items() for name in names.split()}


def read_date(text: str) -> datetime | None:
    """Read a date as an aware instant in UTC; a time without a zone counts as UTC; None if it is no date."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        return None
    for way in (_epoch, _iso, _mail, _ordinal, _anyhow):
        try:
            found = way(text)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return found
    return None


def _epoch(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{9,13}(\.\d+)?", text):
        return None
    seconds = float(text)
    in_milliseconds = seconds > 1e11  # noqa: PLR2004 - as seconds that is the year 5138
    return datetime.fromtimestamp(seconds / 1000 if in_milliseconds else seconds, UTC)


def _iso(text: str) -> datetime | None:
    found = ISO.fullmatch(text)
    if found is None:
        return None
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    return _instant(
        int(found["year"]),
        int(found["month"] or 1),
        int(found["day"] or 1),
        (found["hour"], found["minute"], found["second"]),
        found["zone"],
        microsecond=int(fraction),
    )


def _mail(text: str) -> datetime | None:
    found = MAIL.fullmatch(text) or MAIL.match(text)
    if found is None:
        return None
    month = MONTHS.get(found["month"].lower()[:4]) or MONTHS.get(found["month"].lower()[:3])
    if month is None:
        return None
    year = int(found["year"])
    year += 0 if year > 99 else 1900 if year > 68 else 2000  # noqa: PLR2004 - two digits as POSIX reads them
    clock = (found["hour"], found["minute"], found["second"])
    return _instant(year, month, int(found["day"]), clock, found["zone"])


def _ordinal(text: str) -> datetime | None:
    found = ORDINAL.match(text)
    if found is None:
        return None
    first = datetime(int(found["year"]), 1, 1, tzinfo=UTC)
    return first + timedelta(days=int(found["day"]) - 1)


def _anyhow(text: str) -> datetime | None:
    try:
        found: datetime = dateutil_parser.parse(text, tzinfos=_seconds_east, default=datetime(2000, 1, 1))  # noqa: DTZ001 - filled next
    except (dateutil_parser.ParserError, TypeError):
        return None
    if not re.search(r"\d{4}|\d\d\D+\d\d", text):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _seconds_east(name: str | None, offset: int | None) -> int:
    """Tell dateutil what a zone means; one that nobody knows counts as UTC, as a time without one does."""
    return ZONES.get((name or "").upper(), 0) * 3600 if offset is None else offset


def _instant(
    year: int,
    month: int,
    day: int,
    clock: tuple[str | None, str | None, str | None],
    zone: str | None,
    *,
    microsecond: int = 0,
) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    # 24:00 is the next day's start, a 60th second the next minute's; sloppy publishers go further.
    start = datetime(year, month, day, microsecond=microsecond, tzinfo=_zone(zone))
    return (start + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)


def _zone(text: str | None) -> timezone:
    text = (text or "").upper().removeprefix("ETC/").replace(" ", "")
    found = re.fullmatch(r"[A-Z]*?([+-])(\d{1,2}?):?(\d\d)?", text)
    if found and (found[2] or found[3]):
        hours, minutes = int(found[2] or 0), int(found[3] or 0)
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if found[1] == "-" else 1)
        return timezone(offset) if abs(offset) < timedelta(hours=24) else UTC
    return timezone(timedelta(hours=ZONES.get(text, 0)))
