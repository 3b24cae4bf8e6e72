"""Adding and removing subscribers, and what they follow, as the command and the pages do it."""

from zoneinfo import ZoneInfo, available_timezones

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channels import read_address
from subscriptions.errors import Missing, Mistake
from subscriptions.keys import digests
from subscriptions.names import missing, only
from subscriptions.tables import Channel, Subscriber, Subscription, Topic, TopicStatus
from subscriptions.wants import Cadence


def add_subscriber(
    session: Session, name: str, *, language: str = "en", time_zone: str = "UTC", practice: bool = False
) -> Subscriber:
    """Store a person under a name; raises Mistake for a name in use or a time zone nobody knows."""
    name = name.strip()
    if not name:
        raise Mistake("A subscriber needs a name, as in `tocsin subscribers add ann`.")
    if session.exec(select(Subscriber).where(Subscriber.name == name)).first():
        raise Mistake(f"There is a subscriber {name!r} already: choose another name.")
    check_zone(time_zone)
    subscriber = Subscriber(
        name=name, language=language, time_zone=time_zone, practice=practice, created_at=clock.now()
    )
    session.add(subscriber)
    session.flush()
    return subscriber


def find_subscriber(session: Session, ref: str) -> Subscriber:
    """Find a subscriber by name, number or the address of a channel; raises Mistake when there is none."""
    named = session.exec(select(Subscriber).where(Subscriber.name == ref)).first()
    if named is None and ref.isdecimal():
        named = session.get(Subscriber, int(ref))
    if named is None and ("@" in ref or "://" in ref):
        return _by_address(session, ref)
    if named is None:
        known = list(session.exec(select(Subscriber.name).limit(1000)))
        raise missing("subscriber", ref, known, "tocsin subscribers list")
    return named


def _by_address(session: Session, text: str) -> Subscriber:
    owners = select(Subscriber).join(Channel, col(Channel.subscriber_id) == col(Subscriber.id))
    owned = owners.where(col(Channel.digest).in_(digests(read_address(text).spelling))).distinct()
    found = session.exec(owned.order_by(col(Subscriber.id))).all()
    if not found:  # the address is not repeated: there may be a secret in it
        raise Missing("No subscriber has a channel with that address", ": `tocsin subscribers list`.")
    return only(found, "subscriber", "that address", lambda row: row.name)


def remove_subscriber(session: Session, subscriber: Subscriber) -> None:
    """Delete a person with their channels and subscriptions."""
    session.delete(subscriber)
    session.flush()


def subscribe(
    session: Session,
    subscriber: Subscriber,
    topic: Topic,
    *,
    threshold: int | None = None,
    cadence: Cadence | None = None,
) -> Subscription:
    """Let a subscriber follow a topic: articles seen from now on ring, from urgency `threshold` up.

    None keeps what was chosen before, or is everything, at once. Following twice changes these and nothing
    else. Raises Mistake for a topic that is
    not live, and where practice and real would mix.
    """
    if topic.status != TopicStatus.live:
        raise Mistake(f"The topic {topic.slug} is {topic.status}: make it live before anybody follows it.")
    if topic.practice != subscriber.practice:
        raise Mistake("The practice newsroom is for the practice subscriber only: choose another topic.")
    if threshold is not None and not 1 <= threshold <= 8:  # noqa: PLR2004 - IPTC's scale
        raise Mistake(f"The threshold {threshold} is no urgency: choose 1 (flashes only) to 8 (everything).")
    keys = {"subscriber_id": subscriber.id, "topic_id": topic.id}
    followed = session.get(Subscription, keys)
    if followed is None:
        followed = Subscription.model_validate(keys | {"created_at": clock.now()})
    if threshold is not None:
        followed.threshold = threshold
    if cadence is not None:
        followed.cadence = cadence
    session.add(followed)
    session.flush()
    return followed


def unsubscribe(session: Session, subscriber: Subscriber, topic: Topic) -> bool:
    """End a subscription; say whether there was one."""
    followed = session.get(Subscription, {"subscriber_id": subscriber.id, "topic_id": topic.id})
    if followed is not None:
        session.delete(followed)
        session.flush()
    return followed is not None


def followed_topics(session: Session, subscriber: Subscriber) -> list[Topic]:
    """List the topics a subscriber follows, by name."""
    wanted = (
        select(Topic)
        .join(Subscription, col(Subscription.topic_id) == col(Topic.id))
        .where(Subscription.subscriber_id == subscriber.id)
        .order_by(col(Topic.name))
    )
    return list(session.exec(wanted))


def check_zone(time_zone: str) -> None:
    """Raise Mistake, with near ones, for a time zone nobody knows."""
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        near = missing("time zone", time_zone, sorted(available_timezones()), "timedatectl list-timezones")
        raise near from None
