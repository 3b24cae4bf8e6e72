"""The web app: readers' pages, the desk, the practice newsroom, health and metrics."""

from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from subscriptions.database import what_is_wrong
from subscriptions.errors import Mistake
from subscriptions.web import (
    backtest_api,
    confirm,
    desk,
    desk_alerts,
    desk_sources,
    desk_topics,
    health,
    home,
    metrics,
    practice,
    sign_in,
    topic,
)
from subscriptions.web.guard import Guard
from subscriptions.web.pages import render

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024  # bytes; forms are some hundred, a practice alert a few thousand
WORDS = {
    404: "There is no such page here.",
    413: "That is more than can be sent here: 64 KiB.",
    405: "This page cannot be used that way.",
    422: "This address is not complete: go back and try again.",
}


class Web(FastAPI):
    """FastAPI with the guard around all of it."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guard outside even of what answers when a page breaks."""
        return Guard(super().build_middleware_stack())


def make_app() -> FastAPI:
    """Make the web app; the database is looked at when a page needs it."""
    app = Web(title="Tocsin", docs_url=None, redoc_url=None, openapi_url=None, max_body_size=LARGEST_BODY)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    for pages in (home, topic, confirm, practice, sign_in, desk, desk_topics, desk_sources, desk_alerts):
        app.include_router(pages.router)
    app.include_router(backtest_api.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.add_exception_handler(HTTPException, _no)
    app.add_exception_handler(RequestValidationError, _no)
    app.add_exception_handler(Mistake, _mistake)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _broken)
    app.add_exception_handler(sign_in.NotSignedIn, sign_in.to_sign_in)
    return app


def _no(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 422
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    # Starlette's own detail is the status's standard phrase; ours is a sentence.
    says = detail if detail.endswith(".") else WORDS.get(status, "This did not work: go back and try again.")
    return render(request, "error.html", status, status=status, says=says)


def _mistake(request: Request, error: Exception) -> Response:
    return render(request, "error.html", 400, status=400, says=str(error))


def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)  # noqa: S101 - registered for it
    log.error("database", problem=what_is_wrong(error))
    says = "Tocsin cannot reach its data just now: try again in a minute."
    return render(request, "error.html", 503, status=503, says=says)


def _broken(request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the log has it.
    says = "Something in Tocsin broke; its log says what. Try again in a minute."
    return render(request, "error.html", 500, status=500, says=says)
