"""Storing what one poll of a source brought, in one transaction."""

import secrets
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlmodel import Session, col, func, or_, select

from subscriptions import clock
from subscriptions.settings import settings
from subscriptions.tables import Article, ArticleStatus, ArticleVersion, ForgottenArticle, Source
from worker.watch.feed import Feed, Item
from worker.watch.identity import (
    Named,
    content_hash,
    identity_sum,
    looks_old,
    name_items,
    recognise,
    same_under_new_ids,
    turned_new,
)

log = structlog.get_logger()

TITLE_LIMIT, SUMMARY_LIMIT, BODY_LIMIT = 1_000, 10_000, 100_000  # characters kept of an item
LANGUAGE_LIMIT, TAG_LIMIT, TAGS = (
    35,
    200,
    100,
)  # characters of a tag of a language (RFC 5646, 4.4.1), of a topic; topics
AT_ONCE = 400  # keys in one query; SQLite takes 32,766 parameters, PostgreSQL 65,535

Each = TypeVar("Each")


@dataclass(slots=True)
class Ingested:
    """What became of a document's items."""

    seen: list[Article]
    baseline: int = 0
    stale: int = 0
    held: int = 0
    changed: int = 0


def ingest(session: Session, source: Source, feed: Feed) -> Ingested:
    """Store new articles and new versions of a source, and tell what they are.

    The first document is the baseline. What was published longer ago than the settings' maximum
    is stale. When most of a known source's items turn new at once, those with known titles are
    the same articles under new ids, and if the rest look old they are held for an admin.
    """
    named = name_items(feed.items)
    known = _known(session, source, named)
    new = _not_forgotten(session, source, [each for each in named if each.identity not in known])
    changed = sum(_update(session, known[each.identity], each) for each in named if each.identity in known)
    if source.baseline_at is not None and turned_new(len(new), len(named)):
        new = _adopt_by_title(session, source, new, taken={article.id for article in known.values()})
    held = _must_be_held(session, source, new, len(named))
    result = Ingested([], changed=changed)
    for each in new:
        _store(session, source, feed, each, result, held=held)
    session.flush()
    return result


def _known(session: Session, source: Source, named: Sequence[Named]) -> dict[str, Article]:
    """Find the articles that items are, by the items' identities; of several with one link the latest."""
    rows: dict[int, Article] = {}
    for part in _parts(named):
        wanted = or_(
            col(Article.identity).in_([each.identity for each in part]),
            col(Article.link_key).in_([each.link_key for each in part if each.link_key]),
        )
        found = session.exec(select(Article).where(Article.source_id == source.id, wanted))
        rows |= {article.id: article for article in found if article.id is not None}
    articles = sorted(rows.items())
    by_identity = {article.identity: number for number, article in articles}
    by_link = {article.link_key: number for number, article in articles}
    return {identity: rows[number] for identity, number in recognise(named, by_identity, by_link).items()}


def _not_forgotten(session: Session, source: Source, new: Sequence[Named]) -> list[Named]:
    """Leave out what was here before, longer ago than articles are kept: it is no news."""
    forgotten: set[int] = set()
    for part in _parts(new):
        sums = [identity_sum(each.identity) for each in part]
        known = select(ForgottenArticle.identity_sum).where(
            ForgottenArticle.source_id == source.id, col(ForgottenArticle.identity_sum).in_(sums)
        )
        forgotten.update(session.exec(known))
    return [each for each in new if identity_sum(each.identity) not in forgotten]


