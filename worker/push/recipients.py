"""Who the channels of a shard belong to, and what each is to be sent."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam
from sqlalchemy import select as columns
from sqlmodel import Session, col

from subscriptions.alerts import URGENT
from subscriptions.channel_kinds import EMAIL, WEB_PUSH
from subscriptions.channels import open_channel
from subscriptions.counts import count_token, counted_link
from subscriptions.keys import signer
from subscriptions.leave_links import leave_place
from subscriptions.prepared import Among, Prepared, as_stored
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
from subscriptions.wants import Cadence
from worker.push.compose import Message, compose
from worker.push.restrain import Follow

LIVE = ChannelStatus.live
# These are the rows of which there are millions: read as stored.
CHANNELS = Among(
    columns(
        *(as_stored(getattr(Channel, name)) for name in ("id", "subscriber_id", "scheme", "sealed", "label")),
        *(as_stored(getattr(Channel, name)) for name in ("private", "status", "refusals")),
    ).order_by(col(Channel.id)),
    Channel.id,
)
TOPICS = Prepared(
    columns(col(Topic.id), col(Topic.name))
    .join(AlertTopic, col(AlertTopic.topic_id) == col(Topic.id))
    .where(col(AlertTopic.alert_id) == bindparam("alert"))
    .order_by(col(Topic.name))
)
FOLLOWS = Among(
    columns(
        *(as_stored(getattr(Subscription, name)) for name in ("subscriber_id", "threshold", "cadence"))
        # A sum is in no index: else SQLite would go through all who follow the topic, for each shard.
    ).where(col(Subscription.topic_id) + 0 == bindparam("topic", type_=BigInteger)),
    Subscription.subscriber_id,
)
LANGUAGES = Among(
    columns(as_stored(Subscriber.id), as_stored(Subscriber.language)).where(
        col(Subscriber.language) != ENGLISH.code
    ),
    Subscriber.id,
)


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
    known = set(channel_ids)
    rows = [row for row in CHANNELS.rows(session, channel_ids) if row[0] in known]
    owners = {row[1] for row in rows}
    follows, reads = _follows(session, alert_id, owners), _languages(session, owners)
    return [
        Recipient(
            number,
            scheme,
            sealed,
            label,
            bool(private),
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


def _follows(session: Session, alert_id: int, subscribers: Collection[int]) -> dict[int, tuple[Follow, ...]]:
    names: dict[int, str] = dict(TOPICS.within(session, alert=alert_id))
    follows: dict[int, tuple[Follow, ...]] = {}
    known: dict[Any, tuple[Follow, ...]] = {}  # of most people one and the same
    for topic, name in names.items():
        for subscriber, threshold, cadence in FOLLOWS.rows(session, subscribers, topic=topic):
            key = (follows.get(subscriber), name, threshold, cadence)
            if key not in known:
                known[key] = (*(key[0] or ()), Follow(name, threshold, Cadence(cadence)))
            follows[subscriber] = known[key]
    return follows


def _languages(session: Session, owners: Collection[int]) -> dict[int, str]:
    """Give the languages of those who read another than English, which costs little where few do."""
    return {owner: language_of(language).code for owner, language in LANGUAGES.rows(session, owners)}


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
        leave="" if mail else leave_page(recipient),
    )
    return replace(message, leave=leave_page(recipient)) if mail else message


class Messages:
    """An alert as its recipients read it, written once for all who follow the same and read one language."""

    def __init__(self, alert: Alert) -> None:
        self._alert = alert
        self._written: dict[object, Message] = {}

    def message_for(self, recipient: Recipient) -> Message | None:
        """Give a recipient's; None for a mail, each of which has its own link to leave by."""
        if recipient.scheme == EMAIL:
            return None
        alike = (recipient.follows, recipient.reads, recipient.scheme == WEB_PUSH)
        if alike not in self._written:
            self._written[alike] = message_for(self._alert, recipient)
        return self._written[alike]


@lru_cache(maxsize=1000)
def names_of(follows: tuple[Follow, ...]) -> tuple[str, ...]:
    """Name the topics followed."""
    return tuple(follow.topic for follow in follows)


def leave_page(recipient: Recipient) -> str:
    """Give the address of the page by which a channel's owner leaves, or what stands for it until it is sent.

    A notification of a browser has a button instead.
    """
    if recipient.scheme == EMAIL:
        return f"{settings().site}/unsubscribe/{signer('unsubscribe').dumps(recipient.channel_id)}"
    return "" if recipient.scheme == WEB_PUSH else leave_place()


def parts_of(recipient: Recipient) -> dict[str, Any]:
    """Open a channel as Apprise's parsed parts; of a mail address, {"schema": EMAIL, "to": the address}."""
    parts = open_channel(recipient.sealed)
    return {**parts, "schema": EMAIL} if recipient.scheme == EMAIL else parts
