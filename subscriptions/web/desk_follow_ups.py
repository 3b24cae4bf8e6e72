"""The desk's pages that correct or withdraw an alert, each shown before it goes out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from subscriptions.alerts import find_alert, queue_for
from subscriptions.corrections import (
    body,
    check_follow_up,
    correct_alert,
    headline,
    kill_alert,
    plain_title,
    told,
)
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Decided, Missing, Mistake
from subscriptions.nudge import nudge
from subscriptions.sisters import sisters, updates
from subscriptions.tables import Alert, AlertKind, Article
from subscriptions.web.pages import render
from subscriptions.web.sign_in import SignedIn, SignedInForm

router = APIRouter(prefix="/desk/alerts", include_in_schema=False)

Field = Annotated[str, Form()]
PAGES = {AlertKind.correction: "desk/correct.html", AlertKind.kill: "desk/withdraw.html"}


@dataclass(frozen=True, slots=True)
class TypedFollowUp:
    """What was typed."""

    why: str = ""
    title: str = ""
    text: str = ""


def _typed(why: Field = "", title: Field = "", text: Field = "") -> TypedFollowUp:
    return TypedFollowUp(why, title, text.replace("\r\n", "\n"))


Typed = Annotated[TypedFollowUp, Depends(_typed)]


@router.get("/{number}/correct")
def ask_what_is_right(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Ask what was wrong and what is right: the headline as it stands, the article's own text."""
    with reading() as session:
        found = find_alert(session, number)
        check_follow_up(session, found)
        article = session.get(Article, found.article_id)
        title, text = plain_title(found), article.summary if article else found.text
    return _page(request, number, AlertKind.correction, TypedFollowUp(title=title, text=text))


@router.post("/{number}/correct")
def correct(
    request: Request,
    number: int,
    _admin: Annotated[str, SignedInForm],
    typed: Typed,
    do: Field = "show",
) -> Response:
    """Show a correction as it would go out, or send it."""
    try:
        with unit_of_work() as session:
            new = correct_alert(
                session, find_alert(session, number), typed.why, title=typed.title, text=typed.text
            )
            if do != "send":
                session.rollback()
    except Missing:
        raise
    except Mistake as mistake:
        return _page(request, number, AlertKind.correction, typed, mistake=mistake)
    if do != "send":
        return _page(request, number, AlertKind.correction, typed, shows=True)
    return _gone_out(new)


@router.get("/{number}/withdraw")
def ask_to_withdraw(request: Request, number: int, _admin: Annotated[str, SignedIn]) -> Response:
    """Ask why, and say to how many it goes."""
    with reading() as session:
        check_follow_up(session, find_alert(session, number))
    return _page(request, number, AlertKind.kill, TypedFollowUp())


@router.post("/{number}/withdraw")
def withdraw(
    request: Request, number: int, _admin: Annotated[str, SignedInForm], why: Field = ""
) -> Response:
    """Withdraw an alert from everybody who was told."""
    try:
        with unit_of_work() as session:
            new = kill_alert(session, find_alert(session, number), why)
    except Missing:
        raise
    except Mistake as mistake:
        return _page(request, number, AlertKind.kill, TypedFollowUp(why), mistake=mistake)
    return _gone_out(new)


def _gone_out(new: Alert) -> Response:
    nudge("push.again", queue="push")
    nudge("push.ring", new.id or 0, queue=queue_for(new.urgency))
    return RedirectResponse(f"/desk/alerts/{new.id}", 303)


def _page(
    request: Request,
    number: int,
    kind: AlertKind,
    typed: TypedFollowUp,
    *,
    mistake: Mistake | None = None,
    shows: bool = False,
) -> Response:
    with reading() as session:
        found = find_alert(session, number)
        right = typed.title.strip() or plain_title(found)
        values = {
            "alert": found,
            "typed": typed,
            "problem": str(mistake or ""),
            "goes_out": (headline(found, kind, right), body(typed.why, typed.text)) if shows else None,
            "says": _goes_to(session, found),
            "updates": updates(session, found),
        }
    status = 200 if mistake is None else 409 if isinstance(mistake, Decided) else 400
    return render(request, PAGES[kind], status, **values)


def _goes_to(session: Session, alert: Alert) -> str:
    """Say to how many a follow-up goes, and by which alerts they were told."""
    others = [str(each.id) for each in sisters(session, alert)]
    by = f"this alert and its sister{'s' if len(others) > 1 else ''}, alert {', '.join(others)}"
    count = len(told(session, alert))
    channels = f"{count} channel{'' if count == 1 else 's'}"
    return f"It goes to the {channels} told by {by if others else 'this alert'}."
