"""The step that mails the link a person asked to sign in by."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlmodel import col

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.sign_in import sign_in_token, whose
from subscriptions.tables import Channel, SignIn, Subscriber
from subscriptions.texts import language_of
from worker.errors import SendError, TryLater
from worker.logs import failure
from worker.push.compose import Message, compose_sign_in
from worker.push.recipients import parts_of, recipient_of
from worker.push.transport import send
from worker.push.wire import wire

log = structlog.get_logger()

CLAIM = timedelta(seconds=60)  # longer than a mail takes; then the worker that took it is dead
MAIL_SERVER_REST = timedelta(seconds=30)


def mail_links(asked_ids: Sequence[int]) -> None:
    """Mail each link that is due to whom it is for; where nobody has the address there is nothing to mail.

    It counts as mailed before it goes out: of two workers one mails. When the mail server cannot be reached,
    or this process dies, the sweep calls again.
    """
    for asked_id in asked_ids:
        if claimed := _claim(asked_id):
            _mail(asked_id, *claimed)


def _claim(asked_id: int) -> tuple[Channel, Message] | None:
    with unit_of_work() as session:
        now = clock.now()
        due = update(SignIn).where(
            col(SignIn.id) == asked_id, col(SignIn.due_at) <= now, col(SignIn.expires_at) > now
        )
        asked = session.execute(due.values(due_at=now + CLAIM).returning(SignIn)).scalar_one_or_none()
        if asked is None:
            return None
        channel = whose(session, asked)
        if channel is None:
            session.delete(asked)
            return None
        asked.channel_id = channel.id
        language = language_of(session.get_one(Subscriber, channel.subscriber_id).language)
        site = settings().site
        link = f"{site}/me/sign-in/{sign_in_token(asked)}"
        return channel, compose_sign_in(link, site, language)


def _mail(asked_id: int, channel: Channel, message: Message) -> None:
    try:
        wire().run(send(parts_of(recipient_of(channel)), message, enters_private=True))
    except (TryLater, Mistake) as problem:
        log.warning("sign-in link waits", channel=channel.id, problem=str(problem))
        _due(asked_id, again=True)
        return
    except SendError as problem:
        log.warning("sign-in link failed", channel=channel.id, answer=problem.answer)
    except Exception as error:  # noqa: BLE001 - it is said, but for its words, which may be secret
        log.error("sign-in link failed", channel=channel.id, **failure(error))  # noqa: TRY400 - as above
    _due(asked_id, again=False)


def _due(asked_id: int, *, again: bool) -> None:
    at = clock.now() + MAIL_SERVER_REST if again else None
    with unit_of_work() as session:
        session.execute(update(SignIn).where(col(SignIn.id) == asked_id).values(due_at=at))
