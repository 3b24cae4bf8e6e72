"""What a person was told, alert by alert, and the address of their own feed."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from subscriptions.database import reading, unit_of_work
from subscriptions.errors import msgid
from subscriptions.feeds.link import end_feed, feed_token, make_feed_link
from subscriptions.heard import heard, heard_of
from subscriptions.preferences import follow_story, mute_story, unfollow_story, unmute_story
from subscriptions.settings import settings
from subscriptions.tables import Alert, Story, Subscriber
from subscriptions.web.pages import render
from subscriptions.web.person.session import Person, PersonForm

router = APIRouter(prefix="/me/alerts", include_in_schema=False)

BIGGEST = 2**63 - 1
NOT_YOURS = msgid("There is no such alert among yours.")
CHANGES = {
    "mute": mute_story,
    "unmute": unmute_story,
    "follow": follow_story,
    "unfollow": unfollow_story,
}


@router.get("")
def show(
    request: Request,
    subscriber_id: Annotated[int, Person],
    before: Annotated[int | None, Query(ge=1, le=BIGGEST)] = None,
) -> Response:
    """List what a person was told, newest first; `before` goes on where another page ended."""
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        page = heard(session, subscriber, before)
        token = feed_token(session, subscriber)
    feed = f"{settings().site}/feeds/{token}" if token else ""
    values = {"entries": page.entries, "older": page.older, "before": before, "feed": feed}
    return render(request, "person/alerts.html", subscriber=subscriber, **values)


@router.post("/feed")
def feed(subscriber_id: Annotated[int, PersonForm], do: Annotated[str, Form()] = "make") -> Response:
    """Make a feed, or a new address for it; or end it."""
    with unit_of_work() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        if do == "end":
            end_feed(session, subscriber)
        else:
            make_feed_link(session, subscriber)
    return RedirectResponse("/me/alerts#feed", 303)


@router.get("/{number}")
def one(request: Request, subscriber_id: Annotated[int, Person], number: int) -> Response:
    """Show one alert: why it came, on which channels, and what to do about its story."""
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        found = heard_of(session, subscriber, [number]) if 0 < number <= BIGGEST else []
    if not found:
        raise HTTPException(404, NOT_YOURS)
    return render(request, "person/alert.html", subscriber=subscriber, one=found[0])


@router.post("/{number}")
def change(
    subscriber_id: Annotated[int, PersonForm], number: int, do: Annotated[str, Form()] = ""
) -> Response:
    """Mute or follow the story of an alert that was for them, or take that back."""
    with unit_of_work() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        if not 0 < number <= BIGGEST or not heard_of(session, subscriber, [number]):
            raise HTTPException(404, NOT_YOURS)
        story = session.get_one(Story, session.get_one(Alert, number).story_id)
        if do in CHANGES:
            CHANGES[do](session, subscriber, story)
    return RedirectResponse(f"/me/alerts/{number}", 303)
