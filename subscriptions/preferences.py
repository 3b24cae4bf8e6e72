"""How a subscriber wants to be told, read and changed, as the command and the pages do it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, update
from sqlmodel import Session, SQLModel, col, select

from subscriptions import clock
from subscriptions.errors import Mistake
from subscriptions.quiet_hours import EVERY_DAY, QuietHours
from subscriptions.subscribers import check_zone
from subscriptions.tables import (
    Channel,
    Delivery,
    DeliveryStatus,
    Mute,
    Preferences,
    Story,
    StoryFollow,
    Subscriber,
    Topic,
    TopicMute,
)
from subscriptions.wants import Wants


class Changes(TypedDict, total=False):
    """What may be changed; what is not named stays as it is. See Wants for the meaning."""

    language: str
    time_zone: str
    quiet: QuietHours | None
    through: int
    threshold: int
    cap: int | None
    pause_until: datetime | None
    digest_at: int


def read_wants(session: Session, subscriber: Subscriber) -> Wants:
    """Give what a subscriber wants; who changed nothing has the defaults."""
    row = session.get(Preferences, subscriber.id)
    if row is None:
        return Wants(time_zone=subscriber.time_zone)
    return wants_of(subscriber.time_zone, *(getattr(row, name) for name in COLUMNS))


COLUMNS = (
    *("quiet_begin", "quiet_end", "quiet_days"),
    *("through", "threshold", "cap", "pause_until", "digest_at"),
)


@lru_cache(maxsize=10_000)  # many want the same
def wants_of(time_zone: str, begin: int | None, end: int | None, days: int, *others: Any) -> Wants:
    """Read the columns of preferences, in the order of COLUMNS; the same ones give the same object."""
    quiet = None if begin is None or end is None else QuietHours(begin, end, days)
    return Wants(time_zone, quiet, *others)


def change_preferences(session: Session, subscriber: Subscriber, **changes: Unpack[Changes]) -> Wants:
    """Change what a subscriber wants.

    What is held for them is looked at again at once, and so is what waits for the end of a pause that ends at
    another time now. Raises Mistake for what cannot be wanted.
    """
    before, now = read_wants(session, subscriber), clock.now()
    given: dict[str, Any] = dict(changes)
    if "time_zone" in given:
        check_zone(given["time_zone"])
    for name in {"time_zone", "language"} & given.keys():
        setattr(subscriber, name, given.pop(name))
    if "quiet" in given:
        quiet = given.pop("quiet") or QuietHours(0, 0)
        hours = (quiet.begin, quiet.end) if quiet.begin != quiet.end else (None, None)
        given |= {"quiet_begin": hours[0], "quiet_end": hours[1], "quiet_days": quiet.days or EVERY_DAY}
    _check(given)
    row = session.get(Preferences, subscriber.id) or Preferences(subscriber_id=subscriber.id or 0)
    row.sqlmodel_update(given)
    session.add_all([subscriber, row])
    session.flush()
    after = read_wants(session, subscriber)
    _look_again(
        session, subscriber, now, before.pause_until if before.pause_until != after.pause_until else None
    )
    return after


def _check(given: dict[str, Any]) -> None:
    bounds = {"threshold": (1, 8), "through": (0, 2), "cap": (1, 1000), "digest_at": (0, 1439)}
    meanings = {
        "threshold": "choose 1 (flashes only) to 8 (everything)",
        "through": "choose 0 (nothing), 1 (flashes) or 2 (urgent alerts too)",
        "cap": "choose 1 alert a day and more, or none",
        "digest_at": "choose a time of the day",
    }
    for name, (least, most) in bounds.items():
        value = given.get(name)
        if value is not None and not least <= value <= most:
            raise Mistake(f"{name.replace('_', ' ').capitalize()} {value} will not do: {meanings[name]}.")


def _look_again(session: Session, subscriber: Subscriber, now: datetime, paused: datetime | None) -> None:
    """Let what is held for a person fall due, and what was gathered for the end of a changed pause."""
    theirs = col(Delivery.channel_id).in_(select(Channel.id).where(Channel.subscriber_id == subscriber.id))
    held = update(Delivery).where(theirs, col(Delivery.status) == DeliveryStatus.held)
    session.execute(held.values(due_at=now))
    if paused is not None and paused > now:
        gathered = col(Delivery.status) == DeliveryStatus.gathered, col(Delivery.due_at) >= paused
        session.execute(update(Delivery).where(theirs, *gathered).values(due_at=now))


def mute_story(session: Session, subscriber: Subscriber, story: Story) -> None:
    """Let a subscriber hear nothing more of a story but corrections of what they were told."""
    unfollow_story(session, subscriber, story)
    _add(session, Mute, subscriber, story_id=story.id)


def unmute_story(session: Session, subscriber: Subscriber, story: Story) -> None:
    """Let a story ring again for a subscriber."""
    _remove(session, Mute, subscriber, story_id=story.id)


def follow_story(session: Session, subscriber: Subscriber, story: Story) -> None:
    """Let every later alert of a story ring for a subscriber at once, whatever topics it is for."""
    unmute_story(session, subscriber, story)
    _add(session, StoryFollow, subscriber, story_id=story.id)


def unfollow_story(session: Session, subscriber: Subscriber, story: Story) -> None:
    """Let a story ring for a subscriber for their topics only."""
    _remove(session, StoryFollow, subscriber, story_id=story.id)


def mute_topic(session: Session, subscriber: Subscriber, topic: Topic) -> None:
    """Let what speaks of a topic be silent for a subscriber, also where it speaks of what they follow."""
    _add(session, TopicMute, subscriber, topic_id=topic.id)


def unmute_topic(session: Session, subscriber: Subscriber, topic: Topic) -> None:
    """Take back that a subscriber muted a topic."""
    _remove(session, TopicMute, subscriber, topic_id=topic.id)


def order_channels(session: Session, subscriber: Subscriber, ranks: Sequence[Collection[int]]) -> None:
    """Put a subscriber's channels in order: the first rank rings, the next where none of it took the alert.

    Channels that are not named come with the last rank. Raises Mistake for a channel that is not theirs.
    """
    own = {
        channel.id: channel
        for channel in session.exec(select(Channel).where(Channel.subscriber_id == subscriber.id))
    }
    given = {channel_id: rank for rank, group in enumerate(ranks) for channel_id in group}
    if foreign := sorted(given.keys() - own.keys()):
        raise Mistake(
            f"{subscriber.name} has no channel {foreign[0]}: `tocsin channels list {subscriber.name}`."
        )
    last = max(given.values(), default=0)
    for channel_id, channel in own.items():
        channel.rank = given.get(channel_id or 0, last)
    session.flush()


def _add(session: Session, table: type[SQLModel], subscriber: Subscriber, **target: int | None) -> None:
    keys = {"subscriber_id": subscriber.id, **target}
    if session.get(table, keys) is None:
        session.add(table(**keys, created_at=clock.now()))
        session.flush()


def _remove(session: Session, table: type[SQLModel], subscriber: Subscriber, **target: int | None) -> None:
    columns: Any = table
    same = [getattr(columns, name) == value for name, value in target.items()]
    session.execute(delete(table).where(columns.subscriber_id == subscriber.id, *same))
