"""What a subscriber reads. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from subscriptions.texts import ENGLISH, Language, language_of
from worker.push.direction import isolated
from worker.push.shorten import shorten

TITLE_LIMIT = 200  # characters; a headline is rarely half as long
TEXT_LIMIT = 600
ACCENT = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
PILED_UP = re.compile(f"({ACCENT}{{3}}){ACCENT}+")


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it is given the shape of a kind of channel; all of it plain text."""

    title: str
    text: str = ""
    link: str = ""
    note: str = ""  # who reports it, and why it comes
    leave: str = ""  # address of the page to leave by; one with PLACE in it stands for each reader's own
    image: str = ""
    language: str = ""  # BCP 47, "" when nobody knows
    reader: str = ENGLISH.code  # the language of what is ours in it, the note and how to leave: the reader's
    thread: str = ""  # the same for all alerts of one story, so that a later one replaces or joins an earlier
    version: int = 1  # of the story: which of the thread's messages this is
    story: int = 0  # its number, by which a reader mutes it
    receipt: str = ""  # what a browser says it by that it was shown; "" where that is not counted
    withdraws: bool = False  # what was said before in the thread is not true
    urgent: bool = False
    expires_at: datetime | None = None  # what has not reached its reader by then is no news any more
    speaks_of_link: bool = False  # its text does: the link is in sight also where a tap opens it

    @property
    def body(self) -> str:
        """The plain text below the title."""
        gettext = language_of(self.reader).gettext
        leaving = gettext("Leave or change what you follow: %(page)s", page=self.leave) if self.leave else ""
        return "\n\n".join(part for part in (self.text, self.link, self.note, leaving) if part)


@lru_cache(maxsize=1000)  # the same for most of an alert's recipients
def compose(
    *,
    title: str,
    text: str,
    source_name: str,
    follows: tuple[str, ...],
    reader: str = ENGLISH.code,
    **kept: Any,
) -> Message:
    """Write an alert to one who reads a language; `kept` are parts of the message that need no tidying."""
    note = note_for(source_name, follows, language_of(reader))
    tidy = (one_line(title, TITLE_LIMIT), shorten(text, TEXT_LIMIT))
    return Message(*tidy, note=note, reader=reader, **kept)


def note_for(source_name: str, follows: Sequence[str], language: Language = ENGLISH) -> str:
    """Say in a line who reports it and why the reader is told."""
    topics = language.listed(isolated(topic, language.direction) for topic in follows)
    because = language.gettext("You follow %(topics)s.", topics=topics) if follows else ""
    source = isolated(one_line(source_name, 80), language.direction)
    return " · ".join(part for part in (source, because) if part)


def compose_confirmation(
    topic_names: Sequence[str], link: str, site: str, language: Language = ENGLISH
) -> Message:
    """Write the mail that asks a new subscriber to confirm; `link` is the page to do so."""
    gettext, named = language.gettext, {"site": site, "topics": language.listed(topic_names)}
    title = gettext("Please confirm: breaking news on %(topics)s", **named)
    asked = gettext(
        "Somebody, most likely you, asked at %(site)s to be told about breaking news on %(topics)s.", **named
    )
    if not topic_names:
        title = gettext("Please confirm: breaking news")
        asked = gettext(
            "Somebody, most likely you, asked at %(site)s to be told about breaking news.", site=site
        )
    yes = gettext("If it was you, confirm here within three days:")
    no = gettext("If it was not, do nothing: you will not hear from us again.")
    text = f"{asked}\n\n{yes}\n{link}\n\n{no}"
    return Message(one_line(title, TITLE_LIMIT), text, language=language.code, reader=language.code)


def compose_sign_in(link: str, site: str, language: Language = ENGLISH) -> Message:
    """Write the mail with the link that signs a person in."""
    gettext = language.gettext
    asked = gettext("Somebody, most likely you, asked at %(site)s to see and change their alerts.", site=site)
    yes = gettext("If it was you, open this within half an hour:")
    no = gettext("If it was not, do nothing.")
    alone = gettext("Do not pass the link on: whoever has it can change your settings until it ends.")
    title, text = gettext("Your way to your alerts"), f"{asked}\n\n{yes}\n{link}\n\n{no} {alone}"
    return Message(title, text, language=language.code, reader=language.code)


def compose_test(site: str, language: Language = ENGLISH, leave: str = "") -> Message:
    """Write a test alert; `leave` is the page to leave by."""
    gettext, code = language.gettext, language.code
    title, text = gettext("A test from Tocsin"), gettext("If you read this, alerts reach you here.")
    return Message(title, text, site, "Tocsin", leave, thread="test", language=code, reader=code)


def compose_own_channel(link: str, code: str, site: str, language: Language = ENGLISH) -> Message:
    """Write the test alert that asks the owner of a new channel to confirm it, by a link or a code."""
    gettext = language.gettext
    asked = gettext(
        "Somebody, most likely you, asked at %(site)s to be told of breaking news here.", site=site
    )
    yes = gettext(
        "If it was you, type the code %(code)s there, or open the link, within three days.", code=code
    )
    no = gettext("If it was not, do nothing: nothing more will come.")
    title, text = gettext("Confirm your alerts: %(code)s", code=code), f"{asked}\n\n{yes}\n\n{no}"
    spoken = language.code
    return Message(title, text, link, thread="test", language=spoken, reader=spoken, speaks_of_link=True)


def one_line(text: str, limit: int) -> str:
    """Make a text one line without control characters: a line break in a title could start a mail header.

    Piled-up accents that would cover the lines around are taken down to a few.
    """
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return shorten(PILED_UP.sub(r"\1", " ".join(unicodedata.normalize("NFC", plain).split())), limit)


def leaving(address: str) -> dict[str, str]:
    """Give the headers of a mail that can be left by one click at `address`."""
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        "Auto-Submitted": "auto-generated",  # RFC 3834: keeps holiday answers away
    }
