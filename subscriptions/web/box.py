"""The box that sites show: its script, its service worker, and what it asks first (see docs/box.md)."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, JSONResponse
from sqlmodel import Session, col, or_, select

from subscriptions.database import reading
from subscriptions.errors import Mistake
from subscriptions.names import slug
from subscriptions.own_topics import is_public
from subscriptions.settings import settings
from subscriptions.tables import Topic, TopicStatus
from subscriptions.texts import LANGUAGES, Language, language_of
from subscriptions.vapid import application_server_key, newest_key_id
from subscriptions.web.box_texts import texts_in

router = APIRouter(include_in_schema=False)

SCRIPTS = Path(__file__).parent / "scripts"
SCRIPT = "text/javascript"
# Pages of any site load them, also pages that ask everything they load whether it may be (COEP).
HEADERS = {"Cache-Control": "public, max-age=600", "Cross-Origin-Resource-Policy": "cross-origin"}
LOOKED_UP = 30  # of an article's tags


@router.get("/box.js")
def script() -> Response:
    """Serve the box."""
    return FileResponse(SCRIPTS / "box.js", media_type=SCRIPT, headers=HEADERS)


@router.get("/sw.js")
def service_worker() -> Response:
    """Serve the service worker, which sites import: it is told our address, for it cannot see it."""
    buttons = {code: _buttons(language) for code, language in LANGUAGES.items()}
    told = json.dumps({"home": settings().site, "texts": buttons}, ensure_ascii=False)
    return Response(f"self.tocsin = {told};\n{_worker()}", media_type=SCRIPT, headers=HEADERS)


@router.get("/api/box")
def box(topic: str = "", tags: str = "", lang: str = "") -> Response:
    """Tell a box its topic, or that of the first tag that names one; the VAPID key, and what to say."""
    with reading() as session:
        found = _tagged(session, [topic] if topic else tags.split(",")[:LOOKED_UP])
    language = language_of(lang)
    told = {
        "topic": found and {"slug": found.slug, "name": found.name},
        "page": f"{settings().site}/topics/{quote(found.slug)}" if found else f"{settings().site}/",
        "key": application_server_key(),
        "key_id": newest_key_id(),
        "mail": bool(settings().mail_url.get_secret_value()),
        "language": language.code,
        "direction": language.direction,
        "texts": texts_in(language),
    }
    # Each reader of each page asks, and all are told the same.
    return JSONResponse(told, headers={"Cache-Control": "public, max-age=60"})


def _buttons(language: Language) -> dict[str, str]:
    texts = texts_in(language)
    return {name: texts[name] for name in ("mute", "settings")}


def _tagged(session: Session, tags: list[str]) -> Topic | None:
    """Find the topic of the first tag that is a topic's slug or name."""
    names = [tag.strip() for tag in tags if tag.strip()]
    slugs = [_slug(name) for name in names]
    wanted = select(Topic).where(
        or_(col(Topic.slug).in_(slugs), col(Topic.name).in_(names)),
        Topic.status == TopicStatus.live,
        col(Topic.practice).is_(False),
        is_public(),
    )
    topics = session.exec(wanted.order_by(col(Topic.id))).all()
    for name, key in zip(names, slugs, strict=True):
        for topic in topics:
            if topic.slug == key or topic.name == name:
                return topic
    return None


def _slug(name: str) -> str:
    try:
        return slug(name)
    except Mistake:  # nothing but punctuation
        return ""


@cache
def _worker() -> str:
    return (SCRIPTS / "sw.js").read_text()
