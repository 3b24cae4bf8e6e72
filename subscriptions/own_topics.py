"""Topics that readers write for themselves: nobody else sees or follows them."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from subscriptions.errors import Mistake, msgid
from subscriptions.settings import settings
from subscriptions.subscribers import subscribe
from subscriptions.tables import Match, OwnTopic, Subscriber, Subscription, Topic, TopicStatus
from subscriptions.topics import LONGEST_NAME, add_topic, check_name, remove_topic

OWN = "topics that readers wrote for themselves"  # what the desk sees of them


def is_public() -> ColumnElement[bool]:
    """Give the condition that a topic is everybody's, not one reader's own."""
    # Not by NOT IN, which PostgreSQL answers row by row where there are more of them than its memory holds.
    return ~select(OwnTopic.topic_id).where(col(OwnTopic.topic_id) == col(Topic.id)).exists()


def own_topics(session: Session, subscriber: Subscriber) -> Sequence[Topic]:
    """List the topics a subscriber wrote, by name."""
    wanted = select(Topic).join(OwnTopic).where(OwnTopic.subscriber_id == subscriber.id)
    return session.exec(wanted.where(Topic.status != TopicStatus.removed).order_by(col(Topic.name))).all()


def write_own_topic(session: Session, subscriber: Subscriber, query: str, name: str = "") -> Topic:
    """Let a subscriber follow a topic of their own; without a name it is called by its query.

    Raises QueryError (a Mistake) for a wrong query, and Mistake where they have as many as they may.
    """
    most = settings().own_topics
    if not most:
        raise Mistake(msgid("Topics of one's own are switched off here: follow one of those there are."))
    already = next((topic for topic in own_topics(session, subscriber) if topic.query == query), None)
    if already is not None:
        return already
    if len(own_topics(session, subscriber)) >= most:
        raise Mistake(
            msgid("You have %(most)s topics of your own, as many as you can: end one first."), most=most
        )
    called = " ".join(name.split())
    check_name(called)
    called = called or " ".join(query.split())[:LONGEST_NAME]
    topic = add_topic(session, f"own-{secrets.token_hex(8)}", query, name=called)
    session.add(OwnTopic(topic_id=topic.id or 0, subscriber_id=subscriber.id or 0))
    session.flush()
    subscribe(session, subscriber, topic)
    return topic


def drop_unfollowed(session: Session, subscriber_id: int) -> None:
    """Remove a subscriber's own topics that they do not follow any more, and forget what they asked for."""
    followed = select(Subscription.topic_id).where(Subscription.subscriber_id == subscriber_id)
    own = select(Topic).join(OwnTopic).where(OwnTopic.subscriber_id == subscriber_id)
    for topic in session.exec(own.where(col(Topic.id).not_in(followed))).all():
        forget_own_topic(session, topic)


def forget_own_topic(session: Session, topic: Topic) -> None:
    """Remove an own topic; alerts it rang stay on record, without its words."""
    if topic.status != TopicStatus.removed:
        remove_topic(session, topic)
    topic.name, topic.query = "a reader's own topic", ""
    session.add(topic)
    session.execute(update(Match).where(col(Match.topic_id) == topic.id).values(words=[]))
    owned = session.get(OwnTopic, topic.id)
    session.flush()
    if owned is not None:
        session.delete(owned)
        session.flush()


def own_ids(session: Session, topics: Iterable[Topic]) -> set[int]:
    """Give the numbers of those topics that are readers' own: their words are not the desk's to read."""
    numbers = [topic.id for topic in topics]
    return set(session.exec(select(OwnTopic.topic_id).where(col(OwnTopic.topic_id).in_(numbers))))
