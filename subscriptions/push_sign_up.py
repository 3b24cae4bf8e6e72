"""Following topics by a browser's push subscription, and leaving: the reader's own doings.

Who knows an endpoint together with its auth secret is that browser: nobody else was told them. An endpoint
nobody subscribed and a wrong secret are answered alike, so that nothing tells who is subscribed.
"""

import hmac
import re
from dataclasses import dataclass

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.address import Address
from subscriptions.channel_kinds import WEB_PUSH
from subscriptions.channels import add_channel, open_channel, readdress
from subscriptions.errors import Mistake, msgid
from subscriptions.keys import digests
from subscriptions.push_endpoints import spelled, spelling
from subscriptions.sign_up import LEFT, leave, new_reader
from subscriptions.subscribers import followed_topics, subscribe, unsubscribe
from subscriptions.tables import Channel, ChannelStatus, Mute, Story, Subscriber, Topic, TopicStatus, move
from subscriptions.vapid import newest_key_id

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47, near enough


@dataclass(frozen=True, slots=True)
class Known:
    """How a browser shows who it is: its endpoint, and the auth secret only it and we were given."""

    endpoint: str
    auth: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a browser follows; `stale`: it needs a new push subscription to hear of it."""

    topics: list[str]
    stale: bool


def follow(
    session: Session,
    topic: Topic,
    address: Address,
    *,
    old: Known | None = None,
    language: str = "",
    time_zone: str = "",
) -> list[str]:
    """Let a browser follow a topic; give the slugs of all it follows.

    `old` is what it was known by before; language and time zone count for one that is new here.
    Raises Mistake for a topic nobody can follow now.
    """
    if topic.status != TopicStatus.live or topic.practice:
        raise Mistake(msgid("%(topic)s cannot be followed now."), topic=topic.name)
    channel = _moved(session, address, old) or _new(session, address, language, time_zone)
    _make_live(session, channel)
    subscribe(session, session.get_one(Subscriber, channel.subscriber_id), topic)
    return followed(session, channel)


def unfollow(session: Session, known: Known, topic: Topic | None = None) -> list[str]:
    """Let a browser follow a topic no more, or none of them; give the slugs of those it still does."""
    channel = find_browser(session, known)
    if channel is None:
        return []
    if topic is not None:
        unsubscribe(session, session.get_one(Subscriber, channel.subscriber_id), topic)
    if topic is None or not followed(session, channel):
        leave(session, channel)
    return followed(session, channel)


def repair(session: Session, address: Address, old: Known | None) -> Repaired:
    """Go on at a browser's new endpoint or key, and tell what it follows.

    Who left does not come back by it. An endpoint that its push service gave up does not either, and one of
    an older VAPID key had better not stay: both are stale.
    """
    channel = _moved(session, address, old)
    if channel is None or (channel.status == ChannelStatus.retired and channel.why == LEFT):
        return Repaired([], stale=False)
    moved = old is not None and old.endpoint != address.parts["endpoint"]
    if channel.status == ChannelStatus.retired and moved:
        _make_live(session, channel)
    stale = channel.status != ChannelStatus.live or address.parts["key_id"] != newest_key_id()
    return Repaired(followed(session, channel, also_retired=True), stale)


def mute(session: Session, known: Known, story_id: int) -> None:
    """Let a browser's owner hear no more of a story."""
    channel = find_browser(session, known)
    if channel is not None and session.get(Story, story_id) is not None:
        session.merge(Mute(subscriber_id=channel.subscriber_id, story_id=story_id, created_at=clock.now()))
        session.flush()


def find_browser(session: Session, known: Known) -> Channel | None:
    """Find the channel of a browser; none where it does not show its secret."""
    wanted = select(Channel).where(
        Channel.scheme == WEB_PUSH, col(Channel.digest).in_(digests(spelling(known.endpoint)))
    )
    auth = known.auth.rstrip("=").encode()
    for channel in session.exec(wanted.order_by(col(Channel.id))):
        if hmac.compare_digest(open_channel(channel.sealed)["auth"].encode(), auth):
            return channel
    return None


def followed(session: Session, channel: Channel, *, also_retired: bool = False) -> list[str]:
    """List the slugs of the topics a channel's owner is told about over it."""
    if channel.status != ChannelStatus.live and not also_retired:
        return []
    subscriber = session.get_one(Subscriber, channel.subscriber_id)
    return [topic.slug for topic in followed_topics(session, subscriber)]


def _moved(session: Session, address: Address, old: Known | None) -> Channel | None:
    """Find a browser's channel by what it is or was known by, and let it lead where it is now."""
    channel = find_browser(session, Known(address.parts["endpoint"], address.parts["auth"]))
    if channel is None and old is not None:
        channel = find_browser(session, old)
    if channel is not None and open_channel(channel.sealed) != address.parts:
        readdress(session, channel, address)
    return channel


def _new(session: Session, address: Address, language: str, time_zone: str) -> Channel:
    spoken = language if LANGUAGE.fullmatch(language) else "en"
    return add_channel(session, new_reader(session, spoken, time_zone), spelled(address.parts))


def _make_live(session: Session, channel: Channel) -> None:
    silent = (ChannelStatus.waiting, ChannelStatus.retired)
    move(
        session,
        Channel,
        [channel.id or 0],
        leave=silent,
        enter=ChannelStatus.live,
        status_at=clock.now(),
        why="",
        refusals=0,
    )
    session.refresh(channel)
