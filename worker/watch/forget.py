"""Forgetting articles that were kept long enough, a few at a time, with what hangs on them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, exists
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.concordances import SETTLED
from subscriptions.database import lock, reading, unit_of_work
from subscriptions.queries.packed_forms import MOST_ARTICLES
from subscriptions.settings import settings
from subscriptions.tables import Alert, Article, Concordance, ForgottenArticle, Story, StoryJoin
from worker.watch.identity import identity_sum

AT_ONCE = 100  # articles; some milliseconds, for which SQLite's other writers wait

log = structlog.get_logger()


def forget() -> bool:
    """Forget the oldest articles that are older than the settings keep; tell whether there may be more.

    One that made an alert stays: the alert is on record, and may be corrected. So does one that is still on
    its way, or held. Of the others remains only what tells that they are no news when their source lists them
    still. Versions, matches and joins go with an article, a story with its last one.
    """
    before = _kept_since()
    if before is None:
        return False
    with reading() as session:
        ids = list(session.exec(_old(before).order_by(col(Article.seen_at)).limit(AT_ONCE)))
    if ids:
        with unit_of_work() as session:
            lock(session, "forget")
            _forget(session, ids, before)
        log.info("articles forgotten", articles=len(ids), before=before.isoformat())
    return len(ids) == AT_ONCE


def _kept_since() -> datetime | None:
    """Give the instant since which everything is kept; None where everything is for ever."""
    given = settings()
    if not given.keep_articles_days:
        return None
    kept = max(timedelta(days=given.keep_articles_days), timedelta(hours=given.story_window_hours))
    return clock.now() - kept


def _old(before: datetime) -> Any:
    rang = exists().where(col(Alert.article_id) == col(Article.id))
    return select(col(Article.id)).where(
        col(Article.seen_at) < before, col(Article.status).in_(SETTLED), ~rang
    )


def _forget(session: Session, ids: Sequence[int], before: datetime) -> None:
    articles = col(Article.id).in_(ids)
    _remember(session, session.exec(select(Article.source_id, Article.identity).where(articles)).all())
    joined = select(StoryJoin.story_id).where(col(StoryJoin.article_id).in_(ids))
    stories = session.exec(joined.distinct()).all()
    session.execute(delete(Article).where(articles))
    _remove_empty(session, stories, before)
    # Of what is left of old concordances smaller ones are made.
    numbers = {number // MOST_ARTICLES for number in ids}
    is_old = (col(Concordance.id).in_(numbers), col(Concordance.seen_to) < before)
    session.execute(delete(Concordance).where(*is_old))


def _remember(session: Session, articles: Sequence[tuple[int, str]]) -> None:
    wanted = {(source_id, identity_sum(identity)) for source_id, identity in articles}
    sums = col(ForgottenArticle.identity_sum).in_([identity for _, identity in wanted])
    known = select(ForgottenArticle.source_id, ForgottenArticle.identity_sum).where(sums)
    new = wanted - set(session.exec(known))
    session.add_all(ForgottenArticle(source_id=source, identity_sum=identity) for source, identity in new)


def _remove_empty(session: Session, stories: Sequence[int], before: datetime) -> None:
    """Remove stories that no article is in any more, and none can join."""
    joined = exists().where(col(StoryJoin.story_id) == col(Story.id))
    rang = exists().where(col(Alert.story_id) == col(Story.id))
    is_empty = (col(Story.id).in_(stories), col(Story.last_seen_at) < before, ~joined, ~rang)
    session.execute(delete(Story).where(*is_empty).execution_options(synchronize_session=False))
