"""Answering a person who asks why they did not hear of an article."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlmodel import Session, col, select

from subscriptions.heard.entries import Heard, heard_of, own_channels
from subscriptions.heard.ledger import WITH_SHARDS
from subscriptions.heard.said import Said
from subscriptions.heard.why_not import Facts, Followed, Rang, Way, why_not
from subscriptions.own_topics import is_public
from subscriptions.preferences import read_wants
from subscriptions.tables import (
    Alert,
    AlertKind,
    AlertStatus,
    AlertTopic,
    Article,
    Match,
    Mute,
    OwnTopic,
    Source,
    StoryJoin,
    Subscriber,
    Subscription,
    Topic,
    TopicMute,
    TopicStatus,
)

Verdict = Literal["told", "coming", "not"]
VERDICTS: dict[str, Verdict] = {
    **dict.fromkeys(("accepted", "unknown"), "told"),
    **dict.fromkeys(("waiting", "later", "held"), "coming"),
}


class Answer(NamedTuple):
    """What became of an article's story for one person."""

    article: Article
    source_name: str
    verdict: Verdict
    heard: list[Heard]  # the story's alerts that were for them
    says: list[Said]  # why there is none, where there is none
    topics: list[Topic]  # it speaks of these too, which they do not follow and could


def why_did_i_not_hear(session: Session, subscriber: Subscriber, article: Article) -> Answer:
    """Answer from stored reasons; nothing is told of other people, of drafts and of how sources fare."""
    story_id = session.exec(select(StoryJoin.story_id).where(StoryJoin.article_id == article.id)).first()
    alerts = _alerts(session, story_id)
    got = heard_of(session, subscriber, [alert.id or 0 for alert in alerts])
    spoken_of = _spoken_of(session, subscriber, article, alerts)
    follows = _follows(session, subscriber)
    says = [] if got else why_not(_facts(session, subscriber, article, alerts, spoken_of))
    verdict = _verdict(got)
    could = [] if verdict == "told" else [topic for topic in spoken_of if topic.id not in follows]
    source = session.get_one(Source, article.source_id)
    return Answer(article, source.title or source.family, verdict, got, says, could)


def _verdict(got: Sequence[Heard]) -> Verdict:
    verdicts = {VERDICTS.get(each.outcome, "not") for each in got if each.alert.kind == AlertKind.alert}
    return next((each for each in ("told", "coming") if each in verdicts), "not")


def _alerts(session: Session, story_id: int | None) -> Sequence[Alert]:
    """Give the alerts of a story that went out; of those an admin has not decided on, nothing is told."""
    went_out = select(Alert).where(Alert.story_id == story_id, col(Alert.status).in_(WITH_SHARDS))
    return session.exec(went_out.order_by(col(Alert.version))).all() if story_id is not None else []


def _spoken_of(
    session: Session, subscriber: Subscriber, article: Article, alerts: Sequence[Alert]
) -> list[Topic]:
    """Give the topics that an article and its story's alerts speak of: everybody's, and the person's own."""
    matched = select(Match.topic_id).where(Match.article_id == article.id)
    rung = select(AlertTopic.topic_id).where(col(AlertTopic.alert_id).in_([alert.id for alert in alerts]))
    own = select(OwnTopic.topic_id).where(OwnTopic.subscriber_id == subscriber.id)
    topics = select(Topic).where(
        col(Topic.id).in_(matched) | col(Topic.id).in_(rung),
        Topic.status == TopicStatus.live,
        col(Topic.practice).is_(False),
        is_public() | col(Topic.id).in_(own),
    )
    return list(session.exec(topics.order_by(col(Topic.name))))


def _follows(session: Session, subscriber: Subscriber) -> dict[int, Followed]:
    own = select(Topic, Subscription).join(Subscription, col(Subscription.topic_id) == col(Topic.id))
    rows = session.exec(own.where(Subscription.subscriber_id == subscriber.id))
    return {topic.id or 0: Followed(topic.name, kept.created_at, kept.threshold) for topic, kept in rows}


def _facts(
    session: Session,
    subscriber: Subscriber,
    article: Article,
    alerts: Sequence[Alert],
    spoken_of: Sequence[Topic],
) -> Facts:
    story = session.get(StoryJoin, article.id)
    keys = {"subscriber_id": subscriber.id, "story_id": story.story_id if story else 0}
    return Facts(
        status=article.status,
        why=article.why,
        spoken_of={topic.id or 0: topic.name for topic in spoken_of},
        follows=_follows(session, subscriber),
        rang=tuple(_rang(session, alerts)),
        mutes_story=session.get(Mute, keys) is not None,
        muted=tuple(_muted(session, subscriber, spoken_of)),
        threshold=read_wants(session, subscriber).threshold,
        # A live channel's `status_at` is when it was added, or confirmed anew.
        ways=tuple(Way(way.status, way.status_at) for way in own_channels(session, subscriber).values()),
    )


def _rang(session: Session, alerts: Sequence[Alert]) -> list[Rang]:
    topics: dict[int, set[int]] = {}
    rung = select(AlertTopic).where(col(AlertTopic.alert_id).in_([alert.id for alert in alerts]))
    for row in session.exec(rung):
        topics.setdefault(row.alert_id, set()).add(row.topic_id)
    return [
        Rang(
            at=alert.queued_at or alert.matched_at,
            seen_at=alert.seen_at,
            urgency=alert.urgency,
            topics=frozenset(topics.get(alert.id or 0, ())),
            stopped=alert.status == AlertStatus.stopped,
        )
        for alert in alerts
        if alert.kind == AlertKind.alert
    ]


def _muted(session: Session, subscriber: Subscriber, spoken_of: Sequence[Topic]) -> list[str]:
    muted = select(TopicMute.topic_id).where(TopicMute.subscriber_id == subscriber.id)
    ids = set(session.exec(muted))
    return [topic.name for topic in spoken_of if topic.id in ids]