def _parts(items: Sequence[Each]) -> Iterator[Sequence[Each]]:
    """Split what is asked for into as many keys as one query takes."""
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _update(session: Session, article: Article, each: Named) -> bool:
    """Keep what the article said before if its text changed; its state stays: an edit does not ring."""
    if article.identity != each.identity and not _taken(session, article, each.identity):
        article.identity = each.identity
    article.link, article.link_key = each.item.link or article.link, each.link_key or article.link_key
    digest = content_hash(each.item)
    if digest == article.content_hash:
        return False
    assert article.id is not None  # noqa: S101 - it came from the database
    session.add(
        ArticleVersion(
            article_id=article.id,
            version=article.version,
            title=article.title,
            summary=article.summary,
            body=article.body,
            replaced_at=clock.now(),
        )
    )
    article.version += 1
    article.content_hash = digest
    article.sqlmodel_update(_texts(each.item))
    log.info("article changed", trace=article.trace, article=article.id, version=article.version)
    return True


def _taken(session: Session, article: Article, identity: str) -> bool:
    same = select(Article.id).where(Article.source_id == article.source_id, Article.identity == identity)
    return session.exec(same).first() is not None


def _adopt_by_title(
    session: Session, source: Source, new: Sequence[Named], taken: Container[int | None]
) -> list[Named]:
    """Take new items with known titles for the articles they were, if most of the new are such.

    An article that stands in the document already (`taken`) is not taken for another one's.
    """
    titled = {each.item.title[:TITLE_LIMIT]: each for each in reversed(new) if each.item.title}
    adopted: dict[str, Article] = {}
    for part in _parts(list(titled)):
        rows = select(Article).where(Article.source_id == source.id, col(Article.title).in_(part))
        found = session.exec(rows.order_by(col(Article.id)))
        adopted |= {titled[article.title].identity: article for article in found if article.id not in taken}
    if not same_under_new_ids(len(adopted), len(new)):
        return list(new)
    for each in titled.values():
        if each.identity in adopted:
            _update(session, adopted[each.identity], each)
    return [each for each in new if each.identity not in adopted]


def _must_be_held(session: Session, source: Source, new: Sequence[Named], listed: int) -> bool:
    if source.baseline_at is None or not turned_new(len(new), listed):
        return False
    # A publisher's slip into the future is no measure of what is news, and before the baseline nothing is.
    published = select(func.max(Article.published_at)).where(
        Article.source_id == source.id, col(Article.published_at) <= clock.now()
    )
    return looks_old([each.item for each in new], session.exec(published).one() or source.baseline_at)


def _store(
    session: Session, source: Source, feed: Feed, each: Named, result: Ingested, *, held: bool
) -> None:
    now = clock.now()
    status, why = _status(source, each.item, now, held=held)
    assert source.id is not None  # noqa: S101 - it came from the database
    article = Article(
        source_id=source.id,
        identity=each.identity,
        link=each.item.link,
        link_key=each.link_key,
        author=each.item.author[:TITLE_LIMIT],
        image=each.item.image,
        language=(each.item.language or feed.language)[:LANGUAGE_LIMIT],
        tags=[tag[:TAG_LIMIT] for tag in each.item.tags[:TAGS]],
        published_at=each.item.published,
        seen_at=now,
        status=status,
        status_at=now,
        why=why,
        trace=secrets.token_hex(8),
        content_hash=content_hash(each.item),
        **_texts(each.item),
    )
    session.add(article)
    if status == ArticleStatus.seen:
        result.seen.append(article)
        log.info("article seen", trace=article.trace, source=source.id, title=article.title)
    else:
        setattr(result, status, getattr(result, status) + 1)


def _texts(item: Item) -> dict[str, Any]:
    return {
        "title": item.title[:TITLE_LIMIT],
        "summary": item.summary[:SUMMARY_LIMIT],
        "body": item.body[:BODY_LIMIT],
    }


def _status(source: Source, item: Item, now: datetime, *, held: bool) -> tuple[ArticleStatus, str]:
    if source.baseline_at is None:
        return ArticleStatus.baseline, "it stood there when its source was first read"
    age = (now - item.published) / timedelta(hours=1) if item.published else 0.0
    if age > settings().max_age_hours:
        return ArticleStatus.stale, f"it was published {age:.0f} hours before it was seen"
    if held:
        return ArticleStatus.held, "most of its source turned new at once; an admin lets it go or not"
    return ArticleStatus.seen, ""
