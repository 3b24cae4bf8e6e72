"""Signing up by e-mail, confirming, and leaving: the reader's own doings.

Whoever types an address may not be its owner. What they ask for is a wish; only the link that is
mailed to the address turns wishes into subscriptions.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.address import Address
from subscriptions.channel_kinds import EMAIL
from subscriptions.channel_order import stands_in
from subscriptions.channels import add_channel, read_address
from subscriptions.errors import Mistake, msgid
from subscriptions.keys import digests
from subscriptions.own_topics import drop_unfollowed
from subscriptions.subscribers import add_subscriber, subscribe
from subscriptions.tables import (
    Channel,
    ChannelStatus,
    Subscriber,
    Subscription,
    Topic,
    TopicStatus,
    Wish,
    move,
)

# The rest between two confirmation mails to one address that never says yes: nobody's mailbox is
# flooded by somebody who types it into the form again and again.
RESTS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
SIGNED_UP = "reader-"  # how the names begin of those who signed up by themselves
LEFT = "its owner left"  # why a channel is retired that only its owner brings back
REMOVED = "its owner removed it"
UNCONFIRMED = "nobody confirmed it"  # why one is retired whose owner never said yes
NO_KEY = (REMOVED, UNCONFIRMED)  # whoever reads such an address is not let into its person's pages


def ask(
    session: Session, topic: Topic, address: str, *, language: str = "en", time_zone: str = ""
) -> Channel | None:
    """Note that an address wishes to follow a topic; give the channel when a mail is due to it now.

    One that is new here is spoken to in `language`, by the clock of `time_zone`.
    Raises Mistake for what is no mail address, and for a topic nobody can follow now.
    """
    read = mail_address(address)
    if topic.status != TopicStatus.live or topic.practice:
        raise Mistake(msgid("%(topic)s cannot be followed now."), topic=topic.name)
    channel = find_own(session, read) or _new_channel(session, read, language, time_zone)
    if _follows(session, channel, topic):
        return None
    session.merge(Wish(channel_id=channel.id or 0, topic_id=topic.id or 0, created_at=clock.now()))
    _take_back(session, channel)
    channel.ask_at = next_ask(channel.asked_at, channel.asks, clock.now())
    session.add(channel)
    session.flush()
    return channel if channel.ask_at <= clock.now() else None


def find_own(session: Session, address: Address) -> Channel | None:
    """Find the channel that the reader of a mail address signed up by; none that another may have added.

    Anybody can add anybody's address to a person of theirs, where it waits or was removed again: if it
    counted here, what its owner follows would become that person's to read and to change.
    """
    other = aliased(Channel)
    shared = select(other.id).where(
        col(other.subscriber_id) == col(Channel.subscriber_id), col(other.id) != col(Channel.id)
    )
    confirmed = or_(
        col(Channel.status) == ChannelStatus.live,
        (col(Channel.status) == ChannelStatus.retired) & col(Channel.why).not_in(NO_KEY),
    )
    wished = select(Wish.topic_id).where(col(Wish.channel_id) == col(Channel.id))
    theirs = select(Channel).where(
        Channel.scheme == EMAIL,
        col(Channel.digest).in_(digests(address.spelling)),
        or_(confirmed, wished.exists(), ~shared.exists()),
    )
    found = session.exec(theirs.order_by(col(Channel.id))).all()
    return next((each for each in found if each.status == ChannelStatus.live), next(iter(found), None))


def next_ask(asked_at: datetime | None, asks: int, now: datetime) -> datetime:
    """Tell when the next confirmation mail may go to an address that was asked `asks` times in vain."""
    if asked_at is None or not asks:
        return now
    return max(now, asked_at + RESTS[min(asks, len(RESTS)) - 1])


def wishes(session: Session, channel: Channel) -> Sequence[Topic]:
    """List the topics a channel's owner can say yes to, by name."""
    wished = select(Topic).join(Wish).where(Wish.channel_id == channel.id, Topic.status == TopicStatus.live)
    return session.exec(wished.order_by(col(Topic.name))).all()


