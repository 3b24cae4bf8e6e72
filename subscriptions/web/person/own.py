"""A topic of one's own: written, tried on last week's articles, followed."""

from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from subscriptions import clock
from subscriptions.backtesting import Backtest
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake, msgid
from subscriptions.own_topics import write_own_topic
from subscriptions.queries import QueryError
from subscriptions.tables import Subscriber
from subscriptions.texts import ENGLISH
from subscriptions.topics import check_query
from subscriptions.web.guard import SCRIPTED
from subscriptions.web.pages import language, render, translated
from subscriptions.web.person.session import Person, PersonForm
from subscriptions.web.person.settings_page import back
from subscriptions.web.trying import Busy, try_query
from subscriptions.web.turnstile import Turnstile

router = APIRouter(prefix="/me/topics", include_in_schema=False)

WRONG = msgid("This cannot be understood at the place marked below. What belongs there: %(expected)s.")

DAYS, SHOWN = 7, 10
LONGEST = 1000  # characters of a reader's query
TRIES = 40  # of one person within a minute: one types, and it is tried after each pause

NOTHING = msgid("Type the words the news must have: volcano, for example.")
OTHERS = msgid("Others are trying queries just now: try again in a minute.")

turnstile = Turnstile(TRIES, timedelta(minutes=1))
# One query is tried at a time: of many readers who type, few wait, for each that waits keeps a thread of all
# pages, and the desk waits behind them.
_waiting = BoundedSemaphore(4)


@dataclass(slots=True)
class Tried:
    """A query as it was typed, and what came of trying it."""

    query: str
    tested: Backtest | None = None
    problem: str | Mistake = ""
    pointer: str = ""
    status: int = 200


@router.get("/own")
def write(request: Request, subscriber_id: Annotated[int, Person], q: str = "", part: str = "") -> Response:
    """Show the form, and what the query in it would have told last week; `part=preview`: only the latter."""
    tried = _previewed(subscriber_id, q) if part == "preview" else _try(subscriber_id, q)
    return _page(request, tried, part=part)


@router.post("/own")
def follow(
    request: Request,
    subscriber_id: Annotated[int, PersonForm],
    q: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "follow",
) -> Response:
    """Follow the query, or show what it would have told."""
    if do == "preview":
        return _page(request, _previewed(subscriber_id, q), name=name)
    query = _tidy(q)
    try:
        _check_length(query)
        with unit_of_work() as session:
            check_query(session, query)
            write_own_topic(session, session.get_one(Subscriber, subscriber_id), query, name)
    except Mistake as mistake:
        return _page(request, _wrong(query, mistake), name=name)
    return back("follows")


def _previewed(subscriber_id: int, typed: str) -> Tried:
    return _try(subscriber_id, typed) if _tidy(typed) else Tried("", problem=NOTHING, status=400)


def _try(subscriber_id: int, typed: str) -> Tried:
    query = _tidy(typed)
    if not query:
        return Tried("")
    if not turnstile.lets_in(str(subscriber_id), clock.now()):
        return Tried(query, problem=msgid("That was a lot of tries: try again in a minute."), status=429)
    if not _waiting.acquire(blocking=False):
        return Tried(query, problem=OTHERS, status=429)
    try:
        _check_length(query)
        return Tried(query, try_query(f"person {subscriber_id}", query, days=DAYS, shown=SHOWN))
    except Busy as busy:
        return Tried(query, problem=str(busy), status=429)
    except Mistake as mistake:
        return _wrong(query, mistake)
    finally:
        _waiting.release()


def _wrong(query: str, mistake: Mistake) -> Tried:
    pointer = mistake.pointer() if isinstance(mistake, QueryError) else ""
    return Tried(query, problem=mistake, pointer=pointer, status=400)


def _page(request: Request, tried: Tried, *, name: str = "", part: str = "") -> Response:
    page = "person/own_preview.html" if part == "preview" else "person/own.html"
    problem = _problem(request, tried.problem) if tried.problem else ""
    status = 200 if part else tried.status
    answer = render(request, page, status, tried=tried, problem=problem, name=name)
    answer.headers.update(SCRIPTED)
    return answer


def _problem(request: Request, problem: str | Mistake) -> str:
    """Say what is wrong; of a query, what belongs to the place that is marked below."""
    if not isinstance(problem, QueryError) or language(request) == ENGLISH:
        return translated(request, problem)
    expected = language(request).phrase(problem.expected)
    says = translated(request, WRONG, expected=expected)
    meant = problem.suggestion and translated(request, "Did you mean %(query)s?", query=problem.suggestion)
    return f"{says} {meant}".strip()


def _tidy(typed: str) -> str:
    return typed.replace("\r\n", "\n").strip()


def _check_length(query: str) -> None:
    if len(query) > LONGEST:
        raise Mistake(
            msgid("That is longer than a topic of one's own can be: %(most)s letters."), most=LONGEST
        )
