"""`tocsin sources preview|add|import|export`: a feed is looked at before it is stored; lists of feeds."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from subscriptions.database import reading
from subscriptions.tables import Source
from tests.commands import a_sentence, done, tocsin
from tests.postgres import free_port

FEED = """<rss version="2.0"><channel><title>Island Herald</title><link>https://news.example/</link>
<language>en-GB</language>
<item><guid>g1</guid><title>Storm closes the harbour</title><link>https://news.example/1</link>
<description>Nobody was hurt.</description><category>Weather</category>
<pubDate>Mon, 02 Mar 2026 14:00:00 +0200</pubDate></item>
<item><guid>g2</guid><title>A library opens</title><link>https://news.example/2</link></item>
</channel></rss>"""
PAGE = "<!DOCTYPE html><html><head><title>News</title></head><body><p>No feed here.</p></body></html>"


@pytest.fixture
def site() -> Iterator[str]:
    """A loopback web site with a feed, a page that is none, and a 404 for all else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = {"/feed": FEED, "/page": PAGE}.get(self.path)
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "text/html" if document == PAGE else "application/rss+xml")
            self.end_headers()
            self.wfile.write((document or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_document_is_one_line_with_its_articles_in_order(data_dir: Path) -> None:
    Path("feed.xml").write_text(FEED)
    (line,) = done("sources", "preview", "feed.xml", "--json").lines
    first, second = line.pop("articles")
    assert line == {
        "source": "feed.xml",
        "error": None,
        "feed": {"title": "Island Herald", "link": "https://news.example/"},
    }
    assert first == {
        "id": "g1",
        "link": "https://news.example/1",
        "title": "Storm closes the harbour",
        "published": "2026-03-02T12:00:00Z",
        "summary": "Nobody was hurt.",
        "language": "en-GB",
        "tags": ["Weather"],
    }
    assert (second["id"], second["published"], second["tags"]) == ("g2", None, [])
    assert not data_dir.exists()


def test_a_broken_document_has_its_line_and_the_rest_goes_on(site: str) -> None:
    Path("feed.xml").write_text(FEED)
    Path("empty.xml").write_text("")
    answer = tocsin("sources", "preview", "none.xml", "empty.xml", f"{site}/page", "feed.xml", "--json")
    assert answer.code == 1
    assert [bool(line["error"]) for line in answer.lines] == [True, True, True, False]
    assert [line["feed"] is None for line in answer.lines] == [True, True, True, False]
    assert "none.xml" in answer.lines[0]["error"]


def test_people_see_a_table_of_the_articles(site: str) -> None:
    answer = done("sources", "preview", f"{site}/feed")
    assert "Island Herald: 2 articles" in answer.out
    assert "Storm closes the harbour" in answer.out


def test_adding_reads_the_feed_and_takes_its_name(db: str, site: str) -> None:
    answer = done("sources", "add", f"{site}/feed")
    assert "Island Herald. It holds 2 articles now, which will not ring." in answer.out
    (source,) = done("sources", "list", "--json").json
    assert (source["title"], source["language"], source["status"]) == ("Island Herald", "en-GB", "live")
    again = tocsin("sources", "add", f"{site}/feed")
    assert again.code == 2
    assert "already" in again.err


def test_what_is_no_feed_or_not_there_is_not_stored_unless_one_insists(db: str, site: str) -> None:
    dead = f"http://127.0.0.1:{free_port()}/feed"
    for url, named in ((f"{site}/page", "HTML"), (f"{site}/none", "404"), (dead, "127.0.0.1")):
        answer = tocsin("sources", "add", url)
        assert (answer.code, a_sentence(answer)) == (2, True)
        assert named in answer.err
        assert "--unread" in answer.err
    with reading() as session:
        assert session.get(Source, 1) is None
    done("sources", "add", dead, "--unread")


def test_a_password_in_an_address_is_not_shown(db: str) -> None:
    answer = tocsin("sources", "add", f"http://ann:hunter2@127.0.0.1:{free_port()}/feed")
    assert answer.code == 2
    assert "hunter2" not in answer.err


OPML = """<opml><body><outline text="One" xmlUrl="https://one.example/feed?a=1&b=2"/>
<outline text="Two" xmlUrl="https://two.example/feed"/>
<outline text="Files" xmlUrl="ftp://three.example/feed"/></body></opml>"""


def test_a_list_is_imported_and_says_what_was_added_known_or_refused(db: str) -> None:
    Path("feeds.opml").write_text(OPML)
    done("sources", "add", "https://two.example/feed", "--unread")
    answer = done("sources", "import", "feeds.opml")
    assert "Added 1, known already 1, refused 1." in answer.out
    assert answer.err.startswith("Refused ftp://three.example/feed: ")
    assert done("sources", "import", "feeds.opml", "--json").json["known"] == [
        "https://one.example/feed?a=1&b=2",
        "https://two.example/feed",
    ]


def test_a_file_that_names_no_feed_adds_nothing(db: str) -> None:
    Path("page.html").write_text(PAGE)
    answer = tocsin("sources", "import", "page.html")
    assert (answer.code, a_sentence(answer)) == (2, True)
    assert "page.html" in answer.err


def test_what_is_exported_can_be_imported_elsewhere(db: str) -> None:
    done("sources", "add", "https://one.example/feed?a=1&b=2", "--unread", "--title", "One & only")
    done("sources", "export", "list.opml")
    done("sources", "remove", "1", "--yes")
    done("sources", "import", "list.opml")
    (source,) = done("sources", "list", "--json").json
    assert (source["title"], source["url"]) == ("One & only", "https://one.example/feed?a=1&b=2")
    assert done("sources", "export").out == Path("list.opml").read_text()
