"""Feeds of topics and of one's own alerts: for everybody, for who has the address, and for those who poll."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from sqlmodel import col, select

from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.database import reading, unit_of_work
from subscriptions.feeds.latest import MOST
from subscriptions.feeds.link import end_feed, feed_token, make_feed_link
from subscriptions.keys import signer
from subscriptions.sources import add_source
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    OwnTopic,
    Source,
    Subscriber,
    Topic,
    TopicStatus,
)
from tests.browser import send
from tests.builders import NOON, a_subscriber, a_topic, an_alert, stored
from tests.conftest import Clock
from tests.feed_server import feed_server
from tests.pushing import follower, ring
from tests.sinks import HttpSink, Reply
from worker.watch.poll import poll_due
from worker.watch.wire import read_feed

ATOM = "/topics/storms/feed.atom"


@pytest.fixture
def storms(db: str, stopped_clock: Clock) -> Topic:
    """A topic that everybody can follow."""
    with unit_of_work() as session:
        return a_topic(session, slug="storms", name="Storms")


def rang(topic: Topic, count: int = 1, **values: Any) -> int:
    given: dict[str, Any] = {"status": AlertStatus.rung, "queued_at": NOON} | values
    with unit_of_work() as session:
        return [an_alert(session, topic, **given).id or 0 for _ in range(count)][-1]


def titles(browser: TestClient, path: str = ATOM) -> list[str]:
    answer = browser.get(path)
    assert answer.status_code == 200
    return [item.title for item in read_feed(answer.content).items]


def test_a_topics_page_names_its_feeds(browser: TestClient, storms: Topic) -> None:
    page = browser.get("/topics/storms").text
    for kind, media in (("atom", "application/atom+xml"), ("json", "application/feed+json")):
        assert f'<link rel="alternate" type="{media}" href="/topics/storms/feed.{kind}"' in page
        answer = browser.get(f"/topics/storms/feed.{kind}")
        assert answer.headers["content-type"].startswith(media)
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_a_topics_feed_has_its_latest_alerts_that_rang(browser: TestClient, storms: Topic, kind: str) -> None:
    path = f"/topics/storms/feed.{kind}"
    assert titles(browser, path) == []
    with unit_of_work() as session:
        other = a_topic(session)
    rang(storms, 2, title="Old")
    rang(storms, MOST, title="New")
    rang(other, title="Of another topic")
    for status in (AlertStatus.proposed, AlertStatus.rejected, AlertStatus.queued, AlertStatus.stopped):
        rang(storms, title=f"It is {status}", status=status)
    assert titles(browser, path) == ["New"] * MOST
    rang(storms, title="Stopped on the way", status=AlertStatus.stopped, first_sent_at=NOON)
    assert titles(browser, path)[0] == "Stopped on the way"


def test_topics_nobody_can_follow_have_no_feed(browser: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="draft", status=TopicStatus.draft)
        a_topic(session, slug="practice", practice=True)
        own = a_topic(session, slug="own-1")
        subscriber = a_subscriber(session)
        stored(session, OwnTopic(topic_id=own.id or 0, subscriber_id=subscriber.id or 0))
    for slug in ("draft", "practice", "own-1", "none"):
        assert browser.get(f"/topics/{slug}/feed.atom").status_code == 404
    assert browser.get("/topics/storms/feed.rss").status_code == 422


def test_who_has_it_already_is_told_so(browser: TestClient, storms: Topic, stopped_clock: Clock) -> None:
    rang(storms, queued_at=NOON)
    fresh = browser.get(ATOM)
    assert "last-modified" not in fresh.headers  # another alert may come within this second
    stopped_clock.move(seconds=5)
    first = browser.get(ATOM)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert fresh.headers["etag"] == tag
    assert date == format_datetime(NOON, usegmt=True)
    for has in ({"If-None-Match": f'"other", W/{tag}'}, {"If-None-Match": "*"}, {"If-Modified-Since": date}):
        answer = browser.get(ATOM, headers=has)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert "max-age" in answer.headers["cache-control"]
    for has in ({"If-None-Match": '"other"', "If-Modified-Since": date}, {"If-Modified-Since": "yesterday"}):
        assert browser.get(ATOM, headers=has).status_code == 200
    rang(storms, queued_at=NOON + timedelta(seconds=1))
    for has in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
        assert browser.get(ATOM, headers=has).status_code == 200


@pytest.mark.parametrize("kind", ["correction", "kill"])
def test_corrections_and_kills_stand_in_the_place_of_what_was_wrong(
    browser: TestClient, storms: Topic, stopped_clock: Clock, kind: str
) -> None:
    number = rang(storms, title="Storm")
    rang(storms, title="Calm")
    before = [item.id for item in read_feed(browser.get(ATOM).content).items]
    stopped_clock.move(minutes=5)
    with unit_of_work() as session:
        alert = session.get_one(Alert, number)
        if kind == "kill":
            kill_alert(session, alert, "It did not happen.")
        else:
            correct_alert(session, alert, "We misread.", title="Breeze")
    items = read_feed(browser.get(ATOM).content).items
    assert [item.id for item in items] == before
    assert [item.title for item in items] == [
        "Calm",
        "Withdrawn: Storm" if kind == "kill" else "Correction: Breeze",
    ]
    assert items[1].updated == NOON + timedelta(minutes=5)


@pytest.fixture
def ann(browser: TestClient, storms: Topic, sink: HttpSink) -> TestClient:
    """Ann's browser, signed in; she and Bob follow storms."""
    channel = follower(sink, "ann", storms)
    follower(sink, "bob", storms)
    browser.get(f"/me/enter/{signer('enter').dumps(channel)}")
    return browser


