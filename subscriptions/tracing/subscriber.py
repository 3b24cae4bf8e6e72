"""Why one subscriber was told of an article, or why not."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from subscriptions.alerts import OUTCOMES, bitmap
from subscriptions.tables import (
    Alert,
    AlertTopic,
    Article,
    Channel,
    Delivery,
    Match,
    Shard,
    Subscriber,
    Subscription,
    Topic,
)
from subscriptions.tracing.left_out import why_left_out
from subscriptions.tracing.step import Step
from subscriptions.wording import counted


def subscriber_steps(
    session: Session, subscriber: Subscriber, article: Article, alerts: Sequence[Alert]
) -> Iterator[Step]:
    """Tell what a subscriber follows of it, and what became of each alert of its story on each channel."""
    yield from _followed(session, subscriber, article, alerts)
    channels = session.exec(
        select(Channel).where(Channel.subscriber_id == subscriber.id).order_by(col(Channel.id))
    ).all()
    if not channels:
        yield Step("subscriber", f"{subscriber.name} has no channel: `tocsin channels add`.", None)
    for alert in alerts:
        for channel in channels:
            yield _told(session, alert, channel)


def _followed(
    session: Session, subscriber: Subscriber, article: Article, alerts: Sequence[Alert]
) -> Iterator[Step]:
    matched = set(session.exec(select(Match.topic_id).where(Match.article_id == article.id)))
    rung = select(AlertTopic.topic_id).where(col(AlertTopic.alert_id).in_([alert.id for alert in alerts]))
    asked = matched | set(session.exec(rung))
    for topic in session.exec(select(Topic).where(col(Topic.id).in_(asked)).order_by(col(Topic.name))):
        keys = {"subscriber_id": subscriber.id, "topic_id": topic.id}
        followed = session.get(Subscription, keys)
        urgency = min((alert.urgency for alert in alerts), default=None)
        says = f"{subscriber.name} {_follows(topic, followed, article.seen_at, urgency)}"
        yield Step("subscriber", says, followed.created_at if followed else None, {"topic": topic.slug})
    if not asked:
        yield Step("subscriber", f"It speaks of nothing that {subscriber.name} follows.", None)


def _follows(topic: Topic, followed: Subscription | None, seen_at: datetime, urgency: int | None) -> str:
    if followed is None:
        return f"does not follow {topic.name}."
    if followed.created_at > seen_at:
        return f"follows {topic.name}, but only since after the article was seen."
    if urgency is not None and urgency > followed.threshold:
        return f"follows {topic.name} from urgency {followed.threshold} up: {urgency} is not urgent enough."
    return f"follows {topic.name}, since before the article was seen."


def _told(session: Session, alert: Alert, channel: Channel) -> Step:
    delivery = session.get(Delivery, {"alert_id": alert.id, "channel_id": channel.id})
    outcome = _outcome(session, alert, channel)
    why = why_left_out(session, alert, channel) if outcome is None else _answer(delivery)
    where = f"Alert {alert.id} on {channel.label} (channel {channel.id})"
    says = f"{where}: {outcome or 'not a recipient'}{why}."
    facts = {
        "alert": alert.id,
        "channel": channel.id,
        "outcome": outcome,
        "answer": delivery.answer if delivery else "",
        "why": delivery.why if delivery else "",
        "in_digest": delivery.in_digest if delivery else False,
        "attempts": delivery.attempts if delivery else None,
        "due_at": delivery.due_at if delivery else None,
    }
    return Step("subscriber", says, delivery.updated_at if delivery else None, facts)


def _outcome(session: Session, alert: Alert, channel: Channel) -> str | None:
    """Give the outcome of a channel in an alert's bitmaps: None where it is not among the recipients."""
    assert channel.id is not None  # noqa: S101 - it came from the database
    around = (col(Shard.first_channel) <= channel.id, col(Shard.last_channel) >= channel.id)
    shards = select(Shard).where(Shard.alert_id == alert.id, *around)
    for shard in session.exec(shards):
        if channel.id in bitmap(shard.audience):
            told = (name for name in OUTCOMES if channel.id in bitmap(getattr(shard, name)))
            return next(told, "waiting")
    return None


def _answer(delivery: Delivery | None) -> str:
    if delivery is None:
        return ""
    parts = [counted(delivery.attempts, "attempt")] if delivery.attempts else []
    parts += [f"answer {delivery.answer}"] if delivery.answer else []
    parts += [delivery.why.removesuffix(".")] if delivery.why else []
    return f" ({'; '.join(parts)})" if parts else ""
