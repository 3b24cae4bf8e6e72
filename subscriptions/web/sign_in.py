"""The way into the desk: a link that signs in once, and the session it opens."""

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import DeskLink
from subscriptions.web.pages import render

router = APIRouter(prefix="/desk", include_in_schema=False)

LINK_LASTS = timedelta(hours=24)
SESSION_S = 12 * 3600
COOKIE = "tocsin_desk"
SPENT = "This link has been used, or is older than a day."


class NotSignedIn(Exception):  # noqa: N818 - a state, not a fault
    """The page is the desk's, and nobody is signed in."""


def make_link(session: Session, site: str = "") -> str:
    """Make a link that signs an admin in, once, within 24 hours; its secret is kept as a digest only.

    `site` is the address of the web app, where that is not what the settings say.
    """
    token, now = secrets.token_urlsafe(24), clock.now()
    session.execute(delete(DeskLink).where(col(DeskLink.expires_at) < now))
    session.add(DeskLink(digest=_digest(token), expires_at=now + LINK_LASTS))
    session.flush()
    return f"{site or settings().site}/desk/sign-in?token={token}"


def admin(request: Request) -> str:
    """Give the signed-in session's id; raises NotSignedIn when there is none."""
    try:
        session_id = str(signer("desk").loads(request.cookies.get(COOKIE, ""), max_age=SESSION_S))
    except BadSignature:
        raise NotSignedIn from None
    request.state.form_token = signer("desk form").dumps(session_id)
    return session_id


def admin_form(session_id: Annotated[str, Depends(admin)], form_token: Annotated[str, Form()] = "") -> str:
    """Let a form through that one of this session's own pages sent; raises Mistake for any other."""
    try:
        ours = signer("desk form").loads(form_token, max_age=SESSION_S) == session_id
    except BadSignature:
        ours = False
    if not ours:
        raise Mistake("This form is too old, or came from another page: go back, reload it and try again.")
    return session_id


SignedIn = Depends(admin)
SignedInForm = Depends(admin_form)


def to_sign_in(request: Request, _error: Exception) -> Response:
    """Answer a page of the desk when nobody is signed in."""
    return render(request, "sign_in.html", 401, token="", problem="")


@router.get("/sign-in")
def ask(request: Request, token: str = "") -> Response:
    """Show the button that signs in: looking at a link changes nothing."""
    with reading() as session:
        valid = _valid(session, token)
    if valid:
        return render(request, "sign_in.html", token=token, problem="")
    return render(request, "sign_in.html", 401, token="", problem=SPENT if token else "")


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form()]) -> Response:
    """Spend the link and open a session."""
    with unit_of_work() as session:
        now = clock.now()
        unused = update(DeskLink).where(
            col(DeskLink.digest) == _digest(token),
            col(DeskLink.used_at).is_(None),
            col(DeskLink.expires_at) > now,
        )
        spent = session.execute(unused.values(used_at=now).returning(col(DeskLink.digest))).first()
    if spent is None:
        return render(request, "sign_in.html", 401, token="", problem=SPENT)
    answer = RedirectResponse("/desk", 303)
    keep_session(answer, secrets.token_urlsafe(16))
    return answer


@router.post("/sign-out")
def sign_out(_admin: Annotated[str, SignedInForm]) -> Response:
    """Forget the session in this browser."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


def keep_session(answer: Response, session_id: str) -> None:
    """Put the session into a cookie that lasts 12 hours, longer than a shift at the desk."""
    answer.set_cookie(
        COOKIE,
        signer("desk").dumps(session_id),
        max_age=SESSION_S,
        httponly=True,
        samesite="lax",
        secure=settings().site.startswith("https://"),
    )


def _valid(session: Session, token: str) -> bool:
    unused = select(DeskLink).where(
        DeskLink.digest == _digest(token), col(DeskLink.used_at).is_(None), DeskLink.expires_at > clock.now()
    )
    return session.exec(unused).first() is not None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
