"""The desk's pages of alerts."""

from collections.abc import Collection, Iterable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select

from subscriptions.alerts import (
    alert_matches,
    alert_topics,
    approve_alert,
    find_alert,
    outcomes,
    queue_for,
    reached,
    read_ceiling,
    recent_alerts,
    reject_alert,
    stop_alert,
    throttle_alert,
    topics_of,
)
from subscriptions.counts import counts_of
from subscriptions.database import reading, unit_of_work
from subscriptions.nudge import nudge
from subscriptions.own_topics import OWN, own_ids
from subscriptions.sisters import follow_up
from subscriptions.tables import Alert, Channel, Delivery, Topic
from subscriptions.web.pages import render
from subscriptions.web.sign_in import SignedIn, SignedInForm

router = APIRouter(prefix="/desk/alerts", include_in_schema=False)

SHOWN = 100
DELIVERIES_SHOWN = 100


@router.get("")
def alerts(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """List the latest alerts."""
    with reading() as session:
        latest = recent_alerts(session, SHOWN)
        topics = topics_of(session, latest)
        own = own_ids(session, (topic for each in topics.values() for topic in each))
    rows = [(alert, _names(topics[alert.id or 0], own)) for alert in latest]
    return render(request, "desk/alerts.html", rows=rows)


@router.get("/{number}")
def alert(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Show one alert: why, when each step was reached, and what became of it."""
    with reading() as session:
        found = find_alert(session, number)
        not_simple = (
            select(Delivery, Channel)
            .join(Channel, col(Channel.id) == col(Delivery.channel_id))
            .where(Delivery.alert_id == number)
            .order_by(col(Delivery.updated_at).desc())
        )
        values = {
            "alert": found,
            "matches": _matches(session, found),
            "steps": reached(found),
            "outcomes": outcomes(session, found),
            "followed": follow_up(session, found),
            "counts": counts_of(session, number),
            "deliveries": session.exec(not_simple.limit(DELIVERIES_SHOWN)).all(),
        }
    return render(request, "desk/alert.html", **values)


@router.post("/{number}")
def decide(
    number: int,
    do: Annotated[str, Form()],
    _admin: Annotated[str, SignedInForm],
    ceiling: Annotated[str, Form()] = "",
) -> Response:
    """Approve or reject a proposed alert, or stop or throttle one that is ringing."""
    with unit_of_work() as session:
        found = find_alert(session, number)
        if do == "approve":
            found.ceiling = read_ceiling(ceiling)  # none written: what the settings say
            approve_alert(session, found)
        elif do == "reject":
            reject_alert(session, found)
        elif do == "stop":
            stop_alert(session, found)
        elif do == "throttle":
            throttle_alert(session, found, read_ceiling(ceiling) or 0)
    if do == "approve":
        nudge("push.ring", number, queue=queue_for(found.urgency))
    if do == "stop":
        nudge("push.again", queue="push")
    return RedirectResponse(f"/desk/alerts/{number}", 303)


def _names(topics: Iterable[Topic], own: Collection[int]) -> list[str]:
    """Name topics; what readers wrote for themselves is not the desk's to read."""
    return list(dict.fromkeys(OWN if topic.id in own else topic.name for topic in topics))


def _matches(session: Session, alert: Alert) -> list[tuple[str, list[str], bool]]:
    """Give the topics an alert's article speaks of by name, the words, and whether it rings for each."""
    rings = {topic.id for topic in alert_topics(session, alert)}
    found = alert_matches(session, alert)
    own = own_ids(session, (topic for topic, _ in found))
    public = [(topic.name, match.words, topic.id in rings) for topic, match in found if topic.id not in own]
    return [*public, *([(OWN, [], True)] if own else [])]
