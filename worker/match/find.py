"""The step from article to alert: which topics it speaks of, and whether that rings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.articles import article_text
from subscriptions.database import reading, unit_of_work
from subscriptions.media_topics import vocabulary
from subscriptions.own_topics import OWN, own_ids
from subscriptions.queries import Matched, analyse, match, parse_query
from subscriptions.settings import settings
from subscriptions.sisters import is_withdrawn
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Article,
    ArticleStatus,
    Match,
    Rings,
    Source,
    Story,
    StoryJoin,
    Topic,
    TopicStatus,
    move,
)
from worker.match.live_topics import LiveTopics
from worker.match.ring import Ring, Silent, should_ring

log = structlog.get_logger()
topics = LiveTopics()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that waits to be matched, with the names of its source."""

    article: Article
    source: Source
    story_id: int


def find(article_ids: Sequence[int]) -> list[Alert]:
    """Store each understood article's matches, and the alerts they make; tell the alerts that may ring.

    Text is analysed and matched outside of any transaction; what is decided on the story is
    decided and stored in one. An article that cannot be matched holds up no other: it stays as it is
    and is tried again by the sweep.
    """
    with reading() as session:
        topics.refresh(session)
        candidates = _waiting(session, article_ids)
    alerts: list[Alert] = []
    for candidate in candidates:
        try:
            matched = _match(candidate)
            with unit_of_work() as session:
                alerts += _decide(session, candidate, matched)
        except OperationalError:  # the database is away: for all of them
            raise
        except Exception:
            log.exception("cannot be matched", trace=candidate.article.trace, article=candidate.article.id)
    return [alert for alert in alerts if alert.status == AlertStatus.queued]


def _waiting(session: Session, article_ids: Sequence[int]) -> list[Candidate]:
    rows = (
        select(Article, Source, StoryJoin.story_id)
        .join(Source, col(Source.id) == col(Article.source_id))
        .join(StoryJoin, col(StoryJoin.article_id) == col(Article.id))
        .where(col(Article.id).in_(article_ids), Article.status == ArticleStatus.understood)
        .order_by(col(Article.id))
    )
    return [Candidate(*row) for row in session.exec(rows)]


def _match(candidate: Candidate) -> dict[int, tuple[Topic, Matched]]:
    """Find the topics that an article answers, and with which words; one changed just now may fall out."""
    text = article_text(candidate.article, candidate.source)
    found = topics.find(text, practice=candidate.source.practice)
    if not found:
        return {}
    analysed = analyse(text)
    with reading() as session:
        live = session.exec(
            select(Topic).where(col(Topic.id).in_(found), Topic.status == TopicStatus.live)
        ).all()
        known = vocabulary(session)
    answered = ((topic, match(parse_query(topic.query, media_topics=known), analysed)) for topic in live)
    return {topic.id or 0: (topic, matched) for topic, matched in answered if matched}


def _decide(
    session: Session, candidate: Candidate, matched: Mapping[int, tuple[Topic, Matched]]
) -> list[Alert]:
    # FOR UPDATE: two articles of one story decide one after the other (SQLite has one writer anyway).
    story = session.get_one(Story, candidate.story_id, with_for_update={"key_share": True})
    own = own_ids(session, (topic for topic, _ in matched.values()))
    names = {number: OWN if number in own else topic.name for number, (topic, _) in matched.items()}
    decision = should_ring(
        names,
        _rung(session, story),
        withdrawn=is_withdrawn(session, candidate.story_id),
        waited_h=(clock.now() - candidate.article.seen_at) / timedelta(hours=1),
        ttl_h=settings().alert_ttl_hours,
    )
    if not _store(session, candidate.article, matched, decision.why):
        return []
    log.info("matched", trace=candidate.article.trace, topics=sorted(names), why=decision.why)
    if isinstance(decision, Silent):
        return []
    return _alerts(session, candidate, story, decision, {each: matched[each][0] for each in decision.topics})


def _store(
    session: Session, article: Article, matched: Mapping[int, tuple[Topic, Matched]], why: str
) -> bool:
    """Store what an article answers; False where another worker has done so."""
    number, now = article.id or 0, clock.now()
    leave, enter = ArticleStatus.understood, ArticleStatus.matched
    if not move(session, Article, [number], leave=leave, enter=enter, status_at=now, why=why):
        return False
    for topic_id, (_, words) in matched.items():
        display = list(words.display)
        session.add(Match(article_id=number, topic_id=topic_id, words=display, created_at=now))
    return True


def _rung(session: Session, story: Story) -> set[int]:
    told = select(AlertTopic.topic_id).join(Alert).where(Alert.story_id == story.id)
    return set(session.exec(told.where(Alert.status != AlertStatus.rejected)))


def _alerts(
    session: Session, candidate: Candidate, story: Story, ring: Ring, rung: Mapping[int, Topic]
) -> list[Alert]:
    by_itself = [topic for topic in ring.topics if rung[topic].rings == Rings.by_itself]
    approved = [topic for topic in ring.topics if rung[topic].rings == Rings.after_approval]
    alerts = []
    for status, topic_ids in ((AlertStatus.queued, by_itself), (AlertStatus.proposed, approved)):
        if topic_ids:
            alerts.append(_alert(session, candidate, story, status, ring.why))
            session.flush()
            session.add_all(AlertTopic(alert_id=alerts[-1].id or 0, topic_id=topic) for topic in topic_ids)
    return alerts


def _alert(session: Session, candidate: Candidate, story: Story, status: AlertStatus, why: str) -> Alert:
    article, source, now = candidate.article, candidate.source, clock.now()
    story.version += 1
    alert = Alert(
        story_id=candidate.story_id,
        version=story.version,
        article_id=article.id or 0,
        title=article.title,
        text=article.summary,
        link=article.link,
        image=article.image,
        language=article.language or source.language,
        source_name=source.title or source.family,
        practice=source.practice,
        urgency=story.urgency,
        why=why,
        trace=article.trace,
        status=status,
        status_at=now,
        expires_at=article.seen_at + timedelta(hours=settings().alert_ttl_hours),
        published_at=article.published_at,
        seen_at=article.seen_at,
        matched_at=now,
    )
    session.add(alert)
    return alert
