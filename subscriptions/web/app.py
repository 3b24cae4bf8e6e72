"""The web app: readers' pages, the desk, the practice newsroom, health and metrics."""

from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from subscriptions.database import what_is_wrong
from subscriptions.errors import Decided, Missing, Mistake, msgid
from subscriptions.web import (
    backtest_api,
    box,
    confirm,
    counting,
    desk,
    desk_alerts,
    desk_follow_ups,
    desk_sources,
    desk_topics,
    feeds,
    health,
    home,
    leave,
    metrics,
    practice,
    push_api,
    sign_in,
    topic,
)
from subscriptions.web.guard import Guard
from subscriptions.web.pages import render, translated
from subscriptions.web.person import add_channel, alerts, channels, data, follows, own, settings_page, why
from subscriptions.web.person import sign_in as person_sign_in
from subscriptions.web.person.session import NobodySignedIn, SpokenTo
from subscriptions.web.sites import Sites

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024  # bytes; forms are some hundred, a practice alert a few thousand
WORDS = {
    404: msgid("There is no such page here."),
    413: msgid("That is more than can be sent here: 64 KiB."),
    405: msgid("This page cannot be used that way."),
    422: msgid("This address is not complete: go back and try again."),
}
DESK = (["alerts"], ["articles"], ["topics"], ["sources"])
DID_NOT_WORK = msgid("This did not work: go back and try again.")


class Web(FastAPI):
    """FastAPI with the guards around all of it."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guards outside even of what answers when a page breaks."""
        return Guard(Sites(super().build_middleware_stack()))


def make_app() -> FastAPI:
    """Make the web app; the database is looked at when a page needs it."""
    app = Web(
        title="Tocsin",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=LARGEST_BODY,
        lifespan=counting.stored_now_and_then,
    )
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    for public in (home, topic, confirm, leave):
        app.include_router(public.router, dependencies=[SpokenTo])
    for pages in (
        feeds,
        practice,
        sign_in,
        desk,
        desk_topics,
        desk_sources,
        desk_alerts,
        desk_follow_ups,
    ):
        app.include_router(pages.router)
    for persons in (person_sign_in, settings_page, own, follows, data, alerts, why, add_channel, channels):
        app.include_router(persons.router)
    for others in (backtest_api, box, push_api, counting):
        app.include_router(others.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.add_exception_handler(HTTPException, _no)
    app.add_exception_handler(RequestValidationError, _no)
    app.add_exception_handler(Mistake, _mistake)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _broken)
    app.add_exception_handler(NobodySignedIn, person_sign_in.to_sign_in)
    app.add_exception_handler(sign_in.NotSignedIn, sign_in.to_sign_in)
    return app


def _no(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 422
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    # Starlette's own detail is the status's standard phrase; ours is a sentence.
    says = detail if detail.endswith(".") else WORDS.get(status, DID_NOT_WORK)
    return _says(request, status, says)


def _mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, Mistake)  # noqa: S101 - registered for it
    status = 404 if isinstance(error, Missing) else 409 if isinstance(error, Decided) else 400
    if isinstance(error, Missing) and request.url.path.startswith("/desk"):
        return _says(request, status, error.plain)  # a command is no way out of a page
    return _says(request, status, error)


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)  # noqa: S101 - registered for it
    if isinstance(error, DataError):  # such as a NUL, which PostgreSQL keeps in no text
        route = getattr(request.scope.get("route"), "path", "")
        log.warning("a value the database does not take", route=route)
        return _says(request, 400, DID_NOT_WORK)
    log.error("database", problem=what_is_wrong(error))
    says = msgid("Tocsin cannot reach its data just now: try again in a minute.")
    return _says(request, 503, says)


def _broken(request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the log has it.
    says = msgid("Something in Tocsin broke; its log says what. Try again in a minute.")
    return _says(request, 500, says)


def _says(request: Request, status: int, says: str | Mistake) -> Response:
    """Say to a person or a program what is wrong."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": {"says": str(says)}}, status)
    return render(
        request, "error.html", status, status=status, says=translated(request, says), back=_back(request)
    )


def _back(request: Request) -> str:
    """Give the desk's list that a page of the desk belongs to; nothing elsewhere."""
    parts = request.url.path.split("/")
    return "/".join(parts[:3]) if parts[1:2] == ["desk"] and parts[2:3] in DESK else ""
