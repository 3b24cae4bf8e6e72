"""What a feed says, whatever the format; a correction takes the place of what it corrects. Pure."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

# Our own, drawn by chance: what we name by it is named by nobody else, and the same for ever.
OURS = UUID("6f1d5c0a-90b1-4a6e-9c3d-2b8f07e4a1d9")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47, near enough
# What XML 1.0 can hold; a feed's reader would refuse the whole document for one of the others.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Telling(NamedTuple):
    """One alert, as a feed needs it; `corrects` is the number of the one it corrects or withdraws."""

    number: int
    corrects: tuple[int, ...]
    trace: str
    withdraws: bool
    title: str
    text: str
    link: str
    image: str
    language: str
    source_name: str
    at: datetime


class Entry(NamedTuple):
    """One alert as it stands now: its name is that of the first, its words those of the last correction."""

    name: str  # a URN that stays the same
    title: str
    text: str
    link: str
    image: str
    language: str
    source_name: str
    published: datetime
    updated: datetime


class Document(NamedTuple):
    """A feed; `page` is where people read the same, `own_address` where it is."""

    name: str
    title: str
    page: str
    own_address: str
    updated: datetime
    entries: list[Entry]
    author: str = "Tocsin"


def urn(*what: object) -> str:
    """Name something for ever, by what never changes of it."""
    return f"urn:uuid:{uuid5(OURS, ' '.join(map(str, what)))}"


def as_they_stand(tellings: Iterable[Telling]) -> list[Entry]:
    """Give one entry for each first alert, newest first, with what was corrected put right.

    One that was withdrawn stays, and says so: readers' programs keep what just vanishes.
    """
    alerts = {each.number: each for each in tellings}
    last: dict[int, Telling] = {}
    for number in sorted(alerts):
        for first in _firsts(alerts, alerts[number]):
            last[first] = alerts[number]
    return [_entry(alerts[number], last[number]) for number in sorted(last, reverse=True)]


def _firsts(alerts: dict[int, Telling], each: Telling) -> set[int]:
    follows = [alerts[number] for number in each.corrects if number in alerts]
    return set().union(*(_firsts(alerts, one) for one in follows)) if follows else {each.number}


def _entry(first: Telling, last: Telling) -> Entry:
    return Entry(
        name=urn("alert", first.number, first.trace),
        title=_plain(last.title),
        text=_plain(last.text),
        link="" if last.withdraws else _address(last.link),
        image="" if last.withdraws else _address(last.image),
        language=last.language if LANGUAGE.fullmatch(last.language) else "",
        source_name=_plain(last.source_name),
        published=first.at,
        updated=last.at,
    )


def _plain(text: str) -> str:
    return NOT_XML.sub("", text).strip()


def _address(link: str) -> str:
    return link if WEB_ADDRESS.fullmatch(link) else ""
