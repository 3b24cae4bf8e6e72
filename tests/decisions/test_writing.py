"""A message as each kind of channel gets it: whole sentences, letters and links, and nothing marked up."""

import re
from dataclasses import replace
from functools import cache
from html import unescape
from typing import Any

import pytest
from apprise.common import NotifyFormat
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from wcwidth import iter_graphemes

from subscriptions.channel_kinds import allowed_kinds, plugin_class
from subscriptions.channels import read_address
from subscriptions.leave_links import PLACE
from tests.channels.addresses import ADDRESSES
from worker.push.compose import Message, note_for
from worker.push.direction import direction, led
from worker.push.measure import letters, septets, utf8, utf16, weighed
from worker.push.room import (
    COUNT,
    LESS,
    LINK_FIELDS,
    SHOW_HTML,
    SHOW_MARKDOWN,
    SMS,
    TITLE_IS_MARKED_UP,
    WITHOUT_LEAVING,
    Room,
    fields_for,
    room_of,
)
from worker.push.shorten import shorten
from worker.push.writing import written

LINK = "https://news.example/2026/11/storm_closes_the_harbour?from=alert&n=1"
TEXT = "The storm reached the coast at noon. Nobody was hurt, the mayor says. Trains stand still until noon."
STORM = Message("Storm closes the harbour", TEXT, LINK, note_for("Herald", ("Storms",)))
PLAIN, MARKDOWN, HTML = NotifyFormat.TEXT, NotifyFormat.MARKDOWN, NotifyFormat.HTML
SCRIPTS = "Ab c.נתניהו مصر 東京。กรุงเทพ é 👨‍👩‍👧 🇮🇱🇷🇺 👍🏽 *_[]()<>&#`\\ हिन्दी “”"
SEEN = some.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"))
texts = some.text(
    some.sampled_from(SCRIPTS) | some.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")),
    max_size=120,
)


LEAVE = f"https://alerts.news.example{PLACE}"
LEAVABLE = replace(STORM, leave=LEAVE)


@cache
def room(scheme: str) -> Room:
    parts: Any = read_address(ADDRESSES[scheme]).parts
    return room_of(scheme, plugin_class(scheme)(**parts))


KINDS = sorted(allowed_kinds())


