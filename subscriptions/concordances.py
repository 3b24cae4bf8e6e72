"""Concordances of the stored articles: made in the background, read by backtests."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import structlog
from sqlmodel import Session, col, func, or_, select

from subscriptions import queries
from subscriptions.articles import FirstSeen, as_first_seen
from subscriptions.concordance_entry import Entry, link_sum, microseconds, pack_entries
from subscriptions.queries import AnalysedArticle, analyse
from subscriptions.queries.concordance import pack
from subscriptions.queries.packed_forms import MOST_ARTICLES
from subscriptions.tables import Article, ArticleStatus, Concordance

log = structlog.get_logger()

SETTLED = (ArticleStatus.baseline, ArticleStatus.stale, ArticleStatus.matched)  # they stay as they are
SILENT = (
    ArticleStatus.baseline,
    ArticleStatus.stale,
    ArticleStatus.held,
)  # they did not ring, whatever matched


def entry(article: Article) -> Entry:
    """Say of an article what a concordance keeps besides its words."""
    return Entry(
        article_id=article.id or 0,
        source_id=article.source_id,
        seen_us=microseconds(article.seen_at),
        link_sum=link_sum(article.link),
        is_silent=article.status in SILENT,
        speaks_as_source=not article.language,
    )


def lacking(session: Session) -> int | None:
    """Find the newest concordance to be made: it is not there, lacks articles, or was made otherwise."""
    number = col(Article.id) // MOST_ARTICLES
    settled = (
        select(number.label("number"), func.count().label("articles"))
        .where(col(Article.status).in_(SETTLED))
        .group_by(number)
        .subquery()
    )
    is_old = or_(
        col(Concordance.id).is_(None),
        col(Concordance.articles) < settled.c.articles,
        col(Concordance.analysis) != analysis(),
    )
    wanted = (
        select(settled.c.number).outerjoin(Concordance, col(Concordance.id) == settled.c.number).where(is_old)
    )
    return session.exec(wanted.order_by(settled.c.number.desc()).limit(1)).first()


def settled_articles(session: Session, number: int) -> list[FirstSeen]:
    """List the articles of a concordance that is to be made."""
    first = number * MOST_ARTICLES
    ids = select(Article.id).where(
        col(Article.id).between(first, first + MOST_ARTICLES - 1), col(Article.status).in_(SETTLED)
    )
    return list(as_first_seen(session, [each or 0 for each in session.exec(ids.order_by(col(Article.id)))]))


def concordance(number: int, articles: Sequence[FirstSeen]) -> Concordance:
    """Make the concordance of these articles; one that cannot be analysed is left out."""
    analysed = [(each, found) for each in articles if (found := _analysed(each)) is not None]
    return Concordance(
        id=number,
        analysis=analysis(),
        articles=len(articles),
        seen_to=max(each.article.seen_at for each in articles),
        entries=pack_entries(entry(each.article) for each, _ in analysed),
        languages=_languages(each for each, _ in analysed),
        **pack([found for _, found in analysed])._asdict(),
    )


def _analysed(each: FirstSeen) -> AnalysedArticle | None:
    try:
        return analyse(each.text)
    except Exception:
        log.exception("cannot be analysed", trace=each.article.trace, article=each.article.id)
        return None


def _languages(articles: Iterable[FirstSeen]) -> dict[str, str]:
    return {str(each.source.id): each.source.language for each in articles if not each.article.language}


@cache
def analysis() -> str:
    """Name what turns a text into forms: another version of it makes other concordances."""
    digest = blake2b(digest_size=12)
    for part in (version("pycld2"), version("pystemmer"), unicodedata.unidata_version):
        digest.update(part.encode())
    for file in sorted(Path(queries.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
