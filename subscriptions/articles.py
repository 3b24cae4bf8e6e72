"""Articles as topics see them, and those an admin has to decide on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.queries import ArticleText
from subscriptions.queries.media_topics import apart
from subscriptions.tables import Article, ArticleStatus, ArticleVersion, Source, move

AT_ONCE = 400  # ids in one query


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """An article with what it said when it was first seen: that is what rings, an edit does not."""

    article: Article
    source: Source
    text: ArticleText


def as_first_seen(session: Session, ids: Sequence[int]) -> Iterator[FirstSeen]:
    """Give those of the articles that are stored, in the order of `ids`."""
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        wanted = select(Article, Source).join(Source).where(col(Article.id).in_(part))
        rows = {article.id: (article, source) for article, source in session.exec(wanted)}
        versions = select(ArticleVersion).where(
            col(ArticleVersion.article_id).in_(part), ArticleVersion.version == 1
        )
        first = {version.article_id: version for version in session.exec(versions)}
        for number in part:
            if number in rows:
                article, source = rows[number]
                yield FirstSeen(article, source, article_text(article, source, first.get(number)))


def article_text(article: Article, source: Source, said: ArticleVersion | None = None) -> ArticleText:
    """Give what a topic's query can ask about; `said` is an earlier version, else what it says now."""
    tags, media_topics = apart(article.tags)
    return ArticleText(
        title=(said or article).title,
        summary=(said or article).summary,
        body=(said or article).body,
        url=article.link,
        source=source.title,
        family=source.family,
        language=article.language or source.language,
        tags=tags,
        author=article.author,
        urgency=article.urgency,
        media_topics=media_topics,
    )


def latest_articles(session: Session, count: int) -> Sequence[tuple[Article, Source]]:
    """List the articles seen last, newest first, each with its source."""
    last = select(Article, Source).join(Source).order_by(col(Article.id).desc()).limit(count)
    return session.exec(last).all()


def held_articles(session: Session, source: Source) -> Sequence[Article]:
    """List a source's articles that an admin has to decide on, newest first."""
    held = select(Article).where(Article.source_id == source.id, Article.status == ArticleStatus.held)
    return session.exec(held.order_by(col(Article.id).desc())).all()


def release_held(session: Session, source: Source) -> list[int]:
    """Let a source's held articles go down the chain; give their ids."""
    return _move_held(session, source, ArticleStatus.seen, "an admin let it go")


def file_held(session: Session, source: Source) -> list[int]:
    """Take a source's held articles for its baseline, which never rings; give their ids."""
    return _move_held(session, source, ArticleStatus.baseline, "an admin filed it as baseline")


def _move_held(session: Session, source: Source, enter: ArticleStatus, why: str) -> list[int]:
    ids = [article.id for article in held_articles(session, source) if article.id is not None]
    held, now = ArticleStatus.held, clock.now()
    return move(session, Article, ids, leave=held, enter=enter, status_at=now, why=why)
