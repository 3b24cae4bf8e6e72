"""The address of a person's own feed: a signed link that opens nothing else, and can be made anew."""

import secrets

from itsdangerous import BadSignature
from sqlmodel import Session

from subscriptions import clock
from subscriptions.keys import stamp
from subscriptions.tables import FeedLink, Subscriber

BITS = 62  # of the number that makes a link another one; a column holds 63


def feed_token(session: Session, subscriber: Subscriber) -> str:
    """Give the token of a person's feed; "" where they have none."""
    link = session.get(FeedLink, subscriber.id)
    return stamp("feed").dumps([link.subscriber_id, link.number]) if link is not None else ""


def make_feed_link(session: Session, subscriber: Subscriber) -> str:
    """Give a person a feed, or a new address for it; the one before leads nowhere from now on."""
    link = session.get(FeedLink, subscriber.id) or FeedLink(
        subscriber_id=subscriber.id or 0, number=0, made_at=clock.now()
    )
    link.number, link.made_at = secrets.randbits(BITS), clock.now()
    session.add(link)
    session.flush()
    return feed_token(session, subscriber)


def end_feed(session: Session, subscriber: Subscriber) -> None:
    """Let a person have no feed any more."""
    if link := session.get(FeedLink, subscriber.id):
        session.delete(link)
        session.flush()


def whose_feed(session: Session, token: str) -> Subscriber | None:
    """Give the person whose feed a token opens; None for one that is wrong, or was replaced."""
    try:
        subscriber_id, number = stamp("feed").loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    link = session.get(FeedLink, subscriber_id)
    if link is None or link.number != number:
        return None
    return session.get(Subscriber, subscriber_id)
