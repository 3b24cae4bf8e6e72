"""The desk's first page: how late we are, what rang, and what needs a decision."""

import re
from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, func, select

from subscriptions.alerts import recent_alerts
from subscriptions.articles import latest_articles
from subscriptions.database import reading
from subscriptions.heard.find import with_words
from subscriptions.progress import waiting
from subscriptions.sources import all_sources
from subscriptions.tables import Alert, AlertStatus, Article, ArticleStatus, Channel, ChannelStatus, Source
from subscriptions.tracing import find_articles, trace
from subscriptions.web.pages import render
from subscriptions.web.sign_in import SignedIn

router = APIRouter(prefix="/desk", include_in_schema=False)

REFERENCE = re.compile(r"\d+|(alert|article):\d+|\S+://\S+")  # as `tocsin trace` takes it
ALERTS_SHOWN = 8
ARTICLES_SHOWN = 50


@router.get("")
def overview(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """Show what waits, what rang last, and what an admin should look at."""
    with reading() as session:
        values = {
            "steps": list(waiting(session)),
            "alerts": recent_alerts(session, ALERTS_SHOWN),
            "proposed": _proposed(session),
            "held": _held(session),
            "ill": [source for source in all_sources(session) if source.problem],
            "channels": _live_channels(session),
        }
    return render(request, "desk/overview.html", **values)


@router.get("/articles")
def articles(request: Request, _admin: Annotated[str, SignedIn], q: str = "") -> Response:
    """Show the articles seen last, or with some words; or the one meant by a number, a link or a trace."""
    with reading() as session:
        if q.strip():
            if rows := _with_words(session, q.strip()):
                return render(request, "desk/articles.html", rows=rows, asked=q.strip())
            traces = [trace(session, article) for article in find_articles(session, q.strip())]
            return render(request, "desk/trace.html", traces=traces)
        rows = list(latest_articles(session, ARTICLES_SHOWN))
    return render(request, "desk/articles.html", rows=rows, asked="")


@router.get("/articles/{number}")
def article(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Show the way of one article: why it rang, or why not."""
    with reading() as session:
        traces = [trace(session, each) for each in find_articles(session, str(number))]
    return render(request, "desk/trace.html", traces=traces)


def _with_words(session: Session, asked: str) -> list[tuple[Article, Source]]:
    if REFERENCE.fullmatch(asked):
        return []
    wanted = select(Article, Source).join(Source, col(Source.id) == col(Article.source_id))
    found = wanted.where(col(Article.id).in_(with_words(session, asked)))
    return list(session.exec(found.order_by(col(Article.id).desc()).limit(ARTICLES_SHOWN)))


def _proposed(session: Session) -> list[Alert]:
    wanted = select(Alert).where(Alert.status == AlertStatus.proposed).order_by(col(Alert.id).desc())
    return list(session.exec(wanted))


def _held(session: Session) -> list[tuple[Source, int]]:
    held = (
        select(Source, func.count())
        .join(Article, col(Article.source_id) == col(Source.id))
        .where(Article.status == ArticleStatus.held)
        .group_by(*Source.__table__.columns)  # type: ignore[attr-defined]  # SQLModel does not type it
    )
    return list(session.exec(held))


def _live_channels(session: Session) -> int:
    return session.exec(select(func.count()).where(Channel.status == ChannelStatus.live)).one()
