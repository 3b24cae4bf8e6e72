"""The step that mails a new subscriber the link to say yes by."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import Channel, Topic, Wish
from worker.errors import SendError, TryLater
from worker.push.compose import Message, compose_confirmation
from worker.push.recipients import parts_of
from worker.push.transport import send
from worker.push.wire import wire

log = structlog.get_logger()

MAIL_SERVER_REST = timedelta(seconds=30)  # before a mail server that is away is tried again


def ask_for_confirmation(channel_ids: Sequence[int]) -> None:
    """Mail the link to each channel for which a mail is due.

    It counts as asked before the mail goes out: of two workers one mails. When the mail server
    cannot be reached that is taken back, and the sweep asks again.
    """
    for channel, message in _claim(channel_ids):
        try:
            wire().run(send(parts_of(channel), message, enters_private=True))
        except (TryLater, Mistake) as problem:
            log.warning("confirmation waits", channel=channel.id, problem=str(problem))
            _give_back(channel)
        except SendError as problem:
            log.warning("confirmation failed", channel=channel.id, answer=problem.answer)


def _claim(channel_ids: Sequence[int]) -> list[tuple[Channel, Message]]:
    with unit_of_work() as session:
        now = clock.now()
        due = update(Channel).where(
            col(Channel.id).in_(channel_ids), col(Channel.scheme) == EMAIL, col(Channel.ask_at) <= now
        )
        asked = due.values(ask_at=None, asked_at=now, asks=Channel.asks + 1).returning(Channel)
        channels = session.execute(asked).scalars().all()
        return [(channel, _message(session, channel)) for channel in channels]


def _message(session: Session, channel: Channel) -> Message:
    wished = select(Topic.name).join(Wish, col(Wish.topic_id) == col(Topic.id))
    names = session.exec(wished.where(Wish.channel_id == channel.id).order_by(col(Topic.name))).all()
    site = settings().site
    return compose_confirmation(names, f"{site}/confirm/{signer('confirm').dumps(channel.id)}", site)


def _give_back(channel: Channel) -> None:
    with unit_of_work() as session:
        again = update(Channel).where(
            col(Channel.id) == channel.id, col(Channel.asked_at) == channel.asked_at
        )
        due = clock.now() + MAIL_SERVER_REST
        session.execute(again.values(ask_at=due, asked_at=None, asks=Channel.asks - 1))
