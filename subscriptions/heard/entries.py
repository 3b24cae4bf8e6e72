"""What a person was told, alert by alert: on which of their channels, when, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, and_, col, select

from subscriptions import clock
from subscriptions.backtesting.marking import Piece
from subscriptions.heard.because import Because, Cause, marked, why
from subscriptions.heard.ledger import Outcomes, find_alerts, outcomes_of
from subscriptions.heard.reasons import State, what_became
from subscriptions.heard.said import Said
from subscriptions.sisters import follow_ups
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Channel,
    Delivery,
    Match,
    Mute,
    Story,
    StoryFollow,
    Subscriber,
    Subscription,
    Topic,
)

LOOK_BACK = timedelta(days=60)
PAGE = 20


class OnChannel(NamedTuple):
    """What became of an alert on one channel."""

    label: str
    scheme: str
    outcome: str
    at: datetime | None
    says: list[Said]


class Heard(NamedTuple):
    """An alert as one person got it."""

    alert: Alert
    channels: list[OnChannel]
    because: list[Because]
    why: list[Said]
    mutes: bool  # they muted its story
    follows: bool  # they follow its story
    followed_up: Alert | None  # what corrects or withdraws it

    @property
    def outcome(self) -> str:
        """The best of what became of it on their channels."""
        return min((each.outcome for each in self.channels), key=BEST.index)

    @property
    def title(self) -> list[Piece]:
        """Its headline, with the words that matched marked."""
        return marked(self.alert.title, self._words)

    @property
    def text(self) -> list[Piece]:
        """Its text, with the words that matched marked."""
        return marked(self.alert.text, self._words)

    @property
    def _words(self) -> list[str]:
        return [word for topic in self.because for word in topic.words]


STORED = ("in_digest", "due_at", "attempts", "answer", "why")
BEST = ("accepted", "unknown", "waiting", "later", "held", "dropped", "refused", "gone")


class Page(NamedTuple):
    """Alerts, newest first; with `older` the next page begins."""

    entries: list[Heard]
    older: int | None


def heard(session: Session, subscriber: Subscriber, before: int | None = None, most: int = PAGE) -> Page:
    """List what was for a person within the last weeks, newest first."""
    channels = own_channels(session, subscriber)
    since = clock.now() - LOOK_BACK
    found = find_alerts(session, list(channels), most=most, since=since, before=before)
    return Page(_entries(session, subscriber, channels, found.alerts), found.older)


def heard_of(session: Session, subscriber: Subscriber, alert_ids: Sequence[int]) -> list[Heard]:
    """Tell what a person got of these alerts, newest first; what was not for them is left out."""
    channels = own_channels(session, subscriber)
    return _entries(session, subscriber, channels, outcomes_of(session, list(channels), alert_ids))


def own_channels(session: Session, subscriber: Subscriber) -> dict[int, Channel]:
    """Give a person's channels by number, those that were retired too."""
    own = select(Channel).where(Channel.subscriber_id == subscriber.id)
    return {channel.id or 0: channel for channel in session.exec(own)}


def _entries(
    session: Session, subscriber: Subscriber, channels: dict[int, Channel], found: dict[int, Outcomes]
) -> list[Heard]:
    if not found:
        return []
    wanted = select(Alert, Story).join(Story).where(col(Alert.id).in_(found))
    alerts = session.exec(wanted.order_by(col(Alert.id).desc())).all()
    deliveries = _deliveries(session, channels, found)
    because = _because(session, subscriber, [alert for alert, _story in alerts])
    stories = [story.id or 0 for _alert, story in alerts]
    mutes, follows = (_own_stories(session, table, subscriber, stories) for table in (Mute, StoryFollow))
    followed_up = follow_ups(session, [alert for alert, _story in alerts])
    entries = []
    for alert, story in alerts:
        number = alert.id or 0
        on = [
            _on(alert, channels[channel], outcome, deliveries.get((number, channel)))
            for channel, outcome in sorted(found[number].items())
        ]
        topics = because.get(number, [])
        says = why(_cause(alert, story, topics, follows_story=alert.story_id in follows))
        is_muted, is_followed = alert.story_id in mutes, alert.story_id in follows
        entries.append(Heard(alert, on, topics, says, is_muted, is_followed, followed_up.get(number)))
    return entries


def _deliveries(
    session: Session, channels: dict[int, Channel], found: dict[int, Outcomes]
) -> dict[tuple[int, int], Delivery]:
    own = col(Delivery.channel_id).in_(list(channels))
    rows = session.exec(select(Delivery).where(col(Delivery.alert_id).in_(found), own))
    return {(row.alert_id, row.channel_id): row for row in rows}


def _on(alert: Alert, channel: Channel, outcome: str, row: Delivery | None) -> OnChannel:
    at = row.updated_at if row is not None else alert.first_sent_at or alert.queued_at
    given = {name: getattr(row, name) for name in STORED} if row is not None else {}
    state = State(outcome, told_at=at, stopped=alert.status == AlertStatus.stopped, **given)
    return OnChannel(channel.label, channel.scheme, outcome, at, what_became(state))


def _cause(alert: Alert, story: Story, topics: Sequence[Because], *, follows_story: bool) -> Cause:
    return Cause(
        kind=alert.kind,
        topics=tuple(topic.name for topic in topics),
        follows_story=follows_story,
        urgency=alert.urgency,
        urgency_why=story.urgency_why if story.urgency == alert.urgency else "",
        rule=alert.why,
    )


def _because(session: Session, subscriber: Subscriber, alerts: Sequence[Alert]) -> dict[int, list[Because]]:
    """Give, by alert, the topics it is for that the person follows; of others nothing is said."""
    spoken_of = and_(col(Match.article_id) == col(Alert.article_id), col(Match.topic_id) == col(Topic.id))
    wanted = (
        select(AlertTopic.alert_id, Topic.name, Topic.slug, Match.words)
        .join(Topic, col(Topic.id) == col(AlertTopic.topic_id))
        .join(Subscription, col(Subscription.topic_id) == col(Topic.id))
        .join(Alert, col(Alert.id) == col(AlertTopic.alert_id))
        .outerjoin(Match, spoken_of)
        .where(
            col(AlertTopic.alert_id).in_([alert.id for alert in alerts]),
            Subscription.subscriber_id == subscriber.id,
        )
        .order_by(col(Topic.name))
    )
    found: dict[int, list[Because]] = {}
    for alert_id, name, slug, words in session.exec(wanted):
        found.setdefault(alert_id, []).append(Because(name, slug, list(words or ())))
    return found


def _own_stories(
    session: Session, table: type[Mute | StoryFollow], subscriber: Subscriber, stories: Sequence[int]
) -> set[int]:
    own = select(table.story_id).where(table.subscriber_id == subscriber.id)
    return set(session.exec(own.where(col(table.story_id).in_(stories))))