def token() -> str:
    with reading() as session:
        return feed_token(session, session.get_one(Subscriber, 1))


def test_a_persons_feed_has_what_they_were_told(ann: TestClient, storms: Topic, sink: HttpSink) -> None:
    assert token() == ""
    assert "/feeds/" in send(ann, "/me/alerts", act="/me/alerts/feed", do="make").text
    path = f"/feeds/{token()}.atom"
    assert f'href="http://127.0.0.1:8000{path}"' in ann.get("/me/alerts").text
    ring(storms, title="Told")
    sink.replies = lambda path, _count: Reply(403 if path == "/ann" else 200)
    ring(storms, title="Refused")
    assert titles(ann, path) == ["Told"]
    assert titles(ann, path.replace(".atom", ".json")) == ["Told"]
    answer = ann.get(path)
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "last-modified" not in answer.headers
    assert ann.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert etree.fromstring(answer.content).findtext("{*}title") == "My alerts"


def test_a_new_address_ends_the_old_one(ann: TestClient) -> None:
    send(ann, "/me/alerts", act="/me/alerts/feed", do="make")
    first = token()
    assert ann.get(f"/feeds/{first}.atom").status_code == 200
    send(ann, "/me/alerts", act="/me/alerts/feed", do="make")
    second = token()
    assert ann.get(f"/feeds/{first}.atom").status_code == 404
    assert ann.get(f"/feeds/{second}.atom").status_code == 200
    send(ann, "/me/alerts", act="/me/alerts/feed", do="end")
    assert ann.get(f"/feeds/{second}.atom").status_code == 404
    with unit_of_work() as session:
        person = session.get_one(Subscriber, 1)
        third = make_feed_link(session, person)
        assert third not in (first, second)
        end_feed(session, person)
        make_feed_link(session, person)
        session.delete(person)
    assert ann.get(f"/feeds/{third}.atom").status_code == 404


def test_no_other_token_opens_a_feed_and_a_feeds_token_opens_nothing_else(ann: TestClient) -> None:
    with unit_of_work() as session:
        made = make_feed_link(session, session.get_one(Subscriber, 1))
    for wrong in (signer("unsubscribe").dumps(1), signer("feed").dumps([1, 1]), made[:-1], "x", "1"):
        assert ann.get(f"/feeds/{wrong}.atom").status_code == 404
    for path in ("unsubscribe", "confirm", "r", "me/enter"):
        assert ann.get(f"/{path}/{made}").status_code >= 400


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_our_own_watch_reads_our_feeds(
    browser: TestClient, storms: Topic, stopped_clock: Clock, kind: str
) -> None:
    number = rang(storms, title="Storm closes harbour", link="https://news.example/storm")
    with feed_server() as publisher:

        def publish() -> None:
            answer = browser.get(f"/topics/storms/feed.{kind}")
            publisher.serve("/feed", answer.content, content_type=answer.headers["content-type"])
            stopped_clock.move(minutes=20)
            poll_due()

        publish()
        with unit_of_work() as session:
            add_source(session, publisher.url("/feed"))
        publish()
        publish()
        rang(storms, title="Calm again", link="https://news.example/calm")
        with unit_of_work() as session:
            correct_alert(session, session.get_one(Alert, number), "We misread.", title="A breeze")
        publish()
        assert 304 in publisher.answered("/feed")
    with reading() as session:
        read = session.exec(
            select(Article).join(Source).where(col(Source.url).contains("/feed", autoescape=True))
        )
        rows = {
            row.link: (row.title, row.status, row.version)
            for row in read
            if row.identity.startswith("guid:urn")
        }
    assert rows == {
        "https://news.example/storm": ("Correction: A breeze", ArticleStatus.baseline, 2),
        "https://news.example/calm": ("Calm again", ArticleStatus.seen, 1),
    }


def test_a_topics_page_shows_what_was_withdrawn_as_its_feed_does(browser: TestClient) -> None:
    with unit_of_work() as session:
        topic = a_topic(session)
        alert = an_alert(session, topic, status=AlertStatus.rung, title="Storm")
        kill_alert(session, alert, "It did not happen.")
    page = browser.get(f"/topics/{topic.slug}").text
    assert "Withdrawn: Storm" in page
    assert alert.link not in page
