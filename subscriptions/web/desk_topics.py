"""The desk's pages of topics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, func, select

from subscriptions.articles import article_text, latest_articles
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.queries import QueryError, analyse, match, parse_query
from subscriptions.tables import Article, Rings, Subscription, Topic, TopicStatus
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

router = APIRouter(prefix="/desk", include_in_schema=False)

TRIED = 200  # stored articles a query is tried on


@dataclass(slots=True)
class TopicForm:
    """What was typed, and what is wrong with it."""

    name: str = ""
    query: str = ""
    rings: Rings = Rings.by_itself
    draft: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    pointer: str = ""

    def given_name(self) -> str:
        """Give the name; raises Mistake where there is none."""
        if not self.name:
            raise Mistake("A topic needs a name that readers understand.")
        return self.name

    def note(self, mistake: Mistake) -> None:
        """Put a mistake at its field."""
        if isinstance(mistake, QueryError):
            self.problems["query"], self.pointer = str(mistake), mistake.pointer()
        else:
            self.problems["name"] = str(mistake)


def _typed(
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    rings: Annotated[Rings, Form()] = Rings.by_itself,
    draft: Annotated[bool, Form()] = False,  # noqa: FBT002 - a form's field
) -> TopicForm:
    # Browsers send line ends as CR LF.
    return TopicForm(name.strip(), query.replace("\r\n", "\n").strip(), rings, draft)


Typed = Annotated[TopicForm, Depends(_typed)]


@router.get("/topics")
def topics(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """List topics with their followers."""
    with reading() as session:
        rows = [(topic, _followers(session, topic)) for topic in all_topics(session)]
    return render(request, "desk/topics.html", rows=rows)


@router.get("/new-topic")
def new(request: Request, _admin: Annotated[str, SignedIn]) -> Response:
    """Show an empty form."""
    return _form(request, None, TopicForm())


@router.post("/new-topic")
def add(
    request: Request, typed: Typed, _admin: Annotated[str, SignedInForm], do: Annotated[str, Form()] = "save"
) -> Response:
    """Store a topic, or try its query on stored articles."""
    if do == "try":
        return _tried(request, None, typed)
    status = TopicStatus.draft if typed.draft else TopicStatus.live
    try:
        name = typed.given_name()
        with unit_of_work() as session:
            add_topic(session, name, typed.query, name=name, rings=typed.rings, status=status)
    except Mistake as mistake:
        typed.note(mistake)
        return _form(request, None, typed, 400)
    return RedirectResponse("/desk/topics", 303)


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
    _admin: Annotated[str, SignedInForm],
    do: Annotated[str, Form()] = "save",
) -> Response:
    """Change a topic, or try its query on stored articles."""
    with reading() as session:
        found = find_topic(session, slug)
    if do == "try":
        return _tried(request, found, typed)
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


def _tried(request: Request, found: Topic | None, typed: TopicForm) -> Response:
    try:
        query = parse_query(typed.query)
    except QueryError as error:
        typed.note(error)
        return _form(request, found, typed, 400)
    with reading() as session:
        rows = latest_articles(session, TRIED)
    hits: list[tuple[Article, Sequence[str]]] = []
    for article, source in rows:
        if matched := match(query, analyse(article_text(article, source))):
            hits.append((article, matched.display))
    return _form(request, found, typed, tried=len(rows), hits=hits)


def _form(
    request: Request,
    found: Topic | None,
    typed: TopicForm,
    status: int = 200,
    *,
    tried: int | None = None,
    hits: Sequence[tuple[Article, Sequence[str]]] = (),
) -> Response:
    values = {"topic": found, "typed": typed, "rings": Rings, "tried": tried, "hits": hits}
    return render(request, "desk/topic.html", status, **values)


def _followers(session: Session, topic: Topic) -> int:
    return session.exec(select(func.count()).where(Subscription.topic_id == topic.id)).one()
