"""Publishers who do what nobody foresaw: their own articles arrive, and nobody else's are hindered."""

import json
import random
import zlib
from collections.abc import Iterator, Sized
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from subscriptions import settings
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.sources import add_source, pause_source
from subscriptions.tables import Article, ArticleStatus, Source, SourceStatus
from tests.builders import NOON
from tests.conftest import Clock
from tests.feed_server import FeedServer, Served, feed_server
from worker.understand.story import understand
from worker.watch.poll import poll_due

pytestmark = pytest.mark.usefixtures("db")
noise = random.Random(1)  # noqa: S311 - no secret; what no index can pack


@pytest.fixture
def publisher() -> Iterator[FeedServer]:
    """A publisher on loopback."""
    with feed_server() as running:
        yield running


def letters(count: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz0123456789") -> str:
    return "".join(noise.choices(alphabet, k=count))


def item(name: str, *, guid: str = "", link: str = "", title: str = "", date: str = "") -> str:
    date = date or format_datetime(NOON)
    return (
        f"<item><guid>{guid or name}</guid><link>{link or f'http://n.example/{name}'}</link>"
        f"<title>{title or f'Headline {name}'}</title><pubDate>{date}</pubDate></item>"
    )


def hours(count: float) -> str:
    """Write the time so many hours after noon as feeds do."""
    return format_datetime(NOON + timedelta(hours=count))


def feed_of(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Herald</title>{''.join(items)}</channel></rss>".encode()


def json_feed(*items: dict[str, object], **more: object) -> bytes:
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Herald", "items": items}
    return json.dumps(document | more).encode()


def a_watched(publisher: FeedServer, path: str, body: bytes = b"", **how: object) -> int:
    publisher.serve(path, body, **how)
    with unit_of_work() as session:
        return add_source(session, publisher.url(path)).id or 0


def the_source(number: int) -> Source:
    with reading() as session:
        return session.get_one(Source, number)


def titles(status: ArticleStatus) -> set[str]:
    with reading() as session:
        return set(session.exec(select(Article.title).where(Article.status == status)))


class Neighbours:
    """An odd source and a good one, polled together."""

    def __init__(self, publisher: FeedServer, clock: Clock) -> None:
        self.publisher, self.clock = publisher, clock

    def begin(self, baseline: bytes) -> None:
        """Take the baselines."""
        self.odd = a_watched(self.publisher, "/odd", baseline)
        self.good = a_watched(self.publisher, "/good", feed_of(item("old")))
        poll_due()

    def turn_to(self, body: bytes, **how: object) -> list[int]:
        """Let the odd one answer so, the good one bring news, and poll; the good one's news must be seen."""
        self.publisher.serve("/odd", body, **how)
        self.publisher.serve("/good", feed_of(item("fresh"), item("old")))
        self.clock.move(minutes=20)
        seen = poll_due()
        assert the_source(self.good).problem == ""
        assert "Headline fresh" in titles(ArticleStatus.seen)
        return seen


@pytest.fixture
def neighbours(publisher: FeedServer, stopped_clock: Clock) -> Neighbours:
    """Two sources that are polled together."""
    return Neighbours(publisher, stopped_clock)


OLD = feed_of(item("a"))
HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
RAW = zlib.compressobj(wbits=-15)
ODD: dict[str, tuple[bytes, dict[str, object]]] = {
    "endless guid": (feed_of(item("b", guid=letters(12_000))), {}),
    "endless link": (feed_of(item("b", link=f"http://n.example/{letters(12_000)}")), {}),
    "long link": (feed_of(item("b", guid="b", link=f"http://n.example/{letters(3_500)}")), {}),
    "half letters": (
        json_feed({"id": "b\ud800", "url": "http://n.example/\udfffb", "title": "Headline b\ud800"}),
        {},
    ),
    "zeros": (json_feed({"id": "b\0", "title": "Headline b", "language": "e\0n", "tags": ["x\0"]}), {}),
    "lists that are none": (
        json_feed({"id": "b", "title": "Headline b", "tags": 5, "authors": 3}, hubs=7),
        {},
    ),
    "numbers for texts": (json_feed({"id": 1e999, "title": "Headline b", "url": 5, "tags": [1]}), {}),
    "tag that is no text": (feed_of(item("b")), {"validators": False, "headers": {"ETag": '"\xff\xfe"'}}),
    "endless tag": (feed_of(item("b")), {"validators": False, "headers": {"ETag": f'"{letters(7000)}"'}}),
    "charset that is none": (feed_of(item("b")), {"content_type": "text/xml; charset=undefined"}),
    "deflate without its header": (
        RAW.compress(feed_of(item("b"))) + RAW.flush(),
        {"headers": {"Content-Encoding": "deflate"}},
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_brings_its_article_and_hinders_nobody(neighbours: Neighbours, name: str) -> None:
    neighbours.begin(OLD)
    body, how = ODD[name]
    assert len(neighbours.turn_to(body, **how)) == 2
    assert titles(ArticleStatus.seen) == {"Headline b", "Headline fresh"}
    neighbours.turn_to(body, **how)
    odd = the_source(neighbours.odd)
    assert (odd.failures, odd.problem) == (0, ""), "asking for changes works afterwards"


@pytest.mark.parametrize(
    "odd",
    [
        item("b", title=letters(1_000, HEBREW + "    ")),
        item("b", link=f"http://n.example/{letters(3_500)}"),
    ],
    ids=["long headline", "long link"],
)
def test_an_article_with_endless_marks_gets_its_story(neighbours: Neighbours, odd: str) -> None:
    neighbours.begin(OLD)
    seen = neighbours.turn_to(feed_of(odd))
    assert len(understand(seen)) == 2


def test_no_question_to_the_database_grows_with_the_document(neighbours: Neighbours) -> None:
    asked: list[int] = []

    def count(_connection: object, _cursor: object, text: str, values: Sized, *_: object) -> None:
        if text.startswith("SELECT"):
            asked.append(len(values))

    neighbours.begin(OLD)
    event.listen(engine(), "before_cursor_execute", count)
    many = "".join(f"<item><guid>{number}</guid><title>t{number}</title></item>" for number in range(3000))
    neighbours.turn_to(feed_of(many))
    assert "3000 articles turned new at once" in the_source(neighbours.odd).problem
    assert max(asked) < 1000, "databases take 32,766 values or 65,535 and refuse more"


def test_an_article_is_not_lost_where_another_one_has_left_its_link_to_it(neighbours: Neighbours) -> None:
    neighbours.begin(feed_of(item("a", link="http://n.example/live")))
    for order in (1, -1):
        both = [item("a", link="http://n.example/moved"), item("b", link="http://n.example/live")]
        neighbours.turn_to(feed_of(*both[::order]))
    assert "Headline b" in titles(ArticleStatus.seen)
    with reading() as session:
        stored = {row.title: row for row in session.exec(select(Article))}
    assert stored["Headline a"].link == "http://n.example/moved"
    assert {row.version for row in stored.values()} == {1}, "neither is taken for an edit of the other"


@pytest.mark.parametrize("kept", [False, True], ids=["under a new id", "under its old id"])
def test_a_new_article_with_a_known_title_stays_itself_when_most_ids_change(
    neighbours: Neighbours, *, kept: bool
) -> None:
    before = [item(f"{number}", date=hours(-6)) for number in range(12)]
    neighbours.begin(feed_of(*before))
    after = [
        item(f"{number}", guid=f"new{number}", link=f"http://n.example/archive/{number}", date=hours(-6))
        for number in range(12)
    ]
    after[3] = before[3] if kept else after[3]
    twin = item("twin", title="Headline 3", date=hours(0.3))
    neighbours.turn_to(feed_of(*after, twin))
    with reading() as session:
        same = session.exec(select(Article).where(Article.title == "Headline 3")).all()
    assert sorted(article.status for article in same) == [ArticleStatus.baseline, ArticleStatus.seen]


def test_a_date_far_in_the_future_does_not_make_later_news_look_old(neighbours: Neighbours) -> None:
    slip = item("slip", date=hours(90_000))
    neighbours.begin(feed_of(slip, *(item(f"{number}", date=hours(-6)) for number in range(20))))
    neighbours.turn_to(feed_of(*(item(f"n{number}", date=hours(0.2)) for number in range(20))))
    assert len(titles(ArticleStatus.seen)) == 21
    assert titles(ArticleStatus.held) == set()


def test_a_feed_that_was_empty_at_first_and_fills_with_old_articles_is_held(neighbours: Neighbours) -> None:
    neighbours.begin(feed_of())
    neighbours.turn_to(feed_of(*(item(f"{number}", date=hours(-6)) for number in range(12))))
    assert len(titles(ArticleStatus.held)) == 12


def test_a_feed_that_was_empty_at_first_rings_with_its_first_news(neighbours: Neighbours) -> None:
    neighbours.begin(feed_of())
    neighbours.turn_to(feed_of(item("first", date=hours(0.1))))
    assert "Headline first" in titles(ArticleStatus.seen)


def test_not_modified_to_a_first_request_is_a_failure(publisher: FeedServer, stopped_clock: Clock) -> None:
    number = a_watched(publisher, "/odd", status=304)
    poll_due()
    assert "304 Not Modified to a request that asked for everything" in the_source(number).problem


def test_a_status_nobody_knows_is_said_by_its_number(publisher: FeedServer, stopped_clock: Clock) -> None:
    number = a_watched(publisher, "/odd", status=599)
    poll_due()
    assert the_source(number).problem == "It answered 599."


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://a..b/x", "a..b is no web address."),
        ("http://[::1/x", "redirects to something that is no web address"),
        ("mailto:ann@n.example", "redirects to something that is no web address"),
        ("http://nowhere.invalid/x", "The host nowhere.invalid cannot be found."),
        ("", "redirects to something that is no web address"),
    ],
)
def test_what_is_wrong_with_a_redirect_is_said_of_where_it_leads(
    publisher: FeedServer, stopped_clock: Clock, location: str, says: str
) -> None:
    number = a_watched(publisher, "/odd", status=301, headers={"Location": location})
    poll_due()
    assert says in the_source(number).problem
    assert the_source(number).url == publisher.url("/odd")


@pytest.mark.parametrize("answer", [Served(status=404), Served(b"<html><body>Sign in</body></html>")])
def test_a_source_does_not_move_to_where_there_is_no_feed(
    publisher: FeedServer, stopped_clock: Clock, answer: Served
) -> None:
    number = a_watched(publisher, "/odd", status=301, headers={"Location": "/new"})
    publisher.pages["/new"] = answer
    poll_due()
    assert the_source(number).url == publisher.url("/odd")
    assert the_source(number).failures == 1


def test_a_source_does_not_move_to_an_endless_address_and_is_read_there(neighbours: Neighbours) -> None:
    neighbours.begin(OLD)
    path = f"/{letters(6000)}"
    neighbours.publisher.serve(path, feed_of(item("b")))
    assert len(neighbours.turn_to(b"", status=301, headers={"Location": path})) == 2
    assert the_source(neighbours.odd).url == neighbours.publisher.url("/odd")


def test_feeds_that_hang_do_not_use_up_the_time_of_others_on_their_host(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_TIMEOUT_S", "1")
    settings.settings.cache_clear()
    for number in range(2):
        a_watched(publisher, f"/hangs{number}", OLD, drip_s=1)
    good = [a_watched(publisher, f"/good{number}", feed_of(item(f"{number}"))) for number in range(6)]
    poll_due()
    assert [the_source(number).problem for number in good] == [""] * 6
    assert len(titles(ArticleStatus.baseline)) == 6


def test_a_source_that_waited_for_its_slow_host_too_long_is_left_for_the_next_poll(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    late = [a_watched(publisher, f"/feed{number}", OLD) for number in range(5)]
    real = publisher.answer

    def answer_late(handler: BaseHTTPRequestHandler, served: Served) -> None:
        stopped_clock.move(minutes=2)  # longer than any claim
        real(handler, served)

    publisher.answer = answer_late  # type: ignore[method-assign]  # the far end of the wire is ours
    poll_due()
    polled = [number for number in late if the_source(number).polled_at]
    assert len(polled) == 2, "as many as one host is asked at a time"
    publisher.answer = real  # type: ignore[method-assign]  # as above
    poll_due()
    assert all(the_source(number).polled_at for number in late)


def test_a_source_paused_while_it_is_fetched_stores_nothing_and_hinders_nobody(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    stopped = a_watched(publisher, "/stopped", feed_of(item("stopped")))
    a_watched(publisher, "/good", feed_of(item("good")))
    real = publisher.answer

    def pause_first(handler: BaseHTTPRequestHandler, served: Served) -> None:
        if handler.path == "/stopped":
            with unit_of_work() as session:
                pause_source(session, session.get_one(Source, stopped))
        real(handler, served)

    publisher.answer = pause_first  # type: ignore[method-assign]  # the far end of the wire is ours
    poll_due()
    assert titles(ArticleStatus.baseline) == {"Headline good"}
    source = the_source(stopped)
    assert (source.status, source.baseline_at, source.claimed_until) == (SourceStatus.paused, None, None)


def test_no_article_keeps_endless_tags_or_languages(neighbours: Neighbours) -> None:
    neighbours.begin(OLD)
    many = "".join(f"<category>{letters(5000)}</category>" for _ in range(150))
    odd = item("b").replace("</item>", f"<dc:language>{letters(900)}</dc:language>{many}</item>")
    neighbours.turn_to(feed_of(odd))
    with reading() as session:
        article = session.exec(select(Article).where(col(Article.title) == "Headline b")).one()
    assert (len(article.language), len(article.tags), max(map(len, article.tags))) == (35, 100, 200)
