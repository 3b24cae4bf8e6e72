"""The one page of a person's settings, and the forms on it that say when they are told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.local_time import clock_time
from subscriptions.preferences import (
    Changes,
    change_preferences,
    read_wants,
    unfollow_story,
    unmute_story,
    unmute_topic,
)
from subscriptions.quiet_hours import EVERY_DAY, QuietHours, read_clock
from subscriptions.settings import settings
from subscriptions.subscribers import check_zone
from subscriptions.tables import (
    Channel,
    ChannelStatus,
    Mute,
    OwnTopic,
    Story,
    StoryFollow,
    Subscriber,
    Subscription,
    Topic,
    TopicMute,
)
from subscriptions.texts import LANGUAGES, language_of
from subscriptions.web.channel_names import called
from subscriptions.web.pages import language, render, translated
from subscriptions.web.person import choices
from subscriptions.web.person.session import Person, PersonForm

router = APIRouter(prefix="/me", include_in_schema=False)

LONGEST_CAP = 6  # digits
LISTED = 200  # muted and followed stories; older ones have long ended


@router.get("")
def show(request: Request, subscriber_id: Annotated[int, Person], saved: str = "") -> Response:
    """Show all a person can set."""
    return page(request, subscriber_id, saved=saved)


def page(
    request: Request,
    subscriber_id: int,
    status: int = 200,
    *,
    saved: str = "",
    problems: dict[str, str] | None = None,
) -> Response:
    """Show the settings; `problems` are sentences by the form they belong to."""
    spoken = language(request)
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        values = {
            "subscriber": subscriber,
            "wants": read_wants(session, subscriber),
            "follows": _follows(session, subscriber_id),
            "channels": (theirs := _channels(session, subscriber_id)),
            "called": {each.id: called(each, spoken) for each in theirs},
            "muted": _stories(session, Mute, subscriber_id),
            "followed": _stories(session, StoryFollow, subscriber_id),
            "muted_topics": _muted_topics(session, subscriber_id),
        }
    return render(
        request,
        "person/settings.html",
        status,
        **values,
        now=clock.now(),
        saved=saved,
        problems=problems or {},
        choices=choices,
        clock_time=clock_time,
        languages=LANGUAGES.values(),
        own=settings().own_topics > 0,
    )


class When(BaseModel):
    """The form of quiet hours and caps, as browsers send it: a box that is not ticked is missing."""

    quiet: bool = False
    begin: str = ""
    end: str = ""
    day: list[int] = []
    through: int = 1
    cap: str = ""
    digest_at: str = "08:00"
    threshold: int = 8

    def changes(self) -> Changes:
        """Read it; raises Mistake for what is no time."""
        hours = QuietHours(read_clock(self.begin), read_clock(self.end), _bits(self.day))
        return {
            "quiet": hours if self.quiet and self.day else None,
            "through": self.through,
            "cap": int(self.cap[:LONGEST_CAP]) if self.cap.isdecimal() else None,
            "digest_at": read_clock(self.digest_at),
            "threshold": self.threshold,
        }


@router.post("/when")
def when(
    request: Request, subscriber_id: Annotated[int, PersonForm], form: Annotated[When, Form()]
) -> Response:
    """Change when and how much a person is told."""
    try:
        with unit_of_work() as session:
            change_preferences(session, session.get_one(Subscriber, subscriber_id), **form.changes())
    except Mistake as mistake:
        return page(request, subscriber_id, 400, problems={"when": translated(request, mistake)})
    return back("when")


@router.post("/place")
def place(
    request: Request,
    subscriber_id: Annotated[int, PersonForm],
    language: Annotated[str, Form()],
    time_zone: Annotated[str, Form()],
) -> Response:
    """Change the language of alerts and pages, and whose clock counts."""
    try:
        check_zone(time_zone)
        with unit_of_work() as session:
            subscriber = session.get_one(Subscriber, subscriber_id)
            change_preferences(session, subscriber, language=language_of(language).code, time_zone=time_zone)
    except Mistake as mistake:
        return page(request, subscriber_id, 400, problems={"place": translated(request, mistake)})
    return back("place")


@router.post("/pause")
def pause(subscriber_id: Annotated[int, PersonForm], days: Annotated[str, Form()] = "") -> Response:
    """Let everything wait some days, or no longer."""
    lasts = choices.PAUSES.get(days)
    until = clock.now() + timedelta(days=lasts) if lasts else None
    with unit_of_work() as session:
        change_preferences(session, session.get_one(Subscriber, subscriber_id), pause_until=until)
    return back("pause")


@router.post("/stories/{story_id}")
def story(
    subscriber_id: Annotated[int, PersonForm], story_id: int, do: Annotated[str, Form()] = ""
) -> Response:
    """Let a muted story ring again, or a followed one for one's topics only."""
    with unit_of_work() as session:
        subscriber, found = session.get_one(Subscriber, subscriber_id), session.get(Story, story_id)
        change = {"unmute": unmute_story, "unfollow": unfollow_story}.get(do)
        if found is not None and change is not None:
            change(session, subscriber, found)
    return back("stories")


@router.post("/muted-topics/{topic_id}")
def muted_topic(subscriber_id: Annotated[int, PersonForm], topic_id: int) -> Response:
    """Let what speaks of a topic ring again."""
    with unit_of_work() as session:
        topic = session.get(Topic, topic_id)
        if topic is not None:
            unmute_topic(session, session.get_one(Subscriber, subscriber_id), topic)
    return back("stories")


def back(saved: str) -> Response:
    """Lead back to the part of the page that was saved."""
    return RedirectResponse(f"/me?saved={saved}#{saved}", 303)


def _bits(days: Sequence[int]) -> int:
    return sum(1 << day for day in set(days) if day in range(7)) or EVERY_DAY


def _follows(session: Session, subscriber_id: int) -> list[tuple[Subscription, Topic, bool]]:
    rows = (
        select(Subscription, Topic, OwnTopic.topic_id)
        .join(Topic, col(Topic.id) == col(Subscription.topic_id))
        .join(OwnTopic, col(OwnTopic.topic_id) == col(Topic.id), isouter=True)
        .where(Subscription.subscriber_id == subscriber_id)
        .order_by(col(Topic.name))
    )
    return [(followed, topic, own is not None) for followed, topic, own in session.exec(rows)]


def _channels(session: Session, subscriber_id: int) -> list[Channel]:
    live = select(Channel).where(
        Channel.subscriber_id == subscriber_id, Channel.status != ChannelStatus.retired
    )
    return list(session.exec(live.order_by(col(Channel.rank), col(Channel.id))))


def _stories(session: Session, table: type[Mute | StoryFollow], subscriber_id: int) -> list[Story]:
    theirs = select(Story).join(table).where(table.subscriber_id == subscriber_id)
    return list(session.exec(theirs.order_by(col(table.created_at).desc()).limit(LISTED)))


def _muted_topics(session: Session, subscriber_id: int) -> list[Topic]:
    muted = select(Topic).join(TopicMute).where(TopicMute.subscriber_id == subscriber_id)
    return list(session.exec(muted.order_by(col(Topic.name))))
