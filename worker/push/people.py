"""What the owners of channels want of an alert, read for many of them at once.

Who changed nothing, muted nothing and follows no story costs nothing: there is no row of theirs to read.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, union
from sqlalchemy import select as columns
from sqlmodel import Session, col

from subscriptions.preferences import COLUMNS, wants_of
from subscriptions.prepared import Among, is_dense
from subscriptions.tables import (
    Alert,
    AlertKind,
    AlertTopic,
    Match,
    Mute,
    Preferences,
    StoryFollow,
    Subscriber,
    Topic,
    TopicMute,
)
from subscriptions.wants import Wants
from worker.push.restrain import ANYBODY, Person
from worker.push.told_today import told_today

PREFERENCES = Among(
    columns(
        col(Subscriber.time_zone), *(getattr(Preferences, name) for name in ("subscriber_id", *COLUMNS))
    ).join(Subscriber, col(Subscriber.id) == col(Preferences.subscriber_id)),
    Preferences.subscriber_id,
)
MUTES, STORY_FOLLOWS = (
    Among(
        columns(col(table.subscriber_id)).where(col(table.story_id) == bindparam("story")),
        table.subscriber_id,
    )
    for table in (Mute, StoryFollow)
)
# Who muted a topic that the alert is for, or that its article speaks of.
TOPIC_MUTES = Among(
    columns(col(TopicMute.subscriber_id), col(Topic.name))
    .join(Topic, col(Topic.id) == col(TopicMute.topic_id))
    .where(
        col(TopicMute.topic_id).in_(
            union(
                columns(col(AlertTopic.topic_id)).where(col(AlertTopic.alert_id) == bindparam("alert")),
                columns(col(Match.topic_id)).where(col(Match.article_id) == bindparam("article")),
            )
        )
    ),
    TopicMute.subscriber_id,
)


def people(session: Session, alert: Alert, owners: Collection[int]) -> dict[int, Person]:
    """Give those of `owners` who want something else of this alert than anybody."""
    found = _with_preferences(session, owners)
    if alert.kind != AlertKind.alert:  # who was told what is wrong is told what is right
        return found
    own = ANYBODY._replace
    for subscriber_id, name in TOPIC_MUTES.rows(session, owners, alert=alert.id, article=alert.article_id):
        found[subscriber_id] = found.get(subscriber_id, own())._replace(mutes=name)
    for (subscriber_id,) in MUTES.rows(session, owners, story=alert.story_id):
        found[subscriber_id] = found.get(subscriber_id, own())._replace(mutes="this story")
    for (subscriber_id,) in STORY_FOLLOWS.rows(session, owners, story=alert.story_id):
        found[subscriber_id] = found.get(subscriber_id, own())._replace(follows_story=True)
    for owner, count in told_today(session, alert, _capped(alert, found)).items():
        person = found[owner]
        plain = not person.mutes and not person.follows_story
        found[owner] = _person(person.wants, count) if plain else person._replace(told_today=count)
    return found


def _capped(alert: Alert, found: dict[int, Person]) -> dict[int, Wants]:
    """Give those for whom it matters how many alerts they had today."""
    wants = {owner: person.wants for owner, person in found.items()}
    return {
        owner: each for owner, each in wants.items() if each.cap is not None and each.through < alert.urgency
    }


def _with_preferences(session: Session, owners: Collection[int]) -> dict[int, Person]:
    rows = PREFERENCES.rows(session, owners)
    return {owner: _person(wants_of(zone, *values)) for zone, owner, *values in rows}


@lru_cache(maxsize=10_000)
def _person(wants: Wants, told: int = 0) -> Person:
    """Give a person who wants this; the same one each time, by which decisions are shared."""
    return Person(wants, told_today=told)


def among(column: Any, numbers: Collection[int]) -> ColumnElement[bool]:
    """Select these numbers; where they lie close together, the whole range, which is found faster."""
    if numbers and is_dense(min(numbers), max(numbers), len(numbers)):
        return col(column).between(min(numbers), max(numbers))
    return col(column).in_(numbers)
