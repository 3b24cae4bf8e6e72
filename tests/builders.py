"""Rows for tests: each builder fills in what the test does not care about, and gives the stored row."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from subscriptions.channels import add_channel
from subscriptions.links import article_link
from subscriptions.tables import (
    Alert,
    AlertTopic,
    Article,
    Channel,
    ChannelStatus,
    Source,
    Story,
    Subscriber,
    Subscription,
    Topic,
    next_revision,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Row = TypeVar("Row", bound=SQLModel)
_number = count(1)


def stored(session: Session, row: Row) -> Row:
    """Store a row and give it back with its id."""
    session.add(row)
    session.flush()
    return row


def a_source(session: Session, **values: Any) -> Source:
    """A live source that has its baseline."""
    values.setdefault("url", f"http://news{next(_number)}.example/feed")
    return stored(session, Source(**{"created_at": NOON, "next_poll_at": NOON, "baseline_at": NOON} | values))


def an_article(session: Session, source: Source | None = None, **values: Any) -> Article:
    """A newly seen article, of its own source unless one is given."""
    source = source or a_source(session)
    number = next(_number)
    given: dict[str, Any] = {
        "source_id": source.id,
        "identity": f"guid:{number}",
        "title": f"Headline {number}",
        "link": f"http://news.example/{number}",
        "seen_at": NOON,
        "status_at": NOON,
        "trace": f"trace{number}",
    } | values
    given.setdefault("link_key", article_link(given["link"]))
    return stored(session, Article(**given))


def a_topic(session: Session, query: str = "harbour", **values: Any) -> Topic:
    """A live topic."""
    number = next(_number)
    given: dict[str, Any] = {"slug": f"topic-{number}", "name": f"Topic {number}"}
    given |= {"created_at": NOON, "updated_at": NOON, "revision": next_revision(session)}
    return stored(session, Topic(query=query, **given | values))


def a_subscriber(session: Session, *topics: Topic, **values: Any) -> Subscriber:
    """A subscriber who follows `topics`."""
    values.setdefault("name", f"reader-{next(_number)}")
    subscriber = stored(session, Subscriber(**{"created_at": NOON} | values))
    for topic in topics:
        keys: dict[str, Any] = {"subscriber_id": subscriber.id, "topic_id": topic.id}
        stored(session, Subscription(**keys, created_at=NOON))
    return subscriber


def a_channel(session: Session, subscriber: Subscriber, address: str, **values: Any) -> Channel:
    """A live channel of a subscriber."""
    status = values.pop("status", ChannelStatus.live)
    channel = add_channel(session, subscriber, address, private=True, status=status)
    channel.sqlmodel_update(values)
    return stored(session, channel)


def an_alert(session: Session, *topics: Topic, story: Story | None = None, **values: Any) -> Alert:
    """A queued alert for the followers of `topics`, of a story of its own unless one is given."""
    article = an_article(session)
    story = story or stored(session, Story(headline="Storm", first_seen_at=NOON, last_seen_at=NOON))
    story.version += 1
    given: dict[str, Any] = {
        "story_id": story.id,
        "version": story.version,
        "article_id": article.id,
        "title": "Storm closes harbour",
        "text": "Nobody was hurt.",
        "link": "http://news.example/storm",
        "source_name": "Island Herald",
        "trace": article.trace,
        "status_at": NOON,
        "seen_at": NOON,
        "matched_at": NOON,
        "expires_at": NOON + timedelta(hours=6),
    }
    alert = stored(session, Alert(**given | values))
    for topic in topics:
        keys: dict[str, Any] = {"alert_id": alert.id, "topic_id": topic.id}
        stored(session, AlertTopic(**keys))
    return alert
