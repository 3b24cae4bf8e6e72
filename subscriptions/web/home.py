"""The first page: what Tocsin does now, what one can follow, and the practice newsroom ringing."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from subscriptions.alerts import Reached, alert_matches, reached
from subscriptions.database import reading
from subscriptions.own_topics import is_public
from subscriptions.settings import settings
from subscriptions.sources import all_sources
from subscriptions.tables import Alert, AlertStatus, Source, SourceStatus, Topic, TopicStatus
from subscriptions.web.pages import render
from subscriptions.web.practice import newsroom

router = APIRouter(include_in_schema=False)

PRACTICE_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Ring:
    """An alert as the page shows it: why, and what each step took."""

    alert: Alert
    matched: list[tuple[str, list[str]]]
    steps: list[Reached]
    heard: bool  # it arrived at the bell of this page


@router.get("/")
def home(request: Request) -> Response:
    """Show the first page; with practice on it renews itself."""
    practice = settings().practice
    with reading() as session:
        rings = _practice_rings(session) if practice else []
        topics = _topics(session)
        sources = [source for source in all_sources(session) if not source.practice]
    return render(
        request,
        "home.html",
        practice=practice,
        rings=rings,
        topics=topics,
        sources=sources if practice else [],
        watched=sum(source.status == SourceStatus.live for source in sources),
        well=sum(_well(source) for source in sources),
    )


def _practice_rings(session: Session) -> list[Ring]:
    wanted = select(Alert).where(col(Alert.practice), Alert.status != AlertStatus.rejected)
    latest = session.exec(wanted.order_by(col(Alert.id).desc()).limit(PRACTICE_SHOWN)).all()
    heard = {receipt.title for receipt in newsroom.receipts}
    return [
        Ring(
            alert,
            [(topic.name, match.words) for topic, match in alert_matches(session, alert)],
            reached(alert),
            alert.title in heard,
        )
        for alert in latest
    ]


def _topics(session: Session) -> list[Topic]:
    wanted = select(Topic).where(Topic.status == TopicStatus.live, col(Topic.practice).is_(False))
    wanted = wanted.where(is_public())
    return list(session.exec(wanted.order_by(col(Topic.name))))


def _well(source: Source) -> bool:
    return source.status == SourceStatus.live and not source.problem and source.answered_at is not None
