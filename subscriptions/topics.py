"""Adding, editing, pausing, resuming and removing topics, as the command and the desk do it."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.errors import Mistake, msgid
from subscriptions.media_topics import vocabulary
from subscriptions.names import called, missing, only, slug
from subscriptions.queries import QueryLimits, parse_query
from subscriptions.settings import settings
from subscriptions.tables import OwnTopic, Rings, Subscription, Topic, TopicStatus, move, next_revision

LONGEST_NAME = 80  # letters


def add_topic(
    session: Session,
    ref: str,
    query: str,
    *,
    name: str = "",
    rings: Rings = Rings.by_itself,
    status: TopicStatus = TopicStatus.live,
    practice: bool = False,
) -> Topic:
    """Store a topic under the slug made of `ref`; it matches articles seen from now on.

    Raises QueryError (a Mistake) for a query that `check_query` refuses.
    Raises Mistake for a slug in use, and for a name too long.
    """
    check_query(session, query)
    check_name(name.strip() or ref.strip())
    key = slug(ref)
    topic = session.exec(select(Topic).where(Topic.slug == key)).first()
    if topic is not None and topic.status != TopicStatus.removed:
        raise Mistake(f"There is a topic {key!r} already: choose another name, or edit that one.")
    now = clock.now()
    if topic is not None and topic.id is not None:
        move(session, Topic, [topic.id], leave=TopicStatus.removed, enter=status)
    topic = topic or Topic(slug=key, name="", query="", status=status, created_at=now, updated_at=now)
    values = {"name": name.strip() or ref.strip(), "query": query, "rings": rings, "practice": practice}
    topic.sqlmodel_update(values | {"updated_at": now})
    topic.revision = next_revision(session)
    session.add(topic)
    session.flush()
    session.refresh(topic)
    return topic


def check_name(name: str) -> None:
    """Raise Mistake for a name too long for a headline, a push message's note and a table's column."""
    if len(name) > LONGEST_NAME:
        says = msgid("A topic's name has at most %(most)s letters: this one has %(letters)s.")
        raise Mistake(says, most=LONGEST_NAME, letters=len(name))


def check_query(session: Session, query: str) -> None:
    """Raise QueryError (a Mistake) for a query that is wrong or larger than the settings allow."""
    now = settings()
    limits = QueryLimits(length=now.query_length, terms=now.query_terms, depth=now.query_depth)
    parse_query(query, limits=limits, media_topics=vocabulary(session))


def find_topic(session: Session, ref: str) -> Topic:
    """Find a topic by its slug, else number, else name.

    Raises Mistake with near ones when there is none, and when several have the name.
    """
    rows = all_topics(session)
    found = called(rows, ref, lambda row: row.slug, lambda row: row.id, lambda row: row.name)
    if not found:
        raise missing("topic", ref, [row.slug for row in rows], "tocsin topics list")
    return only(found, "topic", ref, lambda row: f"`{row.slug}`")


def all_topics(session: Session) -> list[Topic]:
    """List the newsroom's topics that are not removed, by name; readers' own ones are left out."""
    own = select(OwnTopic.topic_id).where(col(OwnTopic.topic_id) == col(Topic.id))
    kept = select(Topic).where(Topic.status != TopicStatus.removed, ~own.exists())
    return list(session.exec(kept.order_by(col(Topic.name))))


def edit_topic(
    session: Session,
    topic: Topic,
    *,
    name: str | None = None,
    query: str | None = None,
    rings: Rings | None = None,
) -> None:
    """Change what is given; articles seen from now on are matched against the new query.

    Raises QueryError (a Mistake) for a query that `check_query` refuses, and Mistake for a name too long.
    """
    if query is not None:
        check_query(session, query)
    if name and name.strip() != topic.name:
        check_name(name.strip())
    given = {"name": name and name.strip(), "query": query, "rings": rings}
    topic.sqlmodel_update({key: value for key, value in given.items() if value})
    topic.updated_at = clock.now()
    topic.revision = next_revision(session)
    session.add(topic)
    session.flush()


def pause_topic(session: Session, topic: Topic) -> None:
    """Let a topic match nothing until it is resumed; its subscriptions stay."""
    _move(session, topic, TopicStatus.live, TopicStatus.paused, "is not live")


def resume_topic(session: Session, topic: Topic) -> None:
    """Make a paused topic or a draft live."""
    _move(session, topic, (TopicStatus.paused, TopicStatus.draft), TopicStatus.live, "is live already")


def remove_topic(session: Session, topic: Topic) -> None:
    """Take a topic off the list and end its subscriptions; alerts it rang stay on record."""
    leave = (TopicStatus.draft, TopicStatus.live, TopicStatus.paused)
    _move(session, topic, leave, TopicStatus.removed, "is removed already")
    session.execute(delete(Subscription).where(col(Subscription.topic_id) == topic.id))


def _move(
    session: Session,
    topic: Topic,
    leave: TopicStatus | tuple[TopicStatus, ...],
    enter: TopicStatus,
    otherwise: str,
) -> None:
    assert topic.id is not None  # noqa: S101 - it came from the database
    changed = {"updated_at": clock.now(), "revision": next_revision(session)}
    if not move(session, Topic, [topic.id], leave=leave, enter=enter, **changed):
        raise Mistake(f"The topic {topic.slug} {otherwise}.")
    session.refresh(topic)
