"""The practice newsroom: a feed of made-up stories, and the bell where its alerts arrive."""

import hashlib
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from fastapi import APIRouter, HTTPException, Request, Response
from itsdangerous import BadSignature

from subscriptions import clock
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.web.pages import render
from subscriptions.web.practice_stories import STANDING, PracticeItem, stories

router = APIRouter(prefix="/practice", include_in_schema=False)
KEPT = 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """An alert that arrived at the bell."""

    title: str
    arrived_at: datetime


class Newsroom:
    """When the newsroom of this process opened: at the first look at its feed; and what its bell heard."""

    def __init__(self) -> None:
        self.opened_at: datetime | None = None
        self.receipts: deque[Receipt] = deque(maxlen=KEPT)

    def items(self) -> list[PracticeItem]:
        """Give the feed's items now."""
        now = clock.now()
        self.opened_at = self.opened_at or now.replace(microsecond=0)
        return stories(self.opened_at, now)


newsroom = Newsroom()


def _check_open() -> None:
    if not settings().practice:
        raise HTTPException(404, "The practice newsroom is closed: TOCSIN_PRACTICE is false.")


@router.get("/feed.xml")
def feed(request: Request) -> Response:
    """Serve the feed as publishers do, with an ETag and 304."""
    _check_open()
    document = _rss(newsroom.items(), settings().site).encode()
    tag = f'"{hashlib.sha256(document).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(document, media_type="application/rss+xml", headers=headers)


@router.get("/story/{path}")
def story(request: Request, path: str) -> Response:
    """Show a story of the feed."""
    _check_open()
    found = [item for item in newsroom.items() if item.path == path]
    if not found:
        raise HTTPException(404, "That practice story is gone: the newsroom opens anew at each start.")
    return render(request, "story.html", item=found[0])


@router.post("/bell/{token}", status_code=204)
async def bell(request: Request, token: str) -> Response:
    """Take an alert as a webhook would, from Apprise's `json://`."""
    _check_open()
    try:
        signer("practice bell").loads(token)
        message = await request.json()
        title = str(message["title"])
    except (BadSignature, ValueError, KeyError, TypeError):
        raise HTTPException(404, "This bell rings for the practice subscriber only.") from None
    newsroom.receipts.appendleft(Receipt(title, clock.now()))
    return Response(status_code=204)


def _rss(items: list[PracticeItem], site: str) -> str:
    lines = "".join(_rss_item(item, site) for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>Practice newsroom</title><link>{escape(site)}/</link>"
        f"<description>{escape(STANDING.text)}</description>{lines}</channel></rss>\n"
    )


def _rss_item(item: PracticeItem, site: str) -> str:
    published = format_datetime(item.published.astimezone(UTC), usegmt=True)
    return (
        f"\n<item><title>{escape(item.title)}</title><description>{escape(item.text)}</description>"
        f"<link>{escape(site)}/practice/story/{item.path}</link>"
        f'<guid isPermaLink="false">{item.guid}</guid><pubDate>{published}</pubDate></item>'
    )
