"""The way of one article down the chain, step by step: why it rang, or why not, and for whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, func, select

from subscriptions.alerts import alert_topics, outcomes
from subscriptions.articles import article_text
from subscriptions.media_topics import Vocabulary, vocabulary
from subscriptions.own_topics import OWN, is_public, own_ids
from subscriptions.queries import AnalysedArticle, QueryError, analyse, explain, match, parse_query
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    JoinMethod,
    Match,
    Shard,
    Source,
    Story,
    StoryJoin,
    Subscriber,
    Subscription,
    Topic,
    TopicStatus,
)
from subscriptions.tracing.step import Step
from subscriptions.tracing.subscriber import subscriber_steps
from subscriptions.wording import counted

MOST_EXPLAINED = 20  # topics an article does not speak of; a large newsroom has thousands


@dataclass(frozen=True, slots=True)
class Trace:
    """An article and the steps it took; `rang` tells whether it made an alert that was not rejected."""

    article: Article
    source: Source
    rang: bool
    steps: list[Step] = field(default_factory=list)


def trace(session: Session, article: Article, subscriber: Subscriber | None = None) -> Trace:
    """Tell the steps of an article, and with `subscriber` what came of it for them."""
    source = session.get_one(Source, article.source_id)
    own = session.exec(select(Alert).where(Alert.article_id == article.id)).all()
    rang = any(alert.status not in (AlertStatus.proposed, AlertStatus.rejected) for alert in own)
    return Trace(article, source, rang, list(_steps(session, article, source, subscriber)))


def _steps(
    session: Session, article: Article, source: Source, subscriber: Subscriber | None
) -> Iterator[Step]:
    yield _watched(article, source)
    story = session.exec(select(Story).join(StoryJoin).where(StoryJoin.article_id == article.id)).first()
    if story is None:
        return
    yield _understood(session, article, story)
    yield from _matched(session, article, source, subscriber)
    alerts = session.exec(select(Alert).where(Alert.story_id == story.id).order_by(col(Alert.version))).all()
    for alert in alerts:
        yield _pushed(session, article, alert)
    if subscriber is not None:
        yield from subscriber_steps(session, subscriber, article, alerts)


def _watched(article: Article, source: Source) -> Step:
    where = f"in {source.title or source.url}"
    edits = article.version - 1
    later = f" Its publisher changed it {counted(edits, 'time')} since; edits do not ring." if edits else ""
    came_of_it = {
        ArticleStatus.baseline: "It stood there when its source was first read: the baseline never rings.",
        ArticleStatus.stale: f"Too old to ring: {article.why or 'published long before it was seen'}.",
        ArticleStatus.held: f"Held for an admin: {article.why or 'many articles turned new at once'}.",
        ArticleStatus.seen: "It waits for its story.",
    }.get(article.status, "")
    facts = {"status": article.status, "published": article.published_at, "identity": article.identity}
    return Step("watch", f"Seen {where}. {came_of_it}{later}".strip(), article.seen_at, facts)


def _understood(session: Session, article: Article, story: Story) -> Step:
    join = session.exec(select(StoryJoin).where(StoryJoin.article_id == article.id)).one()
    others = session.exec(select(func.count()).where(StoryJoin.story_id == story.id)).one() - 1
    how = {
        JoinMethod.first: f"It opened story {story.id}: no known story fitted.",
        JoinMethod.same_link: f"It joined story {story.id}, which has the same link.",
        JoinMethod.same_headline: f"It joined story {story.id}, which has the same headline.",
    }[join.method]
    says = f"{how} It has {counted(others, 'other article')}. Urgency {story.urgency}: {story.urgency_why}."
    facts = {"story": story.id, "method": join.method, "score": join.score, "urgency": story.urgency}
    return Step("understand", says, join.joined_at, facts)


def _matched(
    session: Session, article: Article, source: Source, subscriber: Subscriber | None
) -> Iterator[Step]:
    if article.status != ArticleStatus.matched:
        yield Step("match", "It waits to be matched.", None)
        return
    found = session.exec(
        select(Match, Topic).join(Topic).where(Match.article_id == article.id).order_by(col(Topic.name))
    ).all()
    own = own_ids(session, (topic for _, topic in found))
    for matched, topic in found:
        if topic.id in own:
            continue
        words = ", ".join(matched.words)
        facts: dict[str, Any] = {"topic": topic.slug, "words": matched.words}
        yield Step("match", f"It speaks of {topic.name}: {words}.", matched.created_at, facts)
    if own:
        yield Step(
            "match", f"It speaks of {counted(len(own), 'topic')} that readers wrote for themselves.", None
        )
    yield from _unmatched(session, article, source, {topic.id for _, topic in found}, subscriber)
    yield Step("match", f"Decided: {article.why}.", article.status_at, {"why": article.why})


def _unmatched(
    session: Session, article: Article, source: Source, found: set[int | None], subscriber: Subscriber | None
) -> Iterator[Step]:
    wanted = select(Topic).where(
        col(Topic.status) == TopicStatus.live, Topic.practice == source.practice, col(Topic.id).not_in(found)
    )
    wanted = wanted.where(is_public())
    if subscriber is not None:
        wanted = wanted.join(Subscription).where(Subscription.subscriber_id == subscriber.id)
    topics = session.exec(wanted.order_by(col(Topic.name)).limit(MOST_EXPLAINED + 1)).all()
    analysed = analyse(article_text(article, source)) if topics else None
    known = vocabulary(session)
    for topic in topics[:MOST_EXPLAINED]:
        if analysed is not None:
            yield _why_not(topic, article, analysed, known)
    if len(topics) > MOST_EXPLAINED:
        yield Step(
            "match", "There are more topics it does not speak of: `tocsin topics test` tells why.", None
        )


def _why_not(topic: Topic, article: Article, analysed: AnalysedArticle, known: Vocabulary) -> Step:
    facts: dict[str, Any] = {"topic": topic.slug, "words": []}
    try:
        query = parse_query(topic.query, media_topics=known)
    except QueryError as error:
        return Step("match", f"Not {topic.name}: its query is wrong. {error}", None, facts)
    if match(query, analysed) is None:
        return Step("match", f"Not {topic.name}: {explain(query, analysed)}", None, facts)
    why = "the topic was changed after it was matched"
    if topic.updated_at <= article.status_at:
        why = "the article read otherwise when it was matched"
    return Step("match", f"Not {topic.name}, though now it would be: {why}.", None, facts)


def _pushed(session: Session, article: Article, alert: Alert) -> Step:
    by = "" if alert.article_id == article.id else f" by article {alert.article_id} of the same story"
    topics = alert_topics(session, alert)
    own = own_ids(session, topics)
    names = _listed(dict.fromkeys(OWN if topic.id in own else topic.name for topic in topics))
    counts = outcomes(session, alert)
    shards = session.exec(select(func.count()).where(Shard.alert_id == alert.id)).one()
    told = _listed(f"{count} {name}" for name, count in counts.items() if count)
    says = f"Alert {alert.id}{by} for the followers of {names}: {_state(alert)}"
    if alert.queued_at is not None:
        laid_out = f"{counted(alert.recipients, 'recipient')} in {counted(shards, 'shard')}"
        says += f" {laid_out}{': ' + told if told else ''}."
    facts = {"alert": alert.id, "status": alert.status, "recipients": alert.recipients, "outcomes": counts}
    return Step("push", says, alert.last_sent_at or alert.queued_at or alert.matched_at, facts)


def _state(alert: Alert) -> str:
    return {
        AlertStatus.proposed: "it waits for an admin: `tocsin alerts approve`.",
        AlertStatus.queued: "it waits for its fan-out.",
        AlertStatus.ringing: "it is ringing.",
        AlertStatus.rung: "it rang.",
        AlertStatus.rejected: "an admin rejected it.",
        AlertStatus.stopped: f"{alert.stop_why}.",
    }[alert.status]


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
