"""The step that mails a new subscriber the link to say yes by."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import Channel, Subscriber, Topic, Wish
from subscriptions.texts import language_of
from worker.errors import SendError, TryLater
from worker.logs import failure
from worker.push.compose import Message, compose_confirmation
from worker.push.recipients import parts_of, recipient_of
from worker.push.transport import send
from worker.push.wire import wire

log = structlog.get_logger()

CLAIM = timedelta(seconds=60)  # longer than a mail takes; then the worker that took it is dead
MAIL_SERVER_REST = timedelta(seconds=30)  # before a mail server that is away is tried again


def ask_for_confirmation(channel_ids: Sequence[int]) -> None:
    """Mail the link to each channel for which a mail is due.

    It counts as asked before the mail goes out: of two workers one mails. When the mail server
    cannot be reached that is taken back, and the sweep asks again; so it does when this process dies.
    """
    for channel_id in channel_ids:
        if claimed := _claim(channel_id):
            _ask(*claimed)


def _ask(channel: Channel, message: Message) -> None:
    try:
        wire().run(send(parts_of(recipient_of(channel)), message, enters_private=True))
    except (TryLater, Mistake) as problem:
        log.warning("confirmation waits", channel=channel.id, problem=str(problem))
        again_at = clock.now() + MAIL_SERVER_REST
        _end_claim(channel, ask_at=again_at, asked_at=None, asks=Channel.asks - 1)
        return
    except SendError as problem:
        log.warning("confirmation failed", channel=channel.id, answer=problem.answer)
    except Exception as error:  # noqa: BLE001 - it is said, but for its words, which may be secret
        log.error("confirmation failed", channel=channel.id, **failure(error))  # noqa: TRY400 - as above
    _end_claim(channel, ask_at=None)


def _claim(channel_id: int) -> tuple[Channel, Message] | None:
    with unit_of_work() as session:
        now = clock.now()
        due = update(Channel).where(
            col(Channel.id) == channel_id, col(Channel.scheme) == EMAIL, col(Channel.ask_at) <= now
        )
        asked = due.values(ask_at=now + CLAIM, asked_at=now, asks=Channel.asks + 1).returning(Channel)
        channel = session.execute(asked).scalar_one_or_none()
        return (channel, _message(session, channel)) if channel else None


def _message(session: Session, channel: Channel) -> Message:
    wished = select(Topic.name).join(Wish, col(Wish.topic_id) == col(Topic.id))
    names = session.exec(wished.where(Wish.channel_id == channel.id).order_by(col(Topic.name))).all()
    language = language_of(session.get_one(Subscriber, channel.subscriber_id).language)
    site = settings().site
    return compose_confirmation(
        names, f"{site}/confirm/{signer('confirm').dumps(channel.id)}", site, language
    )


def _end_claim(channel: Channel, **values: Any) -> None:
    """Note what came of it, unless the owner asked again meanwhile."""
    own = update(Channel).where(col(Channel.id) == channel.id, col(Channel.ask_at) == channel.ask_at)
    with unit_of_work() as session:
        session.execute(own.values(**values))
