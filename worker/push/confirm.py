"""The step that asks the owner of a new channel to say yes, or tests one, by the code that sends alerts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import case, or_, update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.own_channels import code_of, confirmation_token
from subscriptions.settings import settings
from subscriptions.tables import Channel, ChannelStatus, Subscriber, Topic, Wish
from subscriptions.texts import language_of
from worker.errors import SendError, TryLater
from worker.logs import failure
from worker.push.compose import Message, compose_confirmation, compose_own_channel, compose_test
from worker.push.recipients import leave_page, parts_of, recipient_of
from worker.push.transport import answer_of, send
from worker.push.wire import wire

log = structlog.get_logger()

CLAIM = timedelta(seconds=60)  # longer than a mail takes; then the worker that took it is dead
MAIL_SERVER_REST = timedelta(seconds=30)  # before a mail server that is away is tried again


def ask_for_confirmation(channel_ids: Sequence[int]) -> None:
    """Send each channel the mail or test alert that is due to it.

    It counts as asked before it goes out: of two workers one sends. When the newsroom's mail server
    cannot be reached that is taken back, and the sweep asks again; so it does when this process dies.
    What another far end answers is noted, for its owner to see.
    """
    for channel_id in channel_ids:
        if claimed := _claim(channel_id):
            _ask(*claimed)


def _ask(channel: Channel, message: Message) -> None:
    try:
        recipient = recipient_of(channel)
        leave, private = leave_path(channel.id or 0), recipient.enters_private
        wire().run(send(parts_of(recipient), message, leave=leave, enters_private=private))
    except (TryLater, Mistake) as problem:
        if channel.scheme == EMAIL:
            log.warning("confirmation waits", channel=channel.id, problem=str(problem))
            again_at = clock.now() + MAIL_SERVER_REST
            _end_claim(channel, ask_at=again_at, asked_at=None, asks=_asks(-1))
            return
        _fail(channel, problem)
    except Exception as error:  # noqa: BLE001 - it is said, but for its words, which may be secret
        _fail(channel, error)
    else:
        _end_claim(channel, ask_at=None, why="")


def _fail(channel: Channel, error: Exception) -> None:
    why = answer_of(error)
    said = {} if isinstance(error, SendError) else failure(error)
    log.warning("confirmation failed", channel=channel.id, answer=why, **said)
    _end_claim(channel, ask_at=None, why=why)


def _claim(channel_id: int) -> tuple[Channel, Message] | None:
    with unit_of_work() as session:
        now = clock.now()
        due = update(Channel).where(
            col(Channel.id) == channel_id,
            col(Channel.status) != ChannelStatus.retired,
            col(Channel.ask_at) <= now,
        )
        asked = due.values(ask_at=now + CLAIM, asked_at=now, asks=_asks(1)).returning(Channel)
        channel = session.execute(asked).scalar_one_or_none()
        return (channel, _message(session, channel)) if channel else None


def _asks(more: int) -> Any:
    """Count how often somebody was asked in vain: a test of a live channel is none of these."""
    wishes = select(Wish.topic_id).where(Wish.channel_id == Channel.id).exists()
    asks = or_(col(Channel.status) == ChannelStatus.waiting, wishes)
    return case((asks, Channel.asks + more), else_=Channel.asks)


def _message(session: Session, channel: Channel) -> Message:
    wished = select(Topic.name).join(Wish, col(Wish.topic_id) == col(Topic.id))
    names = session.exec(wished.where(Wish.channel_id == channel.id).order_by(col(Topic.name))).all()
    language = language_of(session.get_one(Subscriber, channel.subscriber_id).language)
    site = settings().site
    if not names and channel.status == ChannelStatus.live:
        return compose_test(site, language, leave_page(recipient_of(channel)))
    if not names:
        link = f"{site}/me/channels/confirm/{confirmation_token(channel)}"
        return compose_own_channel(link, code_of(channel), site, language)
    return compose_confirmation(
        names, f"{site}/confirm/{signer('confirm').dumps(channel.id)}", site, language
    )


def _end_claim(channel: Channel, **values: Any) -> None:
    """Note what came of it, unless the owner asked again meanwhile."""
    own = update(Channel).where(col(Channel.id) == channel.id, col(Channel.ask_at) == channel.ask_at)
    with unit_of_work() as session:
        session.execute(own.values(**values))
