"""Who the channels of a shard belong to, and what each is to be sent."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlmodel import Session, col

from subscriptions.alerts import URGENT
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.channels import open_channel
from subscriptions.counts import count_token, counted_link
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertKind,
    AlertTopic,
    Channel,
    ChannelStatus,
    Subscriber,
    Subscription,
    Topic,
)
from subscriptions.texts import ENGLISH, language_of
from worker.push.compose import Message, compose
from worker.push.people import among
from worker.push.restrain import Follow

LIVE = ChannelStatus.live


class Recipient(NamedTuple):
    """What sending needs of a channel, and the alert's topics that its owner follows now."""

    channel_id: int
    scheme: str
    sealed: bytes
    label: str
    private: bool
    live: bool
    refusals: int
    owner: int = 0
    follows: tuple[Follow, ...] = ()
    reads: str = ENGLISH.code  # the code of a language there are texts in

    @property
    def far_end(self) -> str:
        """Name the host or service its messages go to: what fails or is slow, is so for all of them."""
        return EMAIL if self.scheme == EMAIL else self.label

    @property
    def enters_private(self) -> bool:
        """Say whether a send may go to this machine or a private network."""
        return self.private or self.scheme == EMAIL  # its SMTP server is the newsroom's own


def recipient_of(channel: Channel) -> Recipient:
    """Give what sending needs of one channel."""
    live = channel.status == ChannelStatus.live
    kept = (channel.scheme, channel.sealed, channel.label, channel.private)
    return Recipient(channel.id or 0, *kept, live, channel.refusals, channel.subscriber_id)


def recipients(session: Session, alert_id: int, channel_ids: Sequence[int]) -> list[Recipient]:
    """Read the channels with what their owners follow, in order; deleted ones are left out."""
    # Columns, not objects: these are the rows of which there are millions.
    names = ("id", "subscriber_id", "scheme", "sealed", "label", "private", "status", "refusals")
    wanted = columns(*(getattr(Channel, name) for name in names)).where(among(Channel.id, channel_ids))
    known = set(channel_ids)
    rows: Any = [row for row in session.execute(wanted.order_by(col(Channel.id))) if row[0] in known]
    owners = [row[1] for row in rows]
    follows, reads = _follows(session, alert_id, owners), _languages(session, owners)
    return [
        Recipient(
            number,
            scheme,
            sealed,
            label,
            private,
            live == LIVE,
            refusals,
            owner,
            follows.get(owner, ()),
            reads.get(owner, ENGLISH.code),
        )
        for number, owner, scheme, sealed, label, private, live, refusals in rows
    ]


def have_refused(recipients: Iterable[Recipient]) -> set[int]:
    """Give the channels of those who refused the last time."""
    return {recipient.channel_id for recipient in recipients if recipient.refusals}


def _follows(session: Session, alert_id: int, subscriber_ids: Sequence[int]) -> dict[int, tuple[Follow, ...]]:
    followed = (
        columns(
            col(Subscription.subscriber_id),
            col(Topic.name),
            col(Subscription.threshold),
            col(Subscription.cadence),
        )
        .join(Topic, col(Topic.id) == col(Subscription.topic_id))
        .join(AlertTopic, col(AlertTopic.topic_id) == col(Topic.id))
        .where(col(AlertTopic.alert_id) == alert_id, among(Subscription.subscriber_id, subscriber_ids))
        .order_by(col(Topic.name))
    )
    follows: dict[int, tuple[Follow, ...]] = {}
    known: dict[Any, tuple[Follow, ...]] = {}  # of most people one and the same
    for subscriber_id, *values in session.execute(followed):
        before, key = follows.get(subscriber_id, ()), tuple(values)
        if before:
            follows[subscriber_id] = (*before, Follow(*key))
        else:
            follows[subscriber_id] = known.get(key) or known.setdefault(key, (Follow(*key),))
    return follows


def _languages(session: Session, owners: Collection[int]) -> dict[int, str]:
    """Give the languages of those who read another than English, which costs little where few do."""
    wanted = columns(col(Subscriber.id), col(Subscriber.language)).where(
        among(Subscriber.id, owners), col(Subscriber.language) != ENGLISH.code
    )
    return {owner: language_of(language).code for owner, language in session.execute(wanted)}


def message_for(alert: Alert, recipient: Recipient, expires_at: datetime | None = None) -> Message:
    """Write an alert for one recipient; `expires_at` where for them it is news for longer."""
    alert_id, mail, counts = alert.id or 0, recipient.scheme == EMAIL, settings().count_clicks
    message = compose(
        title=alert.title,
        text=alert.text,
        source_name=alert.source_name,
        follows=names_of(recipient.follows),
        reader=recipient.reads,
        link=counted_link(alert_id, alert.link) if mail else alert.link,
        image=alert.image,
        language=alert.language,
        thread=f"story-{alert.story_id}",
        version=alert.version,
        story=alert.story_id,
        receipt=count_token(alert_id) if counts and recipient.scheme == WEB_PUSH else "",
        withdraws=alert.kind == AlertKind.kill,
        urgent=alert.urgency <= URGENT,
        expires_at=expires_at or alert.expires_at,
    )
    if not mail:
        return message
    return replace(message, leave=unsubscribe_link(recipient.channel_id))


@lru_cache(maxsize=1000)
def names_of(follows: tuple[Follow, ...]) -> tuple[str, ...]:
    """Name the topics followed."""
    return tuple(follow.topic for follow in follows)


def unsubscribe_link(channel_id: int) -> str:
    """Give the address of the page by which a channel's owner leaves."""
    return f"{settings().site}/unsubscribe/{signer('unsubscribe').dumps(channel_id)}"


def parts_of(recipient: Recipient) -> dict[str, Any]:
    """Open a channel as Apprise's parsed parts; of a mail address, {"schema": EMAIL, "to": the address}."""
    parts = open_channel(recipient.sealed)
    return {**parts, "schema": EMAIL} if recipient.scheme == EMAIL else parts
