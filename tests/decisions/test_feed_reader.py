"""Reading feeds: every format, well and badly written; all documents here are made up."""

from datetime import UTC, datetime

import pytest

from worker.watch.feed import Feed, Item, NotAFeed
from worker.watch.wire import read_feed

RSS = """<rss version="{version}"><channel><title>Island Herald</title><link>http://herald.example/</link>
<language>en-GB</language><item><title>Storm closes harbour</title><link>http://herald.example/storm</link>
<description>Nobody was hurt.</description>{more}</item></channel></rss>"""

ATOM = """<feed xmlns="{space}" xml:lang="en"><title>Island Herald</title><link href="http://herald.example/"/>
<entry><id>tag:herald.example,2026:1</id><title>Storm closes harbour</title>
<link rel="alternate" href="http://herald.example/storm"/>
<link rel="enclosure" href="http://herald.example/a.mp3"/>
<published>2026-03-02T12:00:00Z</published><updated>2026-03-02T12:30:00+01:00</updated>
<summary>Nobody was hurt.</summary><category term="weather"/></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://herald.example/">
<title>Island Herald</title><link>http://herald.example/</link></channel><item rdf:about="http://herald.example/storm">
<title>Storm closes harbour</title><link>http://herald.example/storm</link>
<description>Nobody was hurt.</description><dc:date>2026-03-02T12:00:00Z</dc:date></item></rdf:RDF>"""

JSON = """{"version": "https://jsonfeed.org/version/1%s", "title": "Island Herald",
"home_page_url": "http://herald.example/", "language": "en", "items": [{"id": 1, "url": "http://herald.example/storm",
"title": "Storm closes harbour", "summary": "Nobody was hurt.", "date_published": "2026-03-02T12:00:00Z",
"tags": ["weather"]}]}"""

EVERY_FORMAT = {
    **{f"RSS {version}": RSS.format(version=version, more="") for version in ("0.91", "0.92", "2.0")},
    "RSS 1.0": RDF,
    "Atom 1.0": ATOM.format(space="http://www.w3.org/2005/Atom"),
    "Atom 0.3": ATOM.format(space="http://purl.org/atom/ns#"),
    "JSON Feed 1": JSON % "",
    "JSON Feed 1.1": JSON % ".1",
}


def read(document: str, **how: str) -> Feed:
    return read_feed(document.encode(), url="http://herald.example/feed", **how)


def an_item(more: str = "", title: str = "Storm closes harbour") -> Item:
    return read(RSS.format(version="2.0", more=more).replace("Storm closes harbour", title)).items[0]


@pytest.mark.parametrize("name", EVERY_FORMAT)
def test_every_format_says_the_same(name: str) -> None:
    feed = read(EVERY_FORMAT[name])
    (item,) = feed.items
    assert (feed.title, feed.link) == ("Island Herald", "http://herald.example/")
    assert item.title == "Storm closes harbour"
    assert item.link == "http://herald.example/storm"
    assert item.summary == "Nobody was hurt."


@pytest.mark.parametrize("name", ["RSS 1.0", "Atom 1.0", "JSON Feed 1.1"])
def test_dates_are_instants_in_utc(name: str) -> None:
    assert read(EVERY_FORMAT[name]).items[0].published == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("Mon, 02 Mar 2026 12:00:00 GMT", 12),
        ("Mon, 2 Mar 2026 12:00 +0100", 11),
        ("02 Mar 26 07:00:00 EST", 12),
        ("2026-03-02T12:00:00.123+02:00", 10),
        ("2026-03-02 12:00:00", 12),
        ("Monday, March 2, 2026 12:00 PM", 12),
        ("March 2, 2026 7:00 AM EST", 12),
        ("March 2, 2026 2:00 PM +02:00", 12),
        ("March 2, 2026 12:00 PM XQZ", 12),
    ],
)
def test_dates_are_read_however_they_are_written(written: str, hour: int) -> None:
    published = an_item(f"<pubDate>{written}</pubDate>").published
    assert published is not None
    assert published.replace(microsecond=0) == datetime(2026, 3, 2, hour, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "Mon, 99 Mar 2026 12:00:00 GMT", "0000-00-00", "1e400"])
def test_a_date_that_is_none_is_left_out(written: str) -> None:
    assert an_item(f"<pubDate>{written}</pubDate>").published is None


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Ships &amp;amp; storms", "Ships & storms"),
        ("&lt;b&gt;Ships&lt;/b&gt; and storms", "Ships and storms"),
        ("<![CDATA[Ships <i>and</i> storms]]>", "Ships and storms"),
        ("  Ships\n  and   storms ", "Ships and storms"),
        ("Ships &nbsp; storms&hellip;", "Ships storms…"),
        ("3 &lt; 4 and 5 &gt; 4", "3 < 4 and 5 > 4"),
    ],
)
def test_titles_are_plain_text(written: str, title: str) -> None:
    assert an_item(title=written).title == title


