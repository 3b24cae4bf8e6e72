"""What the owners of channels want of an alert, read for many of them at once.

Who changed nothing, muted nothing and follows no story costs nothing: there is no row of theirs to read.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, union
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from subscriptions.preferences import COLUMNS, wants_of
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

DENSE = 4  # numbers of a range for each that is wanted


def people(session: Session, alert: Alert, owners: Collection[int]) -> dict[int, Person]:
    """Give those of `owners` who want something else of this alert than anybody."""
    found = _with_preferences(session, owners)
    if alert.kind != AlertKind.alert:  # who was told what is wrong is told what is right
        return found
    own = ANYBODY._replace
    for subscriber_id, name in session.execute(_topic_mutes(alert, owners)):
        found[subscriber_id] = found.get(subscriber_id, own())._replace(mutes=name)
    for subscriber_id in session.exec(_of_story(Mute, alert, owners)):
        found[subscriber_id] = found.get(subscriber_id, own())._replace(mutes="this story")
    for subscriber_id in session.exec(_of_story(StoryFollow, alert, owners)):
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
    # Columns, not objects: there may be millions.
    wanted = [getattr(Preferences, name) for name in ("subscriber_id", *COLUMNS)]
    rows: Any = session.execute(
        columns(col(Subscriber.time_zone), *wanted)
        .join(Subscriber, col(Subscriber.id) == col(Preferences.subscriber_id))
        .where(among(Preferences.subscriber_id, owners))
    )
    return {owner: _person(wants_of(zone, *values)) for zone, owner, *values in rows}


@lru_cache(maxsize=10_000)
def _person(wants: Wants, told: int = 0) -> Person:
    """Give a person who wants this; the same one each time, by which decisions are shared."""
    return Person(wants, told_today=told)


def _of_story(table: Any, alert: Alert, owners: Collection[int]) -> Any:
    wanted = select(table.subscriber_id).where(table.story_id == alert.story_id)
    return wanted.where(among(table.subscriber_id, owners))


def _topic_mutes(alert: Alert, owners: Collection[int]) -> Any:
    """Select who muted a topic that the alert is for, or that its article speaks of."""
    rung = columns(col(AlertTopic.topic_id)).where(col(AlertTopic.alert_id) == alert.id)
    spoken_of = columns(col(Match.topic_id)).where(col(Match.article_id) == alert.article_id)
    return (
        columns(col(TopicMute.subscriber_id), col(Topic.name))
        .join(Topic, col(Topic.id) == col(TopicMute.topic_id))
        .where(col(TopicMute.topic_id).in_(union(rung, spoken_of)), among(TopicMute.subscriber_id, owners))
    )


def among(column: Any, numbers: Collection[int]) -> ColumnElement[bool]:
    """Select these numbers; where they lie close together, the whole range, which is found faster."""
    if numbers and max(numbers) - min(numbers) < DENSE * len(numbers):
        return col(column).between(min(numbers), max(numbers))
    return col(column).in_(numbers)
