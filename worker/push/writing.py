"""A message written for one kind of channel: in its format, with what it has room for. Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import NamedTuple

from subscriptions.errors import msgid
from subscriptions.texts import ENGLISH, language_of
from worker.push.compose import Message
from worker.push.direction import direction, led
from worker.push.fit import fit
from worker.push.measure import GSM, GSM_TWICE, in_sms_letters
from worker.push.room import HTML, MARKDOWN, Room

LEAVING = msgid("Settings or leave: %(page)s")
HERE = "\0"  # where the address to leave by belongs in a line that is marked up
SMS_ALONE = 160  # letters of an SMS that has one part
FEW_LINES = 4  # are not spent on empty ones
AROUND_TITLE = 24  # letters that mark the first line as one, in Apprise's plugins
MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<>~|]|(?m:^)[#+=-]|(?m:(?<=^\d)|(?<=^\d\d))[.)]")
ENTITY = re.compile(r"&(?=#?\w+;)")
MENTION = re.compile(r"@(?=\w)")
NOT_IN_LINKS = str.maketrans({"<": "%3C", ">": "%3E", " ": "%20", "\n": "%0A"})


class Written(NamedTuple):
    """What an Apprise plugin is handed."""

    title: str
    body: str


@lru_cache(maxsize=1000)  # one message goes to many channels of a kind
def written(message: Message, room: Room) -> Written:
    """Write a message for a channel; what it has no room for is cut or left out."""
    if message.leave and not room.says_how_to_leave:
        message = replace(message, leave="")
    if room.is_sms:
        message = _for_sms(message, room)
    if not room.title_in_text:
        message = _with_title(message, room)
    return _put(fit(message, lambda tried: _has_room(tried, room)), room)


def _for_sms(message: Message, room: Room) -> Message:
    """Leave out what costs too much: of each reader's SMS somebody pays.

    It is the headline, where, how to leave, and who reports it unless that alone would take a second part.
    Words of ours that are not in an SMS's letters would make all of it twice as long: they are English then.
    """
    message = replace(message, text="")
    line = _leaving(message)
    if _is_gsm(in_sms_letters(message.title + message.link)) and not _is_gsm(in_sms_letters(line)):
        message = replace(message, reader=ENGLISH.code)
    bare, one = replace(message, note=""), room._replace(text=SMS_ALONE)
    return bare if message.leave and _has_room(bare, one) and not _has_room(message, one) else message


def _with_title(message: Message, room: Room) -> Message:
    fitting = fit(Message(message.title), lambda tried: room.count(_title(tried, room)) <= room.title)
    return replace(message, title=fitting.title)


def _has_room(message: Message, room: Room) -> bool:
    title, body = _put(message, room)
    beside = (
        room.count(title) + (AROUND_TITLE if room.form in (HTML, MARKDOWN) else 2)
        if room.title_in_text
        else 0
    )
    return beside + room.count(body) <= room.text


def _put(message: Message, room: Room) -> Written:
    write: Callable[[Message, Room], Iterable[str]] = {HTML: _html, MARKDOWN: _markdown}.get(
        room.form, _plain
    )
    paragraphs = [paragraph for paragraph in write(message, room) if paragraph]
    if room.lines:
        paragraphs = [" ".join(part.split()) for part in paragraphs[: room.lines - room.title_in_text]]
    few = room.lines and room.lines <= FEW_LINES
    between = "" if room.form == HTML else "\n" if few or room.is_sms else "\n\n"
    title, body = _title(message, room), between.join(paragraphs)
    if not body:
        title, body = "", _title(message, room._replace(title_is_marked_up=True))
    if room.is_sms:
        title, body = in_sms_letters(title), in_sms_letters(body)
    return Written(title, body)


def _title(message: Message, room: Room) -> str:
    if not room.title_is_marked_up or room.form not in (HTML, MARKDOWN):
        return led(message.title, direction(message.language, message.title))
    return escape(message.title) if room.form == HTML else _marked_down(message.title)


def _plain(message: Message, _room: Room) -> Iterable[str]:
    yield led(message.text, direction(message.language, message.text))
    yield message.link
    yield message.note
    yield _leaving(message)


def _leaving(message: Message) -> str:
    return language_of(message.reader).gettext(LEAVING, page=message.leave) if message.leave else ""


def _markdown(message: Message, room: Room) -> Iterable[str]:
    link = message.link.translate(NOT_IN_LINKS)
    yield _marked_down(led(message.text, direction(message.language, message.text)))
    yield link if room.links_by_itself or not link else f"<{link}>"
    yield _marked_down(message.note)
    if message.leave:  # in brackets, by which those who show the pages of links do not show this one
        yield _marked_down(_leaving(replace(message, leave=HERE))).replace(HERE, f"<{message.leave}>")


def _html(message: Message, room: Room) -> Iterable[str]:
    link, image = escape(message.link), escape(message.image)
    yield f'<p dir="auto">{escape(message.text)}</p>' if message.text else ""
    yield f'<p><img src="{image}" alt="" style="max-width: 100%"></p>' if image and room.shows_images else ""
    yield f'<p><a href="{link}">{link}</a></p>' if link else ""
    yield f'<p dir="auto">{escape(message.note)}</p>' if message.note else ""
    if leave := escape(message.leave):
        link = f'<a href="{leave}">{leave}</a>'
        yield f'<p dir="auto">{escape(_leaving(replace(message, leave=HERE))).replace(HERE, link)}</p>'


def _is_gsm(text: str) -> bool:
    return set(text) <= GSM | GSM_TWICE


def _marked_down(text: str) -> str:
    """Escape what Markdown reads as more than letters; and nobody is called by an @ in a headline."""
    escaped = ENTITY.sub(r"\\&", MEANS_SOMETHING.sub(r"\\\g<0>", text))
    return MENTION.sub("@\u200b", escaped)
