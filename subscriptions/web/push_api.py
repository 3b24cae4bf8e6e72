"""`POST /api/push/...`: what a browser asks for in its reader's name; its push subscription is the key."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from subscriptions import clock, push_sign_up
from subscriptions.address import Address
from subscriptions.channels import read_address
from subscriptions.database import lock, reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.own_topics import is_public
from subscriptions.push_endpoints import push_address
from subscriptions.push_sign_up import Known, find_browser, follow, unfollow
from subscriptions.settings import settings
from subscriptions.tables import Topic
from subscriptions.web.turnstile import Turnstile, network_of

ASKS = 120  # changes from one network address within an hour: a whole office, or a phone network's gateway
ASKS_WITHIN = timedelta(hours=1)

REPAIRS = 20 * ASKS  # the box repairs on each visit, which is no change mostly

turnstile = Turnstile(ASKS, ASKS_WITHIN, "push")
repairs = Turnstile(REPAIRS, ASKS_WITHIN, "push repair")

Short = Annotated[str, Field(max_length=100)]


class Browser(BaseModel):
    """How a browser shows who it is."""

    endpoint: Annotated[str, Field(max_length=2000)]
    auth: Short

    @property
    def known(self) -> Known:
        """The same as the sign-up takes it."""
        return Known(self.endpoint, self.auth)


class Change(Browser):
    """What is to change for a browser: one topic, or all where none is named."""

    topic: Short = ""


class Muting(Browser):
    """The story a browser's owner wants to hear no more of."""

    story: int = Field(ge=1, lt=2**63)


class Subscribed(BaseModel):
    """A browser's push subscription, and what it was known by before."""

    subscription: dict[str, Any]  # as the browser's toJSON() gives it
    key: Short  # the id of the VAPID key it was made with
    old: Browser | None = None
    topic: Short = ""
    language: Short = ""
    time_zone: Short = ""

    @property
    def address(self) -> Address:
        """The channel's address; raises Mistake for what cannot be pushed to."""
        return read_address(push_address(self.subscription, self.key))

    @property
    def was(self) -> Known | None:
        """What it was known by before."""
        return self.old.known if self.old else None


def _count(request: Request) -> None:
    counted = repairs if request.url.path.endswith("/repair") else turnstile
    if not counted.lets_in(network_of(request), clock.now()):
        raise HTTPException(429, "That was a lot of changes from one network: try again in an hour.")


router = APIRouter(prefix="/api/push", include_in_schema=False, dependencies=[Depends(_count)])


@router.post("/subscribe")
def subscribe(asked: Subscribed) -> Response:
    """Let a browser follow a topic; tell all it follows."""
    with unit_of_work() as session:
        lock(session, "sign-up")
        topic = _topic(session, asked.topic)
        if topic is None:
            raise Mistake("There is no topic of that name to follow now.")
        spoken = {"language": asked.language, "time_zone": asked.time_zone}
        return JSONResponse({"topics": follow(session, topic, asked.address, old=asked.was, **spoken)})


@router.post("/unsubscribe")
def leave(asked: Change) -> Response:
    """Let a browser follow a topic no more, or none; tell those it still follows."""
    with unit_of_work() as session:
        lock(session, "sign-up")
        topic = _topic(session, asked.topic)
        topics = unfollow(session, asked.known, topic) if topic or not asked.topic else []
        return JSONResponse({"topics": topics})


@router.post("/repair")
def repair(asked: Subscribed) -> Response:
    """Go on at a browser's new endpoint or key; tell what it follows and whether it must subscribe anew."""
    with unit_of_work() as session:
        lock(session, "sign-up")
        repaired = push_sign_up.repair(session, asked.address, asked.was)
        return JSONResponse({"topics": repaired.topics, "stale": repaired.stale})


@router.post("/mute")
def mute(asked: Muting) -> Response:
    """Let a browser's owner hear no more of a story."""
    with unit_of_work() as session:
        push_sign_up.mute(session, asked.known, asked.story)
    return JSONResponse({})


@router.post("/settings")
def page(asked: Browser) -> Response:
    """Tell the page where a browser's owner changes what they follow; to others, our first page."""
    with reading() as session:
        channel = find_browser(session, asked.known)
    path = f"/me/enter/{signer('enter').dumps(channel.id)}" if channel else "/"
    return JSONResponse({"page": f"{settings().site}{path}"})


def _topic(session: Session, slug: str) -> Topic | None:
    public = select(Topic).where(Topic.slug == slug, col(Topic.practice).is_(False), is_public())
    return session.exec(public).first()
