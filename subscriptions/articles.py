"""Articles as topics see them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from subscriptions.queries import ArticleText
from subscriptions.tables import Article, Source


def article_text(article: Article, source: Source) -> ArticleText:
    """Give what a topic's query can ask about."""
    return ArticleText(
        title=article.title,
        summary=article.summary,
        body=article.body,
        url=article.link,
        source=source.title,
        family=source.family,
        language=article.language or source.language,
        tags=tuple(article.tags),
        author=article.author,
        urgency=article.urgency,
    )


def latest_articles(session: Session, count: int) -> Sequence[tuple[Article, Source]]:
    """List the articles seen last, newest first, each with its source."""
    last = select(Article, Source).join(Source).order_by(col(Article.id).desc()).limit(count)
    return session.exec(last).all()
