"""Who the channels of a shard belong to, and what each is to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from apprise.plugins import url_to_dict
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.alerts import URGENT
from subscriptions.channel_kinds import EMAIL
from subscriptions.channels import open_channel
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import Alert, AlertTopic, Channel, ChannelStatus, Subscription, Topic
from worker.push.compose import TEXT_LIMIT, TITLE_LIMIT, Message, note_for, one_line, shorten


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel, and the names of the alert's topics that its owner follows now."""

    channel: Channel
    follows: tuple[str, ...]

    @property
    def live(self) -> bool:
        """Say whether the channel may be sent to."""
        return self.channel.status == ChannelStatus.live

    @property
    def far_end(self) -> str:
        """Name the host or service its messages go to: what fails or is slow, is so for all of them."""
        return EMAIL if self.channel.scheme == EMAIL else self.channel.label

    @property
    def enters_private(self) -> bool:
        """Say whether a send may go to this machine or a private network."""
        return self.channel.private or self.channel.scheme == EMAIL  # its SMTP server is the newsroom's own


def recipients(session: Session, alert_id: int, channel_ids: Sequence[int]) -> list[Recipient]:
    """Read the channels with what their owners follow, in order; deleted ones are left out."""
    channels = session.exec(
        select(Channel).where(col(Channel.id).in_(channel_ids)).order_by(col(Channel.id))
    ).all()
    followed = (
        select(Subscription.subscriber_id, Topic.name)
        .join(Topic, col(Topic.id) == col(Subscription.topic_id))
        .join(AlertTopic, col(AlertTopic.topic_id) == col(Topic.id))
        .where(
            AlertTopic.alert_id == alert_id,
            col(Subscription.subscriber_id).in_([channel.subscriber_id for channel in channels]),
        )
        .order_by(col(Topic.name))
    )
    names: dict[int, list[str]] = {}
    for subscriber_id, name in session.exec(followed):
        names.setdefault(subscriber_id, []).append(name)
    return [Recipient(channel, tuple(names.get(channel.subscriber_id, ()))) for channel in channels]


def message_for(alert: Alert, recipient: Recipient) -> Message:
    """Write an alert for one recipient."""
    mail = recipient.channel.scheme == EMAIL
    return Message(
        title=_tidy_title(alert.title),
        text=_tidy_text(alert.text),
        link=alert.link,
        note=_note(alert.source_name, recipient.follows),
        leave=unsubscribe_link(recipient.channel) if mail else "",
        image=alert.image,
        language=alert.language,
        thread=f"story-{alert.story_id}",
        version=alert.version,
        urgent=alert.urgency <= URGENT,
        ttl_s=max(0, int((alert.expires_at - clock.now()).total_seconds())),
    )


# The same for most of an alert's recipients.
_tidy_title = lru_cache(100)(partial(one_line, limit=TITLE_LIMIT))
_tidy_text = lru_cache(100)(partial(shorten, limit=TEXT_LIMIT))
_note = lru_cache(1000)(note_for)


def unsubscribe_link(channel: Channel) -> str:
    """Give the address of the page by which a channel's owner leaves."""
    return f"{settings().site}/unsubscribe/{signer('unsubscribe').dumps(channel.id)}"


def parts_of(channel: Channel) -> dict[str, Any]:
    """Open a channel as Apprise's parsed parts; a mail address is put into the newsroom's own SMTP server's.

    Raises Mistake when a mail is to be sent and TOCSIN_MAIL_URL is not set or not right.
    """
    parts = open_channel(channel)
    if channel.scheme != EMAIL:
        return parts
    return {**mail_server(), "targets": [parts["to"]]}


def mail_server() -> dict[str, Any]:
    """Give the parsed parts of TOCSIN_MAIL_URL; raises Mistake when it is not set or not right."""
    return _read_mail_url(settings().mail_url.get_secret_value())


@lru_cache(maxsize=1)
def _read_mail_url(url: str) -> dict[str, Any]:
    if not url:
        raise Mistake(
            "No mail can be sent: set TOCSIN_MAIL_URL to the SMTP server to send by, "
            "as in mailtos://USER:PASSWORD@smtp.example?from=alerts@news.example."
        )
    # Apprise reads a mailto URL only with somebody to send to: give it one, then put in the real one.
    somebody = urlencode({"to": "somebody@news.example"})
    parts: dict[str, Any] | None = url_to_dict(
        f"{url}{'&' if '?' in url else '?'}{somebody}", secure_logging=True
    )
    if not parts or parts.get("schema") not in ("mailto", "mailtos"):
        raise Mistake(
            "TOCSIN_MAIL_URL is not a mailto:// or mailtos:// address of an SMTP server: correct it."
        )
    return parts
