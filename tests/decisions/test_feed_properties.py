"""Whatever bytes a publisher sends, they are read as a feed of clean items or refused in a sentence."""

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.watch.dates import read_date
from worker.watch.feed import Feed, NotAFeed
from worker.watch.fetch import LONGEST_WAIT_S, retry_after_s
from worker.watch.plain import plain, web_link
from worker.watch.wire import read_feed

BEGIN = "<rss version='2.0'><channel><title>Herald</title><item><guid>1</guid><link>http://n.example/1</link>"
PIECES = st.sampled_from(
    """<item> </item> <title> </title> <![CDATA[ ]]> <!-- --> & &amp; &nbsp; &#x0; &#xD800; &#99999999; < >
    <link>javascript:alert(1)</link> <link/href='/x'/> <pubDate>1</pubDate> <guid/isPermaLink='false'> </guid>
    <a:b/xmlns:a=' '> <?x ?> <!DOCTYPE/x[ <html> </channel></rss> /xml:base='//'> \u202e סערה \0
    """.replace("/href", " href")
    .replace("/is", " is")
    .replace("/xm", " xm")
    .replace("E/x", "E x")
    .split()
)
CHARSETS = st.sampled_from(
    ["", "utf-8", "utf-16", "punycode", "idna", "undefined", "unicode_escape", "utf-7", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800\0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["id", "url", "title", "summary", "content_html", "tags", "authors", "author", "language"]
)
DATES = st.sampled_from(["date_published", "date_modified", "image", "external_url"])


def check(document: bytes, content_type: str = "") -> None:
    read = read_or_refuse(document, content_type)
    if isinstance(read, Feed):
        check_clean(read)
    else:
        assert read.endswith(".")
        assert "\n" not in read


def read_or_refuse(document: bytes, content_type: str = "") -> Feed | str:
    try:
        return read_feed(document, url="http://n.example/feed", content_type=content_type)
    except NotAFeed as problem:
        return str(problem)


def check_clean(feed: Feed) -> None:
    for item in feed.items:
        assert item.title == " ".join(item.title.split())
        assert item.link == "" or item.link.startswith(("http://", "https://"))
        assert item.published is None or item.published.tzinfo == UTC
        for text in (feed.title, item.id, item.title, item.summary, item.body, item.language, *item.tags):
            assert "\0" not in text
            text.encode()  # no half letters, which no database takes


@given(st.lists(PIECES | st.text(max_size=5), max_size=25))
def test_broken_xml_is_read_clean_or_refused(pieces: list[str]) -> None:
    check((BEGIN + "".join(pieces)).encode("utf-8", "replace"))


@given(st.binary(max_size=200), CHARSETS)
def test_any_bytes_after_a_feed_has_begun_are_read_clean_or_refused(noise: bytes, charset: str) -> None:
    check(BEGIN.encode() + noise, f"text/xml; charset={charset}")
    check(noise, f"text/xml; charset={charset}")


@given(st.lists(st.dictionaries(NAMES | DATES, VALUES), max_size=3), st.dictionaries(NAMES, VALUES))
def test_json_of_wrong_kinds_is_read_clean_or_refused(
    items: list[dict[str, object]], more: dict[str, object]
) -> None:
    version = {"version": "https://jsonfeed.org/version/1.1", "items": items, "hubs": more.get("tags")}
    check(json.dumps(more | version).encode())


def test_wherever_a_document_breaks_off_no_half_item_is_made_of_it() -> None:
    whole = f"{BEGIN}<title>Storm closes harbour</title></item><item><guid>2</guid><title>Ships wait</title>"
    document = f"{whole}<link>http://n.example/2</link></item></channel></rss>".encode()
    counts = []
    for end in range(len(document) + 1):
        read = read_or_refuse(document[:end])
        titles = [item.title for item in read.items] if isinstance(read, Feed) else []
        assert titles == ["Storm closes harbour", "Ships wait"][: len(titles)]
        counts.append(len(titles))
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 2)


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2099, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones are given


@given(INSTANTS)
def test_a_date_that_is_written_is_the_instant_that_is_read(instant: datetime) -> None:
    instant = instant.replace(microsecond=0)
    assert read_date(instant.isoformat()) == instant
    assert read_date(format_datetime(instant)) == instant


@given(st.text(max_size=90) | st.from_regex(r"[0-9TZ:+ .,/-]{1,60}", fullmatch=True))
def test_any_text_is_an_instant_in_utc_or_no_date(text: str) -> None:
    found = read_date(text)
    assert found is None or found.utcoffset() == timedelta(0)


@given(st.lists(PIECES | st.text(max_size=8)).map("".join))
def test_plain_text_is_one_line_without_controls(text: str) -> None:
    read = plain(text)
    assert read == " ".join(read.split())
    assert not any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in read)


@given(st.text(max_size=60) | st.text("ahtps:/.@?#[]%\\ ", max_size=40))
def test_any_link_is_an_absolute_web_address_or_none(link: str) -> None:
    found = web_link(link, "http://n.example/a/b")
    assert found == "" or found.lower().startswith(("http://", "https://"))


@given(st.text(max_size=40) | st.integers(-10, 10**12).map(str))
def test_any_retry_after_is_a_wait_of_at_most_a_day_or_none(header: str) -> None:
    wait = retry_after_s(header, datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert wait is None or 0 <= wait <= LONGEST_WAIT_S


@pytest.mark.parametrize("charset", ["punycode", "idna", "undefined", "unicode_escape"])
def test_a_codec_that_is_no_charset_is_not_used(charset: str) -> None:
    document = f"{BEGIN}<title>Sturm auf Sylt \\u0041 für alle</title></item></channel></rss>"
    (item,) = read_feed(document.encode(), content_type=f"text/xml; charset={charset}").items
    assert item.title == "Sturm auf Sylt \\u0041 für alle"
