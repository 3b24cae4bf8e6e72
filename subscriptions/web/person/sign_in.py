"""The ways into a person's own pages: a link by e-mail, or the browser that gets the alerts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from itsdangerous import BadSignature

from subscriptions import clock
from subscriptions.database import lock, reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import signer
from subscriptions.nudge import nudge
from subscriptions.settings import settings
from subscriptions.sign_in import ask_for_link, is_valid, spend
from subscriptions.tables import Channel, Subscriber
from subscriptions.web.pages import render, translated
from subscriptions.web.person.session import NobodySignedIn, PersonForm, end_session, open_session, person
from subscriptions.web.turnstile import Turnstile, network_of

router = APIRouter(prefix="/me", include_in_schema=False)

ASKS = 20  # links asked for from one network within an hour
ENTER_S = 600  # a browser's way in; it is opened at once

turnstile = Turnstile(ASKS, timedelta(hours=1), "sign-in")


def to_sign_in(request: Request, _error: Exception) -> Response:
    """Answer a person's page when nobody is signed in."""
    return _page(request, 401)


@router.get("/sign-in")
def ask(request: Request) -> Response:
    """Show the form that asks for a link."""
    return _page(request)


@router.post("/sign-in")
def send_link(request: Request, address: Annotated[str, Form()] = "") -> Response:
    """Mail a link; the answer is the same for every address, known or not."""
    if not _mails():
        return _page(
            request, 400, address, translated(request, "Signing in by e-mail is not set up here yet.")
        )
    if not turnstile.lets_in(network_of(request), clock.now()):
        return _page(
            request, 429, address, translated(request, "That was a lot of links: try again in an hour.")
        )
    try:
        with unit_of_work() as session:
            lock(session, "sign-in")
            asked = ask_for_link(session, address)
            due = asked.id if asked else None
    except Mistake as mistake:
        return _page(request, 400, address, translated(request, mistake))
    if due is not None:
        nudge("push.sign_in", due, queue="push")
    return render(request, "person/link_asked.html", address=address.strip())


@router.get("/sign-in/{token}")
def offer(request: Request, token: str) -> Response:
    """Show the button that signs in: mail scanners follow links, they press no buttons."""
    with reading() as session:
        valid = is_valid(session, token)
    if not valid:
        return _spent(request)
    return render(request, "person/enter.html")


@router.post("/sign-in/{token}")
def enter(request: Request, token: str) -> Response:
    """Spend the link and open a session."""
    with unit_of_work() as session:
        subscriber_id = spend(session, token)
    return _spent(request) if subscriber_id is None else open_session(subscriber_id)


@router.get("/enter/{token}")
def enter_by_browser(request: Request, token: str) -> Response:
    """Open the session of who holds a browser's push subscription; no mail has such a link.

    Whoever is signed in as somebody else is asked: a link that others made would else lead them, unseen,
    to write what they want into those others' pages.
    """
    subscriber_id = _holder(token)
    if subscriber_id is None:
        return _spent(request)
    if _signed_in(request) not in (None, subscriber_id):
        return render(request, "person/enter.html")
    return open_session(subscriber_id)


@router.post("/enter/{token}")
def enter_instead(request: Request, token: str) -> Response:
    """Open it in the place of another session, by the button."""
    subscriber_id = _holder(token)
    return _spent(request) if subscriber_id is None else open_session(subscriber_id)


def _holder(token: str) -> int | None:
    try:
        channel_id = int(signer("enter").loads(token, max_age=ENTER_S))
    except (BadSignature, ValueError, TypeError):
        return None
    with reading() as session:
        channel = session.get(Channel, channel_id)
    return channel.subscriber_id if channel else None


def _signed_in(request: Request) -> int | None:
    try:
        return person(request)
    except NobodySignedIn:
        return None


@router.post("/sign-out")
def sign_out(subscriber_id: Annotated[int, PersonForm], everywhere: Annotated[str, Form()] = "") -> Response:
    """End the session, or all of this person's sessions."""
    if everywhere:
        with unit_of_work() as session:
            session.get_one(Subscriber, subscriber_id).signed_out_at = clock.now()
    return end_session()


def _spent(request: Request) -> Response:
    return _page(
        request, 410, problem=translated(request, "This link has been used, or is too old: ask for another.")
    )


def _page(request: Request, status: int = 200, address: str = "", problem: str = "") -> Response:
    return render(request, "person/sign_in.html", status, mail=_mails(), address=address, problem=problem)


def _mails() -> bool:
    return bool(settings().mail_url.get_secret_value())