@pytest.mark.parametrize(
    ("category", "tags"),
    [
        ("<category>Sport</category>", ("Sport",)),
        ("<category>medtop:15000000</category>", ("medtop:15000000",)),
        ("<category>20260302</category>", ("20260302",)),
        (
            '<category domain="http://cv.iptc.org/newscodes/mediatopic/">15000000</category>',
            ("medtop:15000000",),
        ),
        ('<category domain="medtop">15000000</category>', ("medtop:15000000",)),
        (
            (
                '<a:category xmlns:a="http://www.w3.org/2005/Atom" label="Sport" term="15000000" '
                'scheme="http://cv.iptc.org/newscodes/mediatopic"/>'
            ),
            ("Sport", "medtop:15000000"),
        ),
        (
            (
                '<d:subject xmlns:d="http://purl.org/dc/elements/1.1/">'
                "http://cv.iptc.org/newscodes/mediatopic/15000000</d:subject>"
            ),
            ("medtop:15000000",),
        ),
    ],
)
def test_a_category_keeps_its_words_and_its_media_topic(category: str, tags: tuple[str, ...]) -> None:
    assert an_item(category).tags == tags


def test_scripts_and_styles_of_a_summary_are_not_text() -> None:
    item = read(
        RSS.format(version="2.0", more="").replace(
            "Nobody was hurt.",
            "&lt;p&gt;Nobody &lt;b&gt;was&lt;/b&gt; hurt.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        )
    ).items[0]
    assert item.summary == "Nobody was hurt."
    assert "script" not in item.summary_markup


@pytest.mark.parametrize(
    ("base", "href", "link"),
    [
        ("", "/storm", "http://herald.example/storm"),
        ('xml:base="http://other.example/news/"', "storm", "http://other.example/news/storm"),
        ("", "javascript:alert(1)", ""),
    ],
)
def test_links_are_absolute_web_addresses_or_none(base: str, href: str, link: str) -> None:
    document = ATOM.format(space="http://www.w3.org/2005/Atom").replace("<entry>", f"<entry {base}>")
    assert read(document.replace("http://herald.example/storm", href)).items[0].link == link


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-8", "windows-1255"])
def test_the_encoding_a_document_declares_is_used(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + RSS.format(version="2.0", more="")
    document = text.replace("Storm closes harbour", "סערה סוגרת את הנמל").encode(encoding)
    assert read_feed(document).items[0].title == "סערה סוגרת את הנמל"


def test_a_wrong_declaration_does_not_spoil_the_text() -> None:
    text = '<?xml version="1.0" encoding="us-ascii"?>' + RSS.format(version="2.0", more="")
    assert read(text.replace("Storm", "Štorm")).items[0].title == "Štorm closes harbour"


def test_the_servers_charset_counts_where_the_document_says_nothing() -> None:
    document = RSS.format(version="2.0", more="").replace("Storm", "Orkán").encode("iso-8859-2")
    read_so = read_feed(document, content_type="application/rss+xml; charset=iso-8859-2")
    assert read_so.items[0].title == "Orkán closes harbour"


def test_what_was_read_before_a_document_breaks_off_is_kept() -> None:
    whole = RSS.format(version="2.0", more="")
    two = whole.replace(
        "</channel>", "<item><title>Second</title><link>http://herald.example/2</link></item>"
    )
    cut = two[: two.index("</title><link>http://herald.example/2")]
    assert [item.title for item in read(cut).items][:1] == ["Storm closes harbour"]


def test_the_order_is_the_documents() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(50))
    feed = read(f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>")
    assert [item.title for item in feed.items] == [str(number) for number in range(50)]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"<html><body>Sign in</body></html>", "HTML"),
        (b"<!DOCTYPE html><title>403</title>", "HTML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"{}", "JSON"),
        (b"[1, 2", "JSON"),
        (b"hello", "feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "feed"),
        (b"<rss", "feed"),
    ],
)
def test_what_is_no_feed_is_said_in_one_sentence(document: bytes, says: str) -> None:
    with pytest.raises(NotAFeed, match=r"\.$") as caught:
        read_feed(document)
    assert says.lower() in str(caught.value).lower()
    assert str(caught.value).count("\n") == 0


BILLION_LAUGHS = (
    "<!DOCTYPE rss [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(20))
    + "]><rss version='2.0'><channel><title>t</title><item><title>&u;</title></item></channel></rss>"
)
EXTERNAL = (
    "<!DOCTYPE rss [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    "<rss version='2.0'><channel><title>t</title><item><title>&e;</title></item></channel></rss>"
)


def titles(document: str) -> str:
    try:
        return " ".join(item.title for item in read(document).items)
    except NotAFeed:
        return ""


def test_entities_do_not_multiply_and_files_are_not_read() -> None:
    assert len(titles(BILLION_LAUGHS)) < 1000
    assert "root:" not in titles(EXTERNAL)


def test_a_hundred_thousand_nested_elements_do_no_harm() -> None:
    deep = "<b>" * 100_000
    assert len(titles(f"<rss version='2.0'><channel><title>t</title><item><title>{deep}")) < 1000


def test_json_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(NotAFeed):
        read('{"version": ' + "[" * 100_000)
