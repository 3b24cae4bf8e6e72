"""All that is kept of a person: given to them, or deleted, at their word."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.channels import open_channel
from subscriptions.heard import Heard, heard
from subscriptions.own_topics import drop_unfollowed, own_topics
from subscriptions.sign_up import wishes
from subscriptions.tables import (
    Channel,
    FeedLink,
    Mute,
    Preferences,
    SignIn,
    Story,
    StoryFollow,
    Subscriber,
    Subscription,
    Topic,
    TopicMute,
)

ALERTS = 200  # read at a time


def export(session: Session, subscriber: Subscriber) -> dict[str, Any]:
    """Give everything kept of a person, for JSON; of channels whose address is a password, the label only."""
    own = subscriber.id
    follows = select(Subscription, Topic).join(Topic).where(Subscription.subscriber_id == own)
    written = {topic.id for topic in own_topics(session, subscriber)}
    preferences, feed = session.get(Preferences, own), session.get(FeedLink, own)
    channels = session.exec(select(Channel).where(Channel.subscriber_id == own)).all()
    return {
        "made_at": _told(clock.now()),
        "person": _columns(subscriber, "language", "time_zone", "created_at"),
        "preferences": _columns(preferences) if preferences else {},
        "channels": [_channel(channel) for channel in channels],
        "follows": [
            {"topic": topic.name}
            | ({"query": topic.query} if topic.id in written else {})  # else it is the newsroom's
            | _columns(followed, "threshold", "cadence", "created_at")
            for followed, topic in session.exec(follows)
        ],
        "muted_topics": _named(session, TopicMute, own),
        "muted_stories": _titles(session, Mute, own),
        "followed_stories": _titles(session, StoryFollow, own),
        "feed": _columns(feed, "made_at") if feed else {},
        "wishes": [topic.name for channel in channels for topic in wishes(session, channel)],
        "alerts": _alerts(session, subscriber),
    }


def _alerts(session: Session, subscriber: Subscriber) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    page = heard(session, subscriber, most=ALERTS)
    while True:
        told += [_alert(each) for each in page.entries]
        if page.older is None:
            return told
        page = heard(session, subscriber, page.older, ALERTS)


def _alert(each: Heard) -> dict[str, Any]:
    channels = [
        {"channel": on.label, "outcome": on.outcome, "at": on.at and _told(on.at)} for on in each.channels
    ]
    return {"title": each.alert.title, "link": each.alert.link, "channels": channels}


def erase(session: Session, subscriber: Subscriber) -> None:
    """Delete a person and all that is theirs.

    What stays are the bits of alerts they got, under numbers of channels that are never given to others.
    """
    number = subscriber.id or 0
    for channel in session.exec(select(Channel).where(Channel.subscriber_id == number)):
        session.execute(delete(SignIn).where(SignIn.channel_id == channel.id))  # type: ignore[arg-type]  # a column
    follows = select(Subscription).where(Subscription.subscriber_id == number)
    for followed in session.exec(follows).all():
        session.delete(followed)
    session.flush()
    drop_unfollowed(session, number)
    session.delete(subscriber)
    session.flush()


def _channel(channel: Channel) -> dict[str, Any]:
    parts = open_channel(channel.sealed)
    told = {EMAIL: parts.get("to"), WEB_PUSH: parts.get("endpoint")}.get(channel.scheme, channel.label)
    return {"address": told} | _columns(channel, "scheme", "status", "why", "rank", "created_at")


def _named(session: Session, table: type[TopicMute], own: int | None) -> list[str]:
    return list(session.exec(select(Topic.name).join(table).where(table.subscriber_id == own)))


def _titles(session: Session, table: type[Mute | StoryFollow], own: int | None) -> list[str]:
    return list(session.exec(select(Story.headline).join(table).where(table.subscriber_id == own)))


def _columns(row: SQLModel, *names: str) -> dict[str, Any]:
    told = row.model_dump(include=set(names) or None, exclude={"subscriber_id", "id"})
    return {name: _told(value) for name, value in told.items()}


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
