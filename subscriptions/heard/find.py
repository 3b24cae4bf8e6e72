"""Which articles a reader means: by link, number, or words of the headline."""

import re
from collections.abc import Sequence

from sqlalchemy import select as columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from subscriptions.links import article_link
from subscriptions.queries.folding import fold
from subscriptions.tables import Article, ArticleStatus, Source

NUMBER = re.compile(r"\d{1,18}")  # what a 64-bit id can be
WORD = re.compile(r"\w+")
LOOKED_AT = 5_000  # latest articles whose headlines are looked at
MOST = 10


def find_articles(session: Session, asked: str) -> Sequence[Article]:
    """Find what a reader names, latest first: none where we do not know it.

    Who has an article's link may ask about it. By a number or words only what stands on the web is found:
    what an admin has to decide on, and what came without a link, might not be public.
    """
    asked = asked.strip()
    if "://" in asked:
        return _by_link(session, asked)
    if NUMBER.fullmatch(asked):
        return session.exec(_public().where(Article.id == int(asked))).all()
    return _by_words(session, asked)


def _public() -> SelectOfScalar[Article]:
    sources = select(Source.id).where(col(Source.practice).is_(False))
    return select(Article).where(
        col(Article.source_id).in_(sources),
        col(Article.link).startswith("http"),
        Article.status != ArticleStatus.held,
    )


def _by_link(session: Session, link: str) -> Sequence[Article]:
    key = article_link(link)
    if not key:
        return []
    # By source and link there is an index, by link alone there is none.
    sources = select(Source.id).where(col(Source.practice).is_(False))
    same = select(Article).where(col(Article.source_id).in_(sources), Article.link_key == key)
    return session.exec(same.order_by(col(Article.id).desc()).limit(MOST)).all()


def _by_words(session: Session, asked: str) -> Sequence[Article]:
    found = _public().where(col(Article.id).in_(with_words(session, asked)))
    return session.exec(found.order_by(col(Article.id).desc()).limit(MOST)).all()


def with_words(session: Session, asked: str) -> list[int]:
    """Give the numbers of the latest articles with these words in the headline, newest first."""
    words = _words(asked)
    if not words:
        return []
    latest = columns(col(Article.id), col(Article.title)).order_by(col(Article.id).desc()).limit(LOOKED_AT)
    return [number for number, title in session.execute(latest) if words <= _words(title)][: 10 * MOST]


def _words(text: str) -> set[str]:
    return {fold(word) for word in WORD.findall(text)}
