"""The desk's pages of sources, and of the articles held from them."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from subscriptions.articles import file_held, held_articles, release_held
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.nudge import nudge
from subscriptions.sources import (
    add_source,
    all_sources,
    edit_source,
    find_source,
    pause_source,
    remove_source,
    resume_source,
)
from subscriptions.tables import Source
from subscriptions.web.pages import render
from subscriptions.web.sign_in import SignedIn, SignedInForm

router = APIRouter(prefix="/desk/sources", include_in_schema=False)

LONGEST_INTERVAL_S = 86_400


@dataclass(slots=True)
class SourceForm:
    """What was typed, and what is wrong with it."""

    url: str = ""
    title: str = ""
    family: str = ""
    language: str = ""
    interval: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    def interval_s(self) -> int:
        """Read the interval; raises Mistake where it is no number of seconds."""
        if not self.interval:
            return 0
        if not self.interval.isdecimal() or int(self.interval[:9]) > LONGEST_INTERVAL_S:
            self.problems["interval"] = "Give seconds, at most 86400 (a day), or leave it empty."
            raise Mistake(self.problems["interval"])
        return int(self.interval)


def _typed(
    url: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    family: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    interval: Annotated[str, Form()] = "",
) -> SourceForm:
    return SourceForm(url.strip(), title.strip(), family.strip(), language.strip(), interval.strip())


Typed = Annotated[SourceForm, Depends(_typed)]


@router.get("")
def sources(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """List sources with their state in words."""
    with reading() as session:
        rows = [(source, len(held_articles(session, source))) for source in all_sources(session)]
    return render(request, "desk/sources.html", rows=rows)


@router.get("/new")
def new(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """Show an empty form."""
    return render(request, "desk/source.html", source=None, typed=SourceForm())


@router.post("/new")
def add(request: Request, typed: Typed, _admin: Annotated[str, SignedInForm]) -> Response:
    """Store a source; a worker reads it at once."""
    try:
        interval_s = typed.interval_s()
        with unit_of_work() as session:
            add_source(
                session,
                typed.url,
                title=typed.title,
                family=typed.family,
                language=typed.language,
                interval_s=interval_s,
            )
    except Mistake as mistake:
        if not typed.problems:
            typed.problems["url"] = str(mistake)
        return render(request, "desk/source.html", 400, source=None, typed=typed)
    nudge("watch.poll", queue="watch")
    return RedirectResponse("/desk/sources", 303)


@router.get("/{number}")
def source(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Show a source's form."""
    with reading() as session:
        found = _find(session, number)
    interval = str(found.interval_s or "")
    typed = SourceForm(found.url, found.title, found.family, found.language, interval)
    return render(request, "desk/source.html", source=found, typed=typed)


@router.post("/{number}")
def edit(request: Request, number: int, typed: Typed, _admin: Annotated[str, SignedInForm]) -> Response:
    """Change what an admin says of a source."""
    with unit_of_work() as session:
        found = _find(session, number)
        try:
            interval_s = typed.interval_s()
        except Mistake:
            return render(request, "desk/source.html", 400, source=found, typed=typed)
        edit_source(
            session,
            found,
            title=typed.title,
            family=typed.family,
            language=typed.language,
            interval_s=interval_s,
        )
    return RedirectResponse("/desk/sources", 303)


@router.post("/{number}/pause")
def pause(number: int, _admin: Annotated[str, SignedInForm]) -> Response:
    """Stop polling a source."""
    with unit_of_work() as session:
        pause_source(session, _find(session, number))
    return RedirectResponse("/desk/sources", 303)


@router.post("/{number}/resume")
def resume(number: int, _admin: Annotated[str, SignedInForm]) -> Response:
    """Poll a source again."""
    with unit_of_work() as session:
        resume_source(session, _find(session, number))
    nudge("watch.poll", queue="watch")
    return RedirectResponse("/desk/sources", 303)


@router.get("/{number}/remove")
def ask_to_remove(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Ask before removing."""
    with reading() as session:
        found = _find(session, number)
    return render(
        request,
        "desk/sure.html",
        question=f"Remove the source {found.title or found.url}?",
        says="It is polled no more. Its articles and their alerts stay on record.",
        act=f"/desk/sources/{number}/remove",
        button="Remove",
        back="/desk/sources",
    )


@router.post("/{number}/remove")
def remove(number: int, _admin: Annotated[str, SignedInForm]) -> Response:
    """Take a source off the list."""
    with unit_of_work() as session:
        remove_source(session, _find(session, number))
    return RedirectResponse("/desk/sources", 303)


@router.get("/{number}/held")
def held(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Show the articles held from a source."""
    with reading() as session:
        found = _find(session, number)
        articles = held_articles(session, found)
    return render(request, "desk/held.html", source=found, articles=articles)


@router.post("/{number}/held")
def decide(number: int, do: Annotated[str, Form()], _admin: Annotated[str, SignedInForm]) -> Response:
    """Let the held articles go, or file them as baseline."""
    with unit_of_work() as session:
        found = _find(session, number)
        released = release_held(session, found) if do == "release" else []
        if do == "file":
            file_held(session, found)
    if released:
        nudge("match.understand", *released, queue="match")
    return RedirectResponse("/desk/sources", 303)


def _find(session: Session, number: int) -> Source:
    return find_source(session, str(number))