@given(texts, some.integers(1, 130))
def test_a_cut_text_fits_and_has_no_part_of_a_letter(text: str, limit: int) -> None:
    cut = shorten(text, limit)
    assert len(cut) <= limit
    whole = list(iter_graphemes(text.strip()))
    kept = list(iter_graphemes(cut if cut == text.strip() else cut.removesuffix("…")))
    assert kept == whole[: len(kept)]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (TEXT, 80, "The storm reached the coast at noon. Nobody was hurt, the mayor says."),
        (TEXT, 50, "The storm reached the coast at noon."),
        (TEXT, 34, "The storm reached the coast at…"),
        ("It was Dr. No who met the U.S. president in the old harbour", 32, "It was Dr. No who met the U.S…"),
        ("They paid 3.5 million for it, said the board", 22, "They paid 3.5 million…"),
        ("東京は雨です。大阪は晴れでした。京都も晴れです", 18, "東京は雨です。大阪は晴れでした。"),
        ("東京は雨で大阪は晴れ", 6, "東京は雨で…"),
        ("He said “we are (nearly) there” again", 22, "He said “we are…"),
        ("See https://news.example/a/b/c/d/e for more", 30, "See…"),
        ("Israel 🇮🇱🇷🇺 talks", 9, "Israel…"),
        ("שלום עולם וגם לכם", 10, "שלום עולם…"),
    ],
)
def test_a_text_is_cut_by_its_meaning(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


def test_what_is_known_of_kinds_is_of_kinds_that_channels_can_have() -> None:
    tables = (SMS, SHOW_MARKDOWN, SHOW_HTML, TITLE_IS_MARKED_UP, COUNT, LESS, LINK_FIELDS, WITHOUT_LEAVING)
    assert {scheme for table in tables for scheme in table} <= set(allowed_kinds())


@example_settings(max_examples=500)
@given(some.sampled_from(KINDS), texts, texts, some.sampled_from(("", LINK)), texts)
def test_every_kind_of_channel_gets_what_it_has_room_for(
    scheme: str, title: str, text: str, link: str, note: str
) -> None:
    has = room(scheme)
    sent = written(Message(title * 3 or "Storm", text * 9, link, note), has)
    assert sent.title or sent.body
    assert has.count(sent.body) + has.title_in_text * has.count(sent.title) <= has.text
    assert has.title_in_text or has.count(sent.title) <= has.title
    assert not has.lines or sent.body.count("\n") < has.lines


@pytest.mark.parametrize("scheme", KINDS)
def test_a_link_stays_whole_or_goes(scheme: str) -> None:
    body = written(STORM, room(scheme)).body
    found = unescape(body) if room(scheme).form == HTML else body
    assert LINK in found or "https" not in found
    assert LINK in found or room(scheme).text < 100


@pytest.mark.parametrize("room", [Room(PLAIN, 60, 160), Room(PLAIN, 0, 184, title_in_text=True)])
def test_the_text_gives_way_before_the_note_and_the_title(room: Room) -> None:
    title, body = written(STORM, room)
    assert (title, LINK in body, STORM.note in body) == (STORM.title, True, True)
    assert TEXT not in body
    assert "The storm" in body


def test_where_there_is_room_for_two_lines_they_are_the_text_and_the_link() -> None:
    assert written(STORM, Room(PLAIN, 250, 5000, lines=2)).body.splitlines() == [TEXT, LINK]


def test_a_pager_gets_the_headline_without_its_link() -> None:
    assert written(STORM, Room(PLAIN, 0, 67, title_in_text=True)) == ("", STORM.title)


@pytest.mark.parametrize("scheme", sorted(set(KINDS) - WITHOUT_LEAVING))
def test_every_message_that_people_read_says_how_to_leave_where_the_news_leaves_room(scheme: str) -> None:
    has = room(scheme)
    body = _as_seen(written(LEAVABLE, has).body, has)
    assert LINK in body
    news = f"{STORM.title}{LINK}Settings or leave: {LEAVE}"
    assert f"Settings or leave: {LEAVE}" in body or has.count(news) > has.text


@pytest.mark.parametrize("scheme", sorted(WITHOUT_LEAVING))
def test_programs_screens_and_public_posts_are_told_nothing_of_leaving(scheme: str) -> None:
    assert written(LEAVABLE, room(scheme)) == written(STORM, room(scheme))


def test_the_way_to_leave_outlasts_text_and_note_and_never_costs_the_news() -> None:
    def body(text: int) -> str:
        return written(LEAVABLE, Room(PLAIN, 60, text)).body

    line = f"Settings or leave: {LEAVE}"
    assert body(5000) == f"{TEXT}\n\n{LINK}\n\n{STORM.note}\n\n{line}"
    assert body(len(LINK) + len(line) + 2) == f"{LINK}\n\n{line}"
    assert body(len(LINK) + len(line) + 1) == LINK


@example_settings(max_examples=200)
@given(some.sampled_from(sorted(set(KINDS) - WITHOUT_LEAVING)), texts, texts)
def test_the_way_to_leave_cuts_no_headline_and_no_link(scheme: str, title: str, text: str) -> None:
    has = room(scheme)
    storm = Message(title * 2 or "Storm", text * 9, LINK, STORM.note)
    plain, leavable = written(storm, has), written(replace(storm, leave=LEAVE), has)
    assert leavable.title == plain.title
    assert LINK in _as_seen(leavable.body, has) or LINK not in _as_seen(plain.body, has)
    assert has.count(leavable.body) + has.title_in_text * has.count(leavable.title) <= has.text


def test_an_sms_of_one_part_says_how_to_leave_rather_than_who_reports_it() -> None:
    short = replace(
        LEAVABLE, title="Storm closes the harbour until noon today", link="https://news.example/a/17"
    )
    title, body = written(short, room("bulksms"))
    assert body == f"{short.link}\nSettings or leave: {LEAVE}"
    assert septets(f"{title}\n{body}") <= 160
    long = replace(LEAVABLE, title="Storm closes the harbour and all the roads that lead to it")
    assert STORM.note.replace("·", "-") in written(long, room("bulksms")).body, (
        "of two parts nothing is saved"
    )


def test_words_of_ours_make_no_sms_twice_as_long() -> None:
    body = written(replace(LEAVABLE, reader="he"), room("bulksms")).body
    assert f"Settings or leave: {LEAVE}" in body
    body = written(replace(LEAVABLE, reader="he", title="סערה סוגרת את הנמל", link=""), room("bulksms")).body
    assert f"הגדרות או ביטול: {LEAVE}" in body


def test_a_chat_shows_no_page_of_ours_below_a_message() -> None:
    assert f"Settings or leave: <{LEAVE}>" in written(LEAVABLE, room("discord")).body


def _as_seen(body: str, has: Room) -> str:
    if has.form == HTML:
        return unescape(re.sub(r"<[^>]+>", "", body))
    return body.replace(f"<{LEAVE}>", LEAVE)


UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f"))
EVIL = "Deal *off*: [click](http://evil.example) <b>x</b> &amp; `co` _u_ ~~no~~\n# 1. ||a||"


@given(texts.filter(str.strip) | some.just(EVIL))
def test_markdown_shows_a_headline_as_it_is_written(headline: str) -> None:
    line = " ".join(headline.split())
    (_open, inline, _close) = (
        MarkdownIt("commonmark")
        .enable("strikethrough")
        .parse(written(Message("", line), Room(MARKDOWN, 250, 5000)).body)
    )
    parts = inline.children or []
    assert {part.type for part in parts} <= {"text", "text_special"}
    assert "".join(part.content for part in parts).translate(UNSEEN) == line.translate(UNSEEN)


def test_html_shows_a_headline_as_it_is_written() -> None:
    title, body = written(
        Message(EVIL, EVIL, LINK), Room(HTML, 0, 5000, title_in_text=True, title_is_marked_up=True)
    )
    assert "<b>" not in title + body
    assert unescape(title) == EVIL
    assert f'<a href="{LINK.replace("&", "&amp;")}">' in body


def test_a_headline_that_is_all_there_is_becomes_the_text_and_is_shown_as_it_is_written() -> None:
    assert written(Message("<b>Storm</b>"), Room(HTML, 250, 5000)) == ("", "&lt;b&gt;Storm&lt;/b&gt;")
    assert written(Message("*Storm*"), Room(MARKDOWN, 250, 5000)) == ("", r"\*Storm\*")
    assert written(Message("*Storm*"), Room(PLAIN, 250, 5000)) == ("", "*Storm*")


def test_a_link_cannot_end_its_markup() -> None:
    message = Message("Storm", "", "https://n.example/a>b c")
    assert written(message, Room(MARKDOWN, 250, 5000)).body == "<https://n.example/a%3Eb%20c>"


@pytest.mark.parametrize("scheme", ["discord", "guilded"])
def test_a_headline_calls_nobody_in_a_chat(scheme: str) -> None:
    title, _body = written(Message("Ask @everyone", "x"), room(scheme))
    assert "@everyone" not in title


def test_an_sms_has_headline_link_and_note_in_letters_of_an_sms() -> None:
    storm = Message("“Storm” – the harbour’s closed…", TEXT, LINK, note_for("Herald", ("Storms",)))
    title, body = written(storm, room("bulksms"))
    assert title == '"Storm" - the harbour\'s closed...'
    assert body == f"{LINK}\nHerald - You follow Storms."
    assert septets(title + body) == len(title + body)


@pytest.mark.parametrize(
    ("count", "text", "expected"),
    [
        (letters, "a👍", 2),
        (utf16, "a👍", 3),
        (utf8, "aé👍", 7),
        (septets, "a" * 160, 160),
        (septets, "€[", 4),
        (septets, "ש" * 134, 306),
        (weighed, "a東👍", 5),
    ],
)
def test_each_service_counts_in_its_own_way(count: Any, text: str, expected: int) -> None:
    assert count(text) == expected


def test_a_link_goes_where_a_tap_opens_it_unless_the_address_says_what_to_open() -> None:
    picture = Message("Storm", "", LINK, image="https://news.example/a.jpg")
    assert fields_for("ntfys", {}, picture) == {"click": LINK, "attach": picture.image}
    assert fields_for("pover", {}, picture) == {"supplemental_url": LINK}
    assert fields_for("ntfys", {"click": "https://desk.example"}, picture) == {}
    assert fields_for("json", {}, picture) == {}


def test_a_hebrew_headline_that_begins_with_a_latin_name_runs_from_the_right() -> None:
    room = Room(PLAIN, 250, 5000)
    title, body = written(Message("NATO: הפסקת אש", "NATO הודיעה", LINK, language="he"), room)
    assert (title[0], body[0]) == ("\u200f", "\u200f")
    assert LINK in body.split("\n\n")
    assert direction("", title) == "rtl"


def test_a_line_of_one_direction_gets_no_mark() -> None:
    assert led("Storm", "ltr") == "Storm"
    assert led("הפסקת אש", "rtl") == "הפסקת אש"
    assert led("12:30", "rtl") == "12:30"


def test_a_hebrew_topic_does_not_turn_an_english_note_about() -> None:
    assert note_for("Herald", ("ישראל", "Storms")) == "Herald · You follow \u2068ישראל\u2069 and Storms."
