"""The step from article to story."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import lock, unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Article, ArticleStatus, JoinMethod, Source, Story, StoryJoin, StoryKey, move
from worker.understand import cluster
from worker.understand.urgency import how_urgent

log = structlog.get_logger()


def understand(article_ids: Sequence[int]) -> list[int]:
    """Give each article that was seen its story; tell the ids that are ready to be matched.

    One transaction at a time does this in the whole installation: two articles of one new story
    must not open it twice. An article that breaks this holds up no other: it stays as it is and is
    tried again by the sweep.
    """
    with unit_of_work() as session:
        lock(session, "stories")
        wanted = select(Article, Source).join(Source).where(col(Article.id).in_(article_ids))
        waiting = wanted.where(Article.status == ArticleStatus.seen).order_by(col(Article.id))
        placed = [
            article.id or 0
            for article, source in session.exec(waiting).all()
            if _placed(session, article, practice=source.practice)
        ]
        return move(
            session,
            Article,
            placed,
            leave=ArticleStatus.seen,
            enter=ArticleStatus.understood,
            status_at=clock.now(),
        )


def _placed(session: Session, article: Article, *, practice: bool) -> bool:
    try:
        with session.begin_nested():
            _place(session, article, practice=practice)
    except OperationalError:  # the database is away: for all of them
        raise
    except Exception:
        log.exception("no story found", trace=article.trace, article=article.id)
        return False
    return True


def _place(session: Session, article: Article, *, practice: bool) -> None:
    keys = cluster.story_keys(article.title, article.link_key, practice=practice)
    window = timedelta(hours=settings().story_window_hours)
    decision = cluster.which_story(keys, _known(session, keys), article.seen_at, window)
    if isinstance(decision, cluster.Joins):
        story = session.get_one(Story, decision.story_id)
        method, score = JoinMethod(decision.method), decision.score
    else:
        story, method, score = _open(session, article, practice=practice), JoinMethod.first, 1.0
    _join(session, article, story, method, score)
    _remember(session, keys, story)
    log.info("story", trace=article.trace, story=story.id, method=method, why=decision.why)


def _known(session: Session, keys: Iterable[cluster.StoryKey]) -> dict[str, cluster.KnownStory]:
    stored = select(StoryKey.key, Story.id, Story.first_seen_at).join(Story)
    wanted = stored.where(col(StoryKey.key).in_([str(key) for key in keys]))
    latest_last = session.exec(wanted.order_by(col(Story.first_seen_at), col(Story.id)))
    return {key: cluster.KnownStory(story_id or 0, seen_at) for key, story_id, seen_at in latest_last}


def _open(session: Session, article: Article, *, practice: bool) -> Story:
    story = Story(
        headline=article.title,
        language=article.language,
        practice=practice,
        first_seen_at=article.seen_at,
        last_seen_at=article.seen_at,
    )
    session.add(story)
    session.flush()
    return story


def _join(session: Session, article: Article, story: Story, method: JoinMethod, score: float) -> None:
    assert article.id is not None  # noqa: S101 - both came from the database
    assert story.id is not None  # noqa: S101 - as the article
    session.add(
        StoryJoin(article_id=article.id, story_id=story.id, method=method, score=score, joined_at=clock.now())
    )
    urgency = how_urgent(article.title, article.urgency)
    if method is JoinMethod.first or urgency.level < story.urgency:
        story.urgency, story.urgency_why = urgency.level, urgency.why
    story.last_seen_at = max(story.last_seen_at, article.seen_at)


def _remember(session: Session, keys: Iterable[cluster.StoryKey], story: Story) -> None:
    known = set(session.exec(select(StoryKey.key).where(StoryKey.story_id == story.id)))
    for key in keys:
        if str(key) not in known and story.id is not None:
            session.add(StoryKey(key=str(key), story_id=story.id))
    session.flush()
