"""What a person asked for: a query, or the slug of a topic that has one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subscriptions.queries import Query


def asked_query(query_or_topic: str) -> "tuple[Query, bool]":
    """Give the query, and whether it is one of the practice newsroom; raises QueryError.

    A query can be tried where there is no database: on a laptop, on an archive.
    """
    from sqlmodel import select

    from subscriptions.media_topics import vocabulary
    from subscriptions.queries import parse_query
    from subscriptions.tables import Topic, TopicStatus
    from worker.commands.session import database_exists, looking

    if not database_exists():
        return parse_query(query_or_topic), False
    with looking() as session:
        named = select(Topic).where(Topic.slug == query_or_topic, Topic.status != TopicStatus.removed)
        topic = session.exec(named).first()
        text = topic.query if topic else query_or_topic
        return parse_query(text, media_topics=vocabulary(session)), topic is not None and topic.practice
