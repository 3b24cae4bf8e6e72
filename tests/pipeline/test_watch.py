"""Watching: what is fetched, how politely, and which articles come of it."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from subscriptions import settings
from subscriptions.articles import release_held
from subscriptions.database import reading, unit_of_work
from subscriptions.sources import add_source
from subscriptions.tables import Article, ArticleStatus, ArticleVersion, Source, SourceStatus
from tests.builders import NOON
from tests.conftest import Clock
from tests.feed_server import FeedServer, feed_server
from worker.watch import poll
from worker.watch.poll import poll_due

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def publisher() -> Iterator[FeedServer]:
    """A publisher on loopback."""
    with feed_server() as running:
        yield running


def item(number: int, title: str = "", *, guid: str = "", link: str = "", hours_old: float = 0) -> str:
    published = format_datetime(NOON - timedelta(hours=hours_old))
    return (
        f"<item><guid>{guid or number}</guid><title>{title or f'Headline {number}'}</title>"
        f"<link>{link or f'http://n.example/{number}'}</link><pubDate>{published}</pubDate></item>"
    )


def feed_of(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Herald</title>{''.join(items)}</channel></rss>".encode()


def a_watched(publisher: FeedServer, path: str = "/feed", **values: Any) -> int:
    """A source of the publisher, added as an admin does; gives its id."""
    with unit_of_work() as session:
        return add_source(session, publisher.url(path), **values).id or 0


def the_source(number: int) -> Source:
    with reading() as session:
        return session.get_one(Source, number)


def articles(status: ArticleStatus | None = None) -> list[Article]:
    with reading() as session:
        rows = session.exec(select(Article).order_by(col(Article.id))).all()
        return [row for row in rows if status is None or row.status == status]


def poll_again(clock: Clock, **by: float) -> list[int]:
    """Let time pass until every source is due, and poll."""
    clock.move(**(by or {"minutes": 20}))
    return poll_due()


def test_the_first_poll_is_a_baseline_and_what_comes_after_is_seen(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1), item(2)))
    assert poll_due() == []
    publisher.serve("/feed", feed_of(item(3), item(1), item(2)))
    seen = poll_again(stopped_clock)
    assert [article.title for article in articles(ArticleStatus.baseline)] == ["Headline 1", "Headline 2"]
    assert [article.title for article in articles(ArticleStatus.seen)] == ["Headline 3"]
    assert seen == [article.id for article in articles(ArticleStatus.seen)]
    assert the_source(number).title == "Herald"


def test_a_source_is_polled_when_it_is_due_and_not_before(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    a_watched(publisher, interval_s=60)
    publisher.serve("/feed", feed_of(item(1)))
    for _ in range(3):
        poll_due()
    assert publisher.polls("/feed") == 1
    poll_again(stopped_clock, seconds=59)
    assert publisher.polls("/feed") == 1
    poll_again(stopped_clock, seconds=10)
    assert publisher.polls("/feed") == 2


def test_what_has_not_changed_is_not_sent_again(publisher: FeedServer, stopped_clock: Clock) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)), headers={"Last-Modified": "Mon, 02 Mar 2026 11:00:00 GMT"})
    poll_due()
    poll_again(stopped_clock)
    assert publisher.answered("/feed") == [200, 304]
    asked = publisher.requests[1][1]
    assert asked["if-none-match"] == the_source(number).etag
    assert asked["if-modified-since"] == "Mon, 02 Mar 2026 11:00:00 GMT"
    assert the_source(number).problem == ""


def test_validators_are_stored_with_the_articles_or_not_at_all(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)))
    poll_due()
    before = the_source(number).etag
    publisher.serve("/feed", feed_of(item(2), item(1)))

    def crash(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(poll, "_note_success", crash)
        with pytest.raises(OperationalError):
            poll_again(stopped_clock)
    assert the_source(number).etag == before
    assert len(articles()) == 1
    assert len(poll_again(stopped_clock)) == 1, "the new article is not lost"


def test_a_poll_that_died_is_made_again_when_its_claim_ends(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)))
    poll._claim()
    assert poll_due() == []
    assert publisher.polls("/feed") == 0
    poll_again(stopped_clock, seconds=61)
    assert publisher.polls("/feed") == 1


def test_it_says_who_it_is_and_what_it_can_read(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    poll_due()
    headers = publisher.requests[0][1]
    assert headers["user-agent"].startswith("Tocsin/")
    assert "http" in headers["user-agent"]
    assert {"gzip", "deflate"} <= {name.strip() for name in headers["accept-encoding"].split(",")}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_packed_documents_are_unpacked(publisher: FeedServer, stopped_clock: Clock, encoding: str) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)), encoding=encoding)
    poll_due()
    assert len(articles()) == 1


@pytest.mark.parametrize(("status", "moves"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_permanent_redirect_updates_the_source_and_a_temporary_one_does_not(
    publisher: FeedServer, stopped_clock: Clock, status: int, *, moves: bool
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", status=status, headers={"Location": "/new"})
    publisher.serve("/new", feed_of(item(1)))
    poll_due()
    assert len(articles()) == 1
    assert the_source(number).url == publisher.url("/new" if moves else "/feed")


def test_a_permanent_redirect_behind_a_temporary_one_does_not_move_the_source(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", status=302, headers={"Location": "/hop"})
    publisher.serve("/hop", status=301, headers={"Location": "/new"})
    publisher.serve("/new", feed_of(item(1)))
    poll_due()
    assert the_source(number).url == publisher.url("/feed")


def test_a_publisher_on_the_internet_cannot_lead_us_into_a_private_network(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with feed_server() as inside:
        inside.serve("/feed", feed_of(item(1)))
        publisher.serve("/feed", status=301, headers={"Location": inside.url("/feed")})
        number = a_watched(publisher)
        private = urlsplit(inside.url("")).port
        monkeypatch.setattr("worker.guard.is_public", lambda place: place[1] != private)
        assert poll_due() == []
        assert the_source(number).problem.startswith("It redirects into a private network: if that is meant")
        assert the_source(number).url == publisher.url("/feed")
        assert inside.polls("/feed") == 0


def test_an_admin_may_watch_a_source_in_a_private_network_wherever_it_leads(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    publisher.serve("/feed", status=302, headers={"Location": publisher.url("/elsewhere")})
    publisher.serve("/elsewhere", feed_of(item(1)))
    number = a_watched(publisher)
    poll_due()
    assert (the_source(number).problem, len(articles())) == ("", 1)


def test_a_redirect_to_another_sources_address_does_not_merge_them(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    number = a_watched(publisher)
    a_watched(publisher, "/new")
    publisher.serve("/feed", status=301, headers={"Location": "/new"})
    publisher.serve("/new", feed_of(item(1)))
    poll_due()
    assert the_source(number).url == publisher.url("/feed")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "not found": ({"status": 404}, "It answered 404"),
    "forbidden": ({"status": 403}, "It answered 403"),
    "broken": ({"status": 500}, "It answered 500"),
    "a page": ({"body": b"<!doctype html><html><body>Hello</body></html>"}, "HTML"),
    "empty": ({"body": b""}, "The document is empty."),
    "too large": ({"body": b"<rss>" + b"x" * 300_000}, "larger than"),
    "a bomb": ({"body": b"<rss>" + b" " * 50_000_000, "encoding": "gzip"}, "larger than"),
    "cut": ({"body": feed_of(item(1)), "cut_at": 20}, "broke off"),
    "slow": ({"body": feed_of(item(1)), "drip_s": 0.1}, "did not answer within 1 seconds"),
    "in circles": ({"status": 302, "headers": {"Location": "/feed"}}, "redirects more than"),
    "elsewhere": ({"status": 302, "headers": {"Location": "file:///etc/passwd"}}, "no web address"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_source_is_said_in_words_and_nothing_is_stored(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_MAX_BYTES", "200000")
    monkeypatch.setenv("TOCSIN_FETCH_TIMEOUT_S", "1" if name == "slow" else "20")
    settings.settings.cache_clear()
    answer, says = BAD[name]
    number = a_watched(publisher)
    publisher.serve("/feed", **answer)
    assert poll_due() == []
    source = the_source(number)
    assert says in source.problem
    assert source.problem.endswith(".")
    assert (source.failures, source.etag, source.baseline_at) == (1, "", None)
    assert source.next_poll_at > stopped_clock.now()
    assert articles() == []


def test_a_dead_host_is_said_in_words(stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        number = add_source(session, "http://127.0.0.1:9/feed").id or 0
        other = add_source(session, "http://nowhere.invalid/feed").id or 0
    poll_due()
    assert the_source(number).problem == "127.0.0.1 cannot be reached (connection refused)."
    assert the_source(other).problem == "The host nowhere.invalid cannot be found."


def test_a_source_that_fails_is_left_alone_longer_each_time_and_forgiven_when_it_is_well(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", status=503)
    waits = []
    for _ in range(4):
        poll_due()
        waits.append((the_source(number).next_poll_at - stopped_clock.now()).total_seconds())
        stopped_clock.move(seconds=waits[-1])
    assert waits == sorted(waits)
    assert waits[3] > 6 * waits[0]
    publisher.serve("/feed", feed_of(item(1)))
    poll_due()
    assert (the_source(number).failures, the_source(number).problem) == (0, "")


@pytest.mark.parametrize("header", ["7200", "date"])
def test_a_publishers_retry_after_is_kept(
    publisher: FeedServer, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    number = a_watched(publisher)
    date = format_datetime(stopped_clock.now() + timedelta(hours=2), usegmt=True)
    publisher.serve("/feed", status=429, headers={"Retry-After": date if header == "date" else header})
    poll_due()
    waits = the_source(number).next_poll_at - stopped_clock.now()
    assert timedelta(hours=2) <= waits <= timedelta(hours=2.3)


def test_a_source_that_is_gone_is_polled_no_more(publisher: FeedServer, stopped_clock: Clock) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", status=410)
    poll_due()
    assert the_source(number).status == SourceStatus.gone
    poll_again(stopped_clock, days=9)
    assert publisher.polls("/feed") == 1


def test_many_sources_are_polled_at_once_and_a_bad_one_does_not_hinder_the_others(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    for number in range(30):
        a_watched(publisher, f"/feed{number}")
        publisher.serve(
            f"/feed{number}", feed_of(item(number)), **({"status": 500} if number % 3 == 0 else {})
        )
    poll_due()
    assert len(articles()) == 20
    assert sum(status == 200 for _path, status in publisher.answers) == 20


def test_a_slow_source_does_not_hold_up_the_news_of_another(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    for path in ("/slow", "/fast"):
        a_watched(publisher, path)
        publisher.serve(path, feed_of(item(1)))
    poll_due()
    publisher.serve("/slow", feed_of(item(2, "Late")), drip_s=0.005)
    publisher.serve("/fast", feed_of(item(2, "Early")))
    stopped_clock.move(minutes=20)
    known_when_handed_on: list[list[str]] = []
    poll_due(lambda _seen: known_when_handed_on.append([each.title for each in articles(ArticleStatus.seen)]))
    assert known_when_handed_on == [["Early"], ["Early", "Late"]]


def test_an_edit_is_a_new_version_of_the_same_article_and_is_not_seen_again(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1, "Harbour closed")))
    poll_due()
    publisher.serve("/feed", feed_of(item(1, "Harbour closed for a day")))
    assert poll_again(stopped_clock) == []
    (article,) = articles()
    assert (article.title, article.version) == ("Harbour closed for a day", 2)
    with reading() as session:
        (old,) = session.exec(select(ArticleVersion)).all()
    assert (old.title, old.version) == ("Harbour closed", 1)


def test_a_bumped_date_is_nothing_new(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1, hours_old=5)))
    poll_due()
    publisher.serve("/feed", feed_of(item(1, hours_old=0)))
    assert poll_again(stopped_clock) == []
    assert [article.version for article in articles()] == [1]


def test_a_new_guid_on_a_known_link_is_the_same_article(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)))
    poll_due()
    publisher.serve("/feed", feed_of(item(1, guid="other")))
    assert poll_again(stopped_clock) == []
    assert [article.identity for article in articles()] == ["guid:other"]


def test_what_was_published_long_ago_never_rings(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1)))
    poll_due()
    publisher.serve("/feed", feed_of(item(1), item(2, hours_old=23), item(3, hours_old=25)))
    poll_again(stopped_clock)
    assert [article.title for article in articles(ArticleStatus.seen)] == ["Headline 2"]
    (stale,) = articles(ArticleStatus.stale)
    assert "25 hours before it was seen" in stale.why


def regenerated(count: int, *, titles: bool) -> bytes:
    """The same feed under new guids and links, and under new titles too where `titles`."""
    return feed_of(
        *(
            item(number, f"Changed {number}" if titles else "", guid=f"new{number}", hours_old=6).replace(
                "http://n.example/", "http://n.example/archive/"
            )
            for number in range(count)
        )
    )


def test_a_feed_whose_ids_are_all_new_keeps_its_articles_by_their_titles(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(*(item(number, hours_old=6) for number in range(20))))
    poll_due()
    publisher.serve("/feed", regenerated(20, titles=False))
    assert poll_again(stopped_clock) == []
    assert len(articles()) == 20


def test_a_feed_that_turns_all_new_and_looks_old_is_held_for_an_admin(
    publisher: FeedServer, stopped_clock: Clock
) -> None:
    number = a_watched(publisher)
    publisher.serve("/feed", feed_of(*(item(each, hours_old=6) for each in range(20))))
    poll_due()
    publisher.serve("/feed", regenerated(20, titles=True))
    assert poll_again(stopped_clock) == []
    assert len(articles(ArticleStatus.held)) == 20
    assert "20 articles turned new at once and are held" in the_source(number).problem
    with unit_of_work() as session:
        released = release_held(session, session.get_one(Source, number))
    assert len(released) == len(articles(ArticleStatus.seen)) == 20


def test_a_busy_hour_of_real_news_is_not_held(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(*(item(number, hours_old=6) for number in range(20))))
    poll_due()
    publisher.serve("/feed", feed_of(*(item(number, hours_old=-0.2) for number in range(100, 120))))
    assert len(poll_again(stopped_clock)) == 20


def test_a_broken_document_in_between_makes_nothing_new(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1), item(2)))
    poll_due()
    for broken in (b"", b"<html>503</html>", feed_of(item(1))[:80]):
        publisher.serve("/feed", broken)
        assert poll_again(stopped_clock, hours=2) == []
    publisher.serve("/feed", feed_of(item(1), item(2)))
    assert poll_again(stopped_clock, hours=2) == []
    assert len(articles()) == 2


def test_a_long_text_is_cut_and_still_stored(publisher: FeedServer, stopped_clock: Clock) -> None:
    a_watched(publisher)
    publisher.serve("/feed", feed_of(item(1, "long " * 5000)))
    poll_due()
    assert len(articles()[0].title) == 1000


def test_an_address_with_a_password_is_not_shown_in_a_problem(stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        number = add_source(session, "http://ann:s3cr3t@127.0.0.1:9/feed").id or 0
    poll_due()
    assert "s3cr3t" not in the_source(number).problem
