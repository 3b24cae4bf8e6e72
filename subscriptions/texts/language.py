"""The languages readers are spoken to in: their sentences, dates, times and numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from subscriptions.errors import Mistake, Saying

CATALOGUES = Path(__file__).parent / "catalogues"
OLD_CODES = {"iw": "he"}  # what some still call Hebrew
ONE_BESIDE_ITS_WORD = re.compile(r" \(1\)$")  # Hebrew in the CLDR: "a minute (1) ago"
PREFERENCES = 20  # of a browser's list of languages that are looked at

Size = Literal["short", "medium", "long", "full"]


@dataclass(frozen=True)
class Language:
    """A language, by its code (ISO 639-1) and its own name."""

    code: str
    name: str

    @cached_property
    def locale(self) -> Locale:
        """What the Unicode CLDR knows of it."""
        return Locale(self.code)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Tell which way it is written."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    @property
    def catalogue(self) -> NullTranslations:
        """Give its sentences by the English ones."""
        return catalogue_of(self.code)

    def gettext(self, sentence: str, /, **named: object) -> str:
        """Say an English sentence in this language; `%(name)s` in it stands for what is named so."""
        said = self.catalogue.gettext(sentence) if sentence else ""  # by "" a catalogue keeps its header
        return said % named if named else said

    def ngettext(self, one: str, more: str, number: int, /, **named: object) -> str:
        """Say how many: `%(num)s` stands for the number, as this language writes it."""
        named.setdefault("num", self.number(number))
        return self.catalogue.ngettext(one, more, number) % named

    def mistake(self, mistake: Mistake) -> str:
        """Say what somebody did wrong."""
        return self.gettext(mistake.sentence, **mistake.named)

    def phrase(self, text: str) -> str:
        """Say a part of a sentence, with what it names."""
        return self.gettext(text.sentence, **text.named) if isinstance(text, Saying) else self.gettext(text)

    def moment(self, when: datetime, zone: str = "UTC", size: Size = "medium") -> str:
        """Write an instant as date and time of day, to the minute, in an IANA zone."""
        joined = str(get_datetime_format(size, locale=self.locale)).replace("'", "")
        return joined.replace("{0}", self.time(when, zone)).replace("{1}", self.day(when, zone, size))

    def day(self, when: datetime | date, zone: str = "UTC", size: Size = "medium") -> str:
        """Write the date of an instant in an IANA zone, or a date."""
        local = when.astimezone(ZoneInfo(zone)) if isinstance(when, datetime) else when
        return format_date(local, size, locale=self.locale)

    def time(self, when: datetime | time, zone: str = "UTC", size: Size = "short") -> str:
        """Write the time of day of an instant in an IANA zone, or a time of day."""
        local = when.astimezone(ZoneInfo(zone)).time() if isinstance(when, datetime) else when
        return format_time(local, size, locale=self.locale)

    def first_weekday(self, zone: str = "UTC") -> int:
        """Tell with which day weeks begin, 0 is Monday: where an IANA zone is, else where it is spoken."""
        spoken_in = str(get_global("likely_subtags")[self.code]).rpartition("_")[2]
        return _first_weekday_in(get_global("zone_territories").get(zone, spoken_in))

    def ago(self, when: datetime, now: datetime) -> str:
        """Say how long ago, or in how long, an instant is: "3 minutes ago", "in 2 hours"."""
        said = format_timedelta(when - now, add_direction=True, locale=self.locale)
        return ONE_BESIDE_ITS_WORD.sub("", said)

    def lasting(self, length: timedelta) -> str:
        """Say a length of time in its largest unit: "3 minutes"."""
        return format_timedelta(length, locale=self.locale)

    def number(self, number: float) -> str:
        """Write a number: "12,345" in English."""
        return format_decimal(number, locale=self.locale)

    def listed(self, names: Iterable[str]) -> str:
        """Put names in a row: "storms, floods, and fires"."""
        return format_list(list(names), locale=self.locale)


ENGLISH = Language("en", "English")
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("he", "עברית"),
        Language("ar", "العربية"),
        Language("fr", "Français"),
        Language("es", "Español"),
        Language("de", "Deutsch"),
        Language("ru", "Русский"),
    )
}


def known(wanted: str) -> Language | None:
    """Find the language somebody wants (BCP 47) among those there are texts in."""
    first = wanted.strip().replace("_", "-").partition("-")[0].lower()
    return LANGUAGES.get(OLD_CODES.get(first, first))


def language_of(wanted: str) -> Language:
    """Choose the language for somebody who wants `wanted` (BCP 47): English where none fits."""
    return known(wanted) or ENGLISH


def preferred(accepted: str) -> Language:
    """Choose what a browser likes best (Accept-Language) of the languages there are, else English."""
    choices = [choice.partition(";") for choice in accepted.split(",")[:PREFERENCES]]
    ranked = sorted(choices, key=lambda choice: -_weight(choice[2]))  # equal ones stay in order
    liked = (known(tag) for tag, _, weight in ranked if _weight(weight) > 0)
    return next(filter(None, liked), ENGLISH)


@cache
def _first_weekday_in(territory: str) -> int:
    try:
        return Locale.parse(f"und_{territory}").first_week_day
    except UnknownLocaleError:  # a land without a language of its own: the world's week
        return 0


@cache
def catalogue_of(code: str) -> NullTranslations:
    """Read a language's catalogue: some milliseconds, once for each process."""
    if code == ENGLISH.code:
        return NullTranslations()
    compiled = BytesIO()
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _weight(parameter: str) -> float:
    """Read `q=0.8`; what is not written so weighs nothing, and nothing written is 1 (RFC 9110, 12.4.2)."""
    if not parameter.strip():
        return 1
    name, _, value = parameter.partition("=")
    try:
        return float(value) if name.strip() == "q" else 0
    except ValueError:
        return 0
