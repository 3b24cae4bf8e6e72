"""Why a channel is not among an alert's recipients."""

from sqlmodel import Session, col, select

from subscriptions.preferences import read_wants
from subscriptions.tables import Alert, AlertKind, Channel, ChannelStatus, Mute, Subscriber


def why_left_out(session: Session, alert: Alert, channel: Channel) -> str:
    """Give the reason in words, after a comma."""
    if alert.queued_at is None:
        return ", its recipients are not laid out"
    if channel.created_at > alert.queued_at:
        return ", the channel was added later"
    if channel.status != ChannelStatus.live:
        return f", the channel is {channel.status}{': ' + channel.why if channel.why else ''}"
    if alert.kind != AlertKind.alert:
        return ", it was not told what is corrected"
    return _wanted(session, alert, channel) or _ranked(session, channel) or BY_THE_ABOVE


BY_THE_ABOVE = ", by what is said above or since an earlier alert of the story was for it"


def _wanted(session: Session, alert: Alert, channel: Channel) -> str:
    if session.get(Mute, {"subscriber_id": channel.subscriber_id, "story_id": alert.story_id}):
        return ", its owner muted the story"
    least = read_wants(session, session.get_one(Subscriber, channel.subscriber_id)).threshold
    if alert.urgency > least:
        return f", its owner wants to hear of urgency {least} and up only, and this is {alert.urgency}"
    return ""


def _ranked(session: Session, channel: Channel) -> str:
    before = select(Channel).where(
        Channel.subscriber_id == channel.subscriber_id,
        Channel.status == ChannelStatus.live,
        Channel.rank < channel.rank,
    )
    first = session.exec(before.order_by(col(Channel.rank)).limit(1)).first()
    return (
        f", it rings only where {first.label} (channel {first.id}) does not take the alert" if first else ""
    )
