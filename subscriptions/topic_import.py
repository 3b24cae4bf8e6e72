"""Storing the topics of a file, all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.articles import AT_ONCE
from subscriptions.errors import Mistake
from subscriptions.names import slug
from subscriptions.own_topics import is_public
from subscriptions.queries import QueryError
from subscriptions.tables import Rings, Topic, TopicStatus, move, next_revision
from subscriptions.topic_file import Listed
from subscriptions.topics import LONGEST_NAME, check_query


@dataclass(slots=True)
class Imported:
    """What became of the topics of a file, by their slugs."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def check_listed(session: Session, listed: Sequence[Listed]) -> list[str]:
    """Say what is wrong with topics by themselves: a query, or a slug that is there twice."""
    return list(_checked(session, listed))


def refused_topics(session: Session, listed: Sequence[Listed], *, update: bool) -> list[str]:
    """Say which topics cannot be stored because of those that are there; with `update` these are changed."""
    known = _known(session, listed)
    reasons = (_refused(one, known.get(_key(one)), update=update) for one in listed)
    return [reason for reason in reasons if reason]


def import_topics(session: Session, listed: Sequence[Listed], *, update: bool) -> Imported:
    """Store topics that `check_listed` finds nothing wrong with.

    Raises Mistake, one line a topic, where `refused_topics` refuses any; then nothing is stored.
    """
    revision = next_revision(session)  # whoever else changes topics waits from here on
    if refused := refused_topics(session, listed, update=update):
        raise Mistake("\n".join(refused))
    known, outcome = _known(session, listed), Imported()
    for one in listed:
        _store(session, one, known.get(_key(one)), revision, outcome)
    session.flush()
    return outcome


def list_topics(session: Session) -> list[Listed]:
    """List the topics of the real newsroom, so that importing them gives the same."""
    wanted = select(Topic).where(
        Topic.status != TopicStatus.removed, col(Topic.practice).is_(False), is_public()
    )
    return [
        Listed("", topic.slug, topic.query, topic.name, topic.rings.value, topic.status.value)
        for topic in session.exec(wanted.order_by(col(Topic.slug)))
    ]


def _checked(session: Session, listed: Sequence[Listed]) -> Iterator[str]:
    first: dict[str, str] = {}
    for one in listed:
        before = first.setdefault(_key(one), one.place)
        if before != one.place:
            yield f"{one.place}: {before} has the same slug."
        try:
            if one.query is not None:
                check_query(session, one.query)
        except QueryError as error:
            yield f"{one.place}: {error}\n{error.pointer()}"


def _key(one: Listed) -> str:
    return slug(one.slug)


def _known(session: Session, listed: Sequence[Listed]) -> dict[str, Topic]:
    slugs = list(map(_key, listed))
    found: dict[str, Topic] = {}
    for start in range(0, len(slugs), AT_ONCE):
        rows = session.exec(select(Topic).where(col(Topic.slug).in_(slugs[start : start + AT_ONCE])))
        found |= {topic.slug: topic for topic in rows}
    return found


def _refused(one: Listed, topic: Topic | None, *, update: bool) -> str:
    """Say why a topic cannot be stored, or nothing."""
    name = (one.name or "").strip()
    if len(name) > LONGEST_NAME and (topic is None or topic.name != name):
        return f"{one.place}: its name has {len(name)} letters, {LONGEST_NAME} at most."
    if topic is None or topic.status == TopicStatus.removed:
        return "" if one.query is not None else f"{one.place}: it has no query."
    if topic.practice:
        return f"{one.place}: the practice newsroom has a topic of that slug."
    if not update:
        return f"{one.place}: there is a topic {topic.slug!r} already; --update changes it."
    status = TopicStatus(one.status or topic.status)
    if status not in (topic.status, *Topic.moves[topic.status]):
        return f"{one.place}: it is {topic.status}, and cannot become {status}."
    return ""


def _store(session: Session, one: Listed, topic: Topic | None, revision: int, outcome: Imported) -> None:
    if topic is None:
        outcome.added.append(_add(session, one, revision).slug)
    elif topic.status == TopicStatus.removed:
        _become(session, topic, TopicStatus(one.status or TopicStatus.live))
        outcome.added.append(_change(session, topic, _fresh(one), revision).slug)
    else:
        status = TopicStatus(one.status or topic.status)
        values = {key: value for key, value in _said(one).items() if getattr(topic, key) != value}
        if not values and status == topic.status:
            outcome.unchanged.append(topic.slug)
            return
        _become(session, topic, status)
        outcome.changed.append(_change(session, topic, values, revision).slug)


def _add(session: Session, one: Listed, revision: int) -> Topic:
    now = clock.now()
    topic = Topic(
        slug=slug(one.slug),
        status=TopicStatus(one.status or TopicStatus.live),
        created_at=now,
        updated_at=now,
        revision=revision,
        **_fresh(one),
    )
    session.add(topic)
    return topic


def _change(session: Session, topic: Topic, values: dict[str, Any], revision: int) -> Topic:
    topic.sqlmodel_update(values | {"updated_at": clock.now(), "revision": revision})
    session.add(topic)
    return topic


def _become(session: Session, topic: Topic, status: TopicStatus) -> None:
    """Move a topic to a status; what was removed is live before it is paused."""
    steps = [status]
    if topic.status == TopicStatus.removed and status == TopicStatus.paused:
        steps = [TopicStatus.live, status]
    for step in steps:
        if step != topic.status and topic.id is not None:
            move(session, Topic, [topic.id], leave=topic.status, enter=step)
            session.refresh(topic)


def _fresh(one: Listed) -> dict[str, Any]:
    """Give what a topic is that was not there, or not any more."""
    return {"name": one.slug.strip(), "rings": Rings.by_itself, "practice": False} | _said(one)


def _said(one: Listed) -> dict[str, Any]:
    said = {
        "query": one.query,
        "name": one.name and one.name.strip(),
        "rings": Rings(one.rings) if one.rings else None,
    }
    return {key: value for key, value in said.items() if value is not None}
