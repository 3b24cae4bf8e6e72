"""Feeds to subscribe to elsewhere: of each topic, for everybody, and of what one person was told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Literal, NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import reading
from subscriptions.errors import msgid
from subscriptions.feeds import atom, json_feed
from subscriptions.feeds.document import Document
from subscriptions.feeds.latest import of_person, of_topic
from subscriptions.feeds.link import whose_feed
from subscriptions.own_topics import is_public
from subscriptions.settings import settings
from subscriptions.tables import Topic, TopicStatus
from subscriptions.texts import language_of

router = APIRouter(include_in_schema=False)

Kind = Literal["atom", "json"]
FRESH_S = 60  # seconds that a copy is good for
SECOND = timedelta(seconds=1)
MINE = msgid("My alerts")
MOVED = msgid("This feed has another address now, or there is none.")
NO_TOPIC = msgid("There is no topic of that name to follow now.")


class Format(NamedTuple):
    """How a feed is written."""

    media_type: str
    write: Callable[[Document], bytes]


FORMATS: dict[Kind, Format] = {
    "atom": Format(f"{atom.MEDIA_TYPE}; charset=utf-8", atom.write_atom),
    "json": Format(json_feed.MEDIA_TYPE, json_feed.write_json_feed),
}


@router.get("/topics/{slug}/feed.{kind}")
def topic_feed(request: Request, slug: str, kind: Kind) -> Response:
    """Give the latest alerts of a topic."""
    page = f"{settings().site}/topics/{slug}"
    with reading() as session:
        topic = _topic(session, slug)
        document = of_topic(session, topic, title=topic.name, page=page, own_address=f"{page}/feed.{kind}")
    answer = _answer(request, kind, document, last_modified=document.updated)
    answer.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
    return answer


@router.get("/feeds/{token}.{kind}")
def own_feed(request: Request, token: str, kind: Kind) -> Response:
    """Give what one person was told; the token in the address is the right to read it."""
    with reading() as session:
        subscriber = whose_feed(session, token)
        if subscriber is None:
            raise HTTPException(404, MOVED)
        address = f"{settings().site}/feeds/{token}.{kind}"
        title = language_of(subscriber.language).gettext(MINE)
        document = of_person(
            session, subscriber, title=title, page=f"{settings().site}/me/alerts", own_address=address
        )
    answer = _answer(request, kind, document)
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _topic(session: Session, slug: str) -> Topic:
    wanted = select(Topic).where(Topic.slug == slug, Topic.status == TopicStatus.live)
    topic = session.exec(wanted.where(col(Topic.practice).is_(False), is_public())).first()
    if topic is None:
        raise HTTPException(404, NO_TOPIC)
    return topic


def _answer(
    request: Request, kind: Kind, document: Document, last_modified: datetime | None = None
) -> Response:
    """Write a feed; or nothing, where the reader has it as it is.

    What was told late has no later date: `last_modified` only where what is new is also the latest.
    """
    body = FORMATS[kind].write(document)
    headers = {"ETag": f'"{blake2b(body, digest_size=16).hexdigest()}"'}
    # Within one second there may be another alert, which the date could not tell.
    if last_modified is not None and clock.now() - last_modified > SECOND:
        headers["Last-Modified"] = format_datetime(last_modified.astimezone(UTC), usegmt=True)
    if _has_it(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=FORMATS[kind].media_type, headers=headers)


def _has_it(request: Request, headers: dict[str, str]) -> bool:
    """Say whether the reader has this version (RFC 9110, 13.2.2: the tag counts before the date)."""
    if tags := request.headers.get("if-none-match"):
        known = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in known or headers["ETag"] in known
    since = request.headers.get("if-modified-since")
    if not since or "Last-Modified" not in headers:
        return False
    try:
        return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