def confirm(session: Session, channel: Channel, topic_ids: Collection[int]) -> Sequence[Topic]:
    """Make a channel live and the chosen wishes subscriptions; the other wishes are forgotten."""
    now = clock.now()
    leave = (ChannelStatus.waiting, ChannelStatus.retired)
    move(session, Channel, [channel.id or 0], leave=leave, enter=ChannelStatus.live, status_at=now, why="")
    chosen = [topic for topic in wishes(session, channel) if topic.id in topic_ids]
    subscriber = session.get_one(Subscriber, channel.subscriber_id)
    for topic in chosen:
        subscribe(session, subscriber, topic)
    session.execute(delete(Wish).where(col(Wish.channel_id) == channel.id))
    session.refresh(channel)
    channel.asks, channel.ask_at = 0, None
    channel.refusals = 0
    session.add(channel)
    session.flush()
    return chosen


def keep(session: Session, channel: Channel, topic_ids: Collection[int]) -> None:
    """Let a channel's owner follow only these topics; with none left they have left, on every channel."""
    person = channel.subscriber_id
    followed = set(session.exec(select(Subscription.topic_id).where(Subscription.subscriber_id == person)))
    kept = followed & set(topic_ids)
    if not kept:
        leave_everything(session, person)
        return
    others = delete(Subscription).where(
        col(Subscription.subscriber_id) == person, col(Subscription.topic_id).not_in(kept)
    )
    session.execute(others)
    drop_unfollowed(session, person)


def leave(session: Session, channel: Channel) -> None:
    """Retire a channel at its owner's word, and forget what they wished for.

    What only stood in for it leaves with it: nobody who leaves asks to be told elsewhere instead.
    """
    was_live = channel.status == ChannelStatus.live
    _leave(session, channel)
    live = Channel.subscriber_id == channel.subscriber_id, Channel.status == ChannelStatus.live
    others = session.exec(select(Channel).where(*live)).all()
    ranks = [each.rank for each in others]
    silent = [each for each in others if was_live and stands_in(each.rank, ranks, channel.rank)]
    for each in silent:
        _leave(session, each)
    if len(silent) == len(others):
        follows = col(Subscription.subscriber_id) == channel.subscriber_id
        session.execute(delete(Subscription).where(follows))
        drop_unfollowed(session, channel.subscriber_id)


def _leave(session: Session, channel: Channel) -> None:
    retire(session, channel, LEFT)
    session.execute(delete(Wish).where(col(Wish.channel_id) == channel.id))


def leave_everything(session: Session, subscriber_id: int) -> None:
    """Retire all channels of a person at their word, and forget what they followed and wished for."""
    theirs = select(Channel).where(
        Channel.subscriber_id == subscriber_id, Channel.status != ChannelStatus.retired
    )
    for channel in session.exec(theirs).all():
        leave(session, channel)


def retire(session: Session, channel: Channel, why: str) -> None:
    """Let a channel ring no more; of one that nobody confirmed it stays known that nobody did."""
    numbers, retired, now = [channel.id or 0], ChannelStatus.retired, clock.now()
    for state, reason in ((ChannelStatus.waiting, UNCONFIRMED), (ChannelStatus.live, why)):
        move(session, Channel, numbers, leave=state, enter=retired, status_at=now, why=reason, ask_at=None)
    session.refresh(channel)


def mail_address(typed: str) -> Address:
    """Read what a reader typed as their mail address; raises Mistake."""
    wrong = Mistake(msgid("That is no mail address: it looks like ann@news.example."))
    try:
        read = read_address(typed)
    except Mistake:
        raise wrong from None
    if read.scheme != EMAIL:
        raise wrong
    return read


def _new_channel(session: Session, address: Address, language: str, time_zone: str) -> Channel:
    subscriber = new_reader(session, language, time_zone)
    spelling = address.spelling.partition(":")[2]
    return add_channel(session, subscriber, spelling, status=ChannelStatus.waiting)


def new_reader(session: Session, language: str, time_zone: str) -> Subscriber:
    """Store a person who signs up; a time zone nobody here knows is UTC."""
    name = f"{SIGNED_UP}{secrets.token_hex(6)}"
    try:
        return add_subscriber(session, name, language=language, time_zone=time_zone or "UTC")
    except Mistake:  # a zone newer than ours, or none
        return add_subscriber(session, name, language=language)


def _take_back(session: Session, channel: Channel) -> None:
    """Let a channel that was retired wait for its owner again."""
    left, waiting = ChannelStatus.retired, ChannelStatus.waiting
    move(session, Channel, [channel.id or 0], leave=left, enter=waiting, status_at=clock.now())
    session.refresh(channel)


def _follows(session: Session, channel: Channel, topic: Topic) -> bool:
    keys = {"subscriber_id": channel.subscriber_id, "topic_id": topic.id}
    return channel.status == ChannelStatus.live and session.get(Subscription, keys) is not None
