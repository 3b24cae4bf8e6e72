"""The channels of a person who is signed in: adding, confirming, ordering and removing them.

Whoever adds a channel may not be its owner. It waits until the code or the link of the test alert comes back,
which only its owner can read.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from itsdangerous import BadSignature
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.address import Address
from subscriptions.channel_kinds import EMAIL
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

Ranks = list[list[int]]


def own_channels(session: Session, subscriber_id: int) -> list[Channel]:
    """List a person's channels in the order they ring, without the removed."""
    theirs = select(Channel).where(
        Channel.subscriber_id == subscriber_id, Channel.status != ChannelStatus.retired
    )
    return list(session.exec(theirs.order_by(col(Channel.rank), col(Channel.id))))


def add_own_channel(session: Session, subscriber: Subscriber, address: Address) -> Channel:
    """Add a channel that waits for its owner's word, behind the others; a test alert is due to it.

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
    channel.rank = max((other.rank for other in others), default=-1) + 1
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
    ranks: dict[int, list[int]] = {}
    for channel in own_channels(session, subscriber.id or 0):
        ranks.setdefault(channel.rank, []).append(channel.id or 0)
    order_channels(session, subscriber, moved(list(ranks.values()), channel_id, up=up))


def moved(ranks: Sequence[Sequence[int]], channel_id: int, *, up: bool) -> Ranks:
    """Move a channel one step: out of those it rings with, or from alone to those beside it. Pure."""
    order = [list(rank) for rank in (ranks if up else reversed(ranks))]
    at = next((at for at, rank in enumerate(order) if channel_id in rank), None)
    if at is not None:
        order[at].remove(channel_id)
        if order[at]:
            order.insert(at, [channel_id])
        elif at:
            order[at - 1].append(channel_id)
        else:
            order[at].append(channel_id)
    kept = [rank for rank in order if rank]
    return kept if up else kept[::-1]


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
