"""What a person asked for: a query, or the slug of a topic that has one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subscriptions.queries import Query
    from subscriptions.tables import Topic


def asked_query(query_or_topic: str) -> "tuple[Query, bool]":
    """Give the query, and whether it is one of the practice newsroom; raises QueryError."""
    from subscriptions.queries import parse_query

    topic = _topic(query_or_topic)
    return parse_query(topic.query if topic else query_or_topic), topic is not None and topic.practice


def _topic(ref: str) -> "Topic | None":
    # A query can be tried where there is no database: on a laptop, on an archive.
    from sqlmodel import select

    from subscriptions.tables import Topic, TopicStatus
    from worker.commands.session import database_exists, looking

    if not database_exists():
        return None
    with looking() as session:
        named = select(Topic).where(Topic.slug == ref, Topic.status != TopicStatus.removed)
        return session.exec(named).first()
