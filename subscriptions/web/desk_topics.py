"""The desk's pages of topics."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, func, select

from subscriptions.backtesting import Backtest, sentences
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.queries import QueryError
from subscriptions.tables import Rings, Subscription, Topic, TopicStatus
from subscriptions.topics import (
    add_topic,
    all_topics,
    edit_topic,
    find_topic,
    pause_topic,
    remove_topic,
    resume_topic,
)
from subscriptions.web.pages import render
from subscriptions.web.sign_in import SignedIn, SignedInForm
from subscriptions.web.trying import DAYS, SHOWN, Busy, number, try_query

router = APIRouter(prefix="/desk", include_in_schema=False)

LOOK_BACK = {1: "the last day", 7: "the last 7 days", DAYS: "the last 30 days", 90: "the last 90 days"}


@dataclass(slots=True)
class TopicForm:
    """What was typed, and what is wrong with it."""

    name: str = ""
    query: str = ""
    rings: Rings = Rings.by_itself
    draft: bool = False
    days: str = str(DAYS)  # that a query is tried on
    problems: dict[str, str] = field(default_factory=dict)
    pointer: str = ""

    def given_name(self) -> str:
        """Give the name; raises Mistake where there is none."""
        if not self.name:
            raise Mistake("A topic needs a name that readers understand.")
        return self.name

    def note(self, mistake: Mistake, field: str = "name") -> None:
        """Put a mistake at its field; a wrong query at the query."""
        if isinstance(mistake, QueryError):
            self.problems["query"], self.pointer = str(mistake), mistake.pointer()
        else:
            self.problems[field] = str(mistake)


def _typed(
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    rings: Annotated[Rings, Form()] = Rings.by_itself,
    draft: Annotated[bool, Form()] = False,  # noqa: FBT002 - a form's field
    days: Annotated[str, Form()] = str(DAYS),
) -> TopicForm:
    # Browsers send line ends as CR LF.
    return TopicForm(name.strip(), query.replace("\r\n", "\n").strip(), rings, draft, days)


Typed = Annotated[TopicForm, Depends(_typed)]


@router.get("/topics")
def topics(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """List topics with their followers."""
    with reading() as session:
        counted = select(Subscription.topic_id, func.count()).group_by(col(Subscription.topic_id))
        followers = dict(session.exec(counted).all())
        rows = [(topic, followers.get(topic.id or 0, 0)) for topic in all_topics(session)]
    return render(request, "desk/topics.html", rows=rows)


@router.get("/new-topic")
def new(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """Show an empty form."""
    return _form(request, None, TopicForm())


@router.post("/new-topic")
def add(
    request: Request, typed: Typed, admin: Annotated[str, SignedInForm], do: Annotated[str, Form()] = "save"
) -> Response:
    """Store a topic, or try its query on stored articles."""
    if do == "try":
        return _tried(request, None, typed, admin)
    status = TopicStatus.draft if typed.draft else TopicStatus.live
    try:
        name = typed.given_name()
        with unit_of_work() as session:
            add_topic(session, name, typed.query, name=name, rings=typed.rings, status=status)
    except Mistake as mistake:
        typed.note(mistake)
        return _form(request, None, typed, 400)
    return RedirectResponse("/desk/topics", 303)


@router.get("/query-language")
def language(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """Show how a query is written."""
    return render(request, "desk/query_language.html")


@router.get("/topics/{slug}")
def topic(request: Request, slug: str, _admin: Annotated[str, SignedIn]) -> Response:
    """Show a topic's form."""
    with reading() as session:
        found = find_topic(session, slug)
    return _form(request, found, TopicForm(found.name, found.query.strip(), found.rings))


@router.post("/topics/{slug}")
def edit(
    request: Request,
    slug: str,
    typed: Typed,
    admin: Annotated[str, SignedInForm],
    do: Annotated[str, Form()] = "save",
) -> Response:
    """Change a topic, or try its query on stored articles."""
    with reading() as session:
        found = find_topic(session, slug)
    if do == "try":
        return _tried(request, found, typed, admin)
    try:
        with unit_of_work() as session:
            found = find_topic(session, slug)
            edit_topic(session, found, name=typed.name, query=typed.query, rings=typed.rings)
    except Mistake as mistake:
        typed.note(mistake)
        return _form(request, found, typed, 400)
    return RedirectResponse("/desk/topics", 303)


@router.post("/topics/{slug}/pause")
def pause(slug: str, _admin: Annotated[str, SignedInForm]) -> Response:
    """Let a topic match nothing."""
    with unit_of_work() as session:
        pause_topic(session, find_topic(session, slug))
    return RedirectResponse("/desk/topics", 303)


@router.post("/topics/{slug}/resume")
def resume(slug: str, _admin: Annotated[str, SignedInForm]) -> Response:
    """Make a paused topic or a draft live."""
    with unit_of_work() as session:
        resume_topic(session, find_topic(session, slug))
    return RedirectResponse("/desk/topics", 303)


@router.get("/topics/{slug}/remove")
def ask_to_remove(request: Request, slug: str, _admin: Annotated[str, SignedIn]) -> Response:
    """Ask before removing."""
    with reading() as session:
        found = find_topic(session, slug)
        followers = _followers(session, found)
    return render(
        request,
        "desk/sure.html",
        question=f"Remove the topic {found.name}?",
        says=f"{followers} follow it, and will no longer. Alerts it rang stay on record.",
        act=f"/desk/topics/{found.slug}/remove",
        button="Remove",
        back="/desk/topics",
    )


@router.post("/topics/{slug}/remove")
def remove(slug: str, _admin: Annotated[str, SignedInForm]) -> Response:
    """Take a topic off the list."""
    with unit_of_work() as session:
        remove_topic(session, find_topic(session, slug))
    return RedirectResponse("/desk/topics", 303)


def _tried(request: Request, found: Topic | None, typed: TopicForm, session_id: str) -> Response:
    practice = found is not None and found.practice
    try:
        days = number(typed.days, "days")
        tested = try_query(session_id, typed.query, days=days, shown=SHOWN, practice=practice)
    except Mistake as mistake:
        typed.note(mistake, field="query")
        return _form(request, found, typed, 400)
    except Busy as busy:
        typed.problems["query"] = str(busy)
        return _form(request, found, typed, 429)
    return _form(request, found, typed, tested=tested)


def _form(
    request: Request,
    found: Topic | None,
    typed: TopicForm,
    status: int = 200,
    *,
    tested: Backtest | None = None,
) -> Response:
    says = list(sentences(tested)) if tested else []
    values = {"topic": found, "typed": typed, "rings": Rings, "tested": tested, "says": says}
    return render(request, "desk/topic.html", status, **values, look_back=LOOK_BACK)


def _followers(session: Session, topic: Topic) -> int:
    return session.exec(select(func.count()).where(Subscription.topic_id == topic.id)).one()
