"""The channels of a person who is signed in: adding, confirming, ordering and removing them.

Whoever adds a channel may not be its owner. It waits until the code or the link of the test alert comes back,
which only its owner can read.
"""

import hmac
from datetime import datetime, timedelta

from itsdangerous import BadSignature
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.address import Address
from subscriptions.channel_kinds import EMAIL
from subscriptions.channel_order import Place, Ranks, moved, place_of, placed
from subscriptions.channels import find_channel, store_channel
from subscriptions.errors import Mistake, msgid
from subscriptions.keys import seeds, signer
from subscriptions.preferences import order_channels
from subscriptions.settings import settings
from subscriptions.sign_up import REMOVED, next_ask, retire
from subscriptions.tables import Channel, ChannelStatus, Subscriber, move

LASTS = timedelta(days=3)  # of a link or code to confirm by
REST = timedelta(minutes=1)  # between two tests of one channel; of mail addresses see `sign_up.RESTS`
DIGITS = 6  # of a code


def own_channels(session: Session, subscriber_id: int) -> list[Channel]:
    """List a person's channels in the order they ring, without the removed."""
    theirs = select(Channel).where(
        Channel.subscriber_id == subscriber_id, Channel.status != ChannelStatus.retired
    )
    return list(session.exec(theirs.order_by(col(Channel.rank), col(Channel.id))))


def add_own_channel(session: Session, subscriber: Subscriber, address: Address) -> Channel:
    """Add a channel that waits for its owner's word, and rings then beside those that ring first now.

    A test alert is due to it.

    Raises Mistake for one that is there already, and for one too many.
    """
    others = own_channels(session, subscriber.id or 0)
    known = find_channel(session, subscriber, address)
    if known is not None and known.status != ChannelStatus.retired:
        there = msgid("You have that channel already: %(label)s.")
        raise Mistake(there, label=known.label)
    if len(others) >= (most := settings().own_channels):
        raise Mistake(
            msgid("You have %(most)s channels, the most there can be: remove one first."), most=most
        )
    channel = known or store_channel(session, subscriber, address, status=ChannelStatus.waiting)
    if known is not None:
        gone, waits = ChannelStatus.retired, ChannelStatus.waiting
        move(session, Channel, [channel.id or 0], leave=gone, enter=waits, status_at=clock.now(), why="")
        session.refresh(channel)
    ringing = [other.rank for other in others if other.status == ChannelStatus.live]
    channel.rank = min(ringing, default=min((other.rank for other in others), default=0))
    ask_for_test(session, channel)
    return channel


def ask_for_test(session: Session, channel: Channel) -> bool:
    """Let a test alert be due; say whether it is now. It asks who has not confirmed the channel to do so."""
    now = clock.now()
    if channel.scheme == EMAIL and channel.status == ChannelStatus.waiting:
        channel.ask_at = next_ask(*_asked(session, channel, now), now)
    else:
        channel.ask_at = max(now, channel.asked_at + REST) if channel.asked_at else now
    channel.why = ""
    session.add(channel)
    session.flush()
    return channel.ask_at <= now


def _asked(session: Session, channel: Channel, now: datetime) -> tuple[datetime | None, int]:
    """Tell when an address was asked last, and how often in vain or soon, whoever added it."""
    same = select(Channel).where(Channel.digest == channel.digest, Channel.status != ChannelStatus.live)
    others = [each for each in session.exec(same) if each.id != channel.id]
    soon = sum(each.ask_at is not None for each in others)
    times = [each.asked_at for each in (channel, *others) if each.asked_at is not None]
    last = max(times, default=now if soon else None)
    return last, channel.asks + sum(each.asks for each in others) + soon


def confirm_own_channel(session: Session, channel: Channel) -> None:
    """Let a channel ring at its owner's word."""
    waits, live = ChannelStatus.waiting, ChannelStatus.live
    move(session, Channel, [channel.id or 0], leave=waits, enter=live, status_at=clock.now(), why="")
    session.refresh(channel)
    channel.asks, channel.refusals = 0, 0
    session.add(channel)
    session.flush()


def is_last(session: Session, channel: Channel) -> bool:
    """Say whether a channel rings and no other of its person does."""
    live = [
        each for each in own_channels(session, channel.subscriber_id) if each.status == ChannelStatus.live
    ]
    return [each.id for each in live] == [channel.id]


def remove_own_channel(session: Session, channel: Channel) -> None:
    """Let a channel ring no more; its owner may add it again."""
    retire(session, channel, REMOVED)


def move_own_channel(session: Session, subscriber: Subscriber, channel_id: int, *, up: bool) -> None:
    """Let a channel ring earlier or later; raises Mistake for a channel that is not theirs."""
    ranks, _live = _order(session, subscriber.id or 0)
    order_channels(session, subscriber, moved(ranks, channel_id, up=up))


def place_own_channel(session: Session, channel: Channel, place: Place) -> None:
    """Let a channel ring before its person's others, beside the first of them, or only in their stead."""
    ranks, live = _order(session, channel.subscriber_id)
    subscriber = session.get_one(Subscriber, channel.subscriber_id)
    order_channels(session, subscriber, placed(ranks, live, channel.id or 0, place))


def place_of_own(session: Session, channel: Channel) -> Place | None:
    """Say how a channel rings beside its person's others; None where no other rings."""
    return place_of(*_order(session, channel.subscriber_id), channel.id or 0)


def _order(session: Session, subscriber_id: int) -> tuple[Ranks, set[int]]:
    ranks: dict[int, list[int]] = {}
    live = set()
    for channel in own_channels(session, subscriber_id):
        ranks.setdefault(channel.rank, []).append(channel.id or 0)
        if channel.status == ChannelStatus.live:
            live.add(channel.id or 0)
    return list(ranks.values()), live


def code_of(channel: Channel) -> str:
    """Give the code that the last test alert of a channel told."""
    asked_at = int(channel.asked_at.timestamp()) if channel.asked_at else 0
    text = f"{channel.id}:{channel.digest}:{asked_at}".encode()
    number = int.from_bytes(hmac.digest(seeds("channel code", 32)[0], text, "sha256")[:8])
    return f"{number % 10**DIGITS:0{DIGITS}}"


def is_code(channel: Channel, typed: str) -> bool:
    """Say whether what was typed is the code that was told, no longer ago than it lasts."""
    if channel.asked_at is None or clock.now() - channel.asked_at > LASTS:
        return False
    digits = "".join(letter for letter in typed if letter.isdecimal() and letter.isascii())
    return hmac.compare_digest(digits, code_of(channel))


def confirmation_token(channel: Channel) -> str:
    """Make the token of the link in a test alert."""
    return str(signer("own channel").dumps([channel.id, channel.digest[:16]]))


def channel_of_token(session: Session, token: str) -> Channel | None:
    """Find the channel a token is for; none where it is wrong, too old, or its channel is gone."""
    try:
        number, digest = signer("own channel").loads(token, max_age=int(LASTS.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        return None
    channel = session.get(Channel, number)
    gone = channel is None or channel.digest[:16] != digest or channel.status == ChannelStatus.retired
    return None if gone else channel
