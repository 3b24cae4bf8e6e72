"""Who is signed in: a cookie with the person's number and a nonce, signed; forms carry the nonce too."""

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature

from subscriptions.database import reading
from subscriptions.errors import Mistake, msgid
from subscriptions.keys import signer
from subscriptions.settings import settings
from subscriptions.tables import Subscriber

COOKIE = "tocsin_person"
LASTS_S = int(timedelta(days=30).total_seconds())


class NobodySignedIn(Exception):  # noqa: N818 - a state, not a fault
    """The page is a person's own, and nobody is signed in."""


def person(request: Request) -> int:
    """Give the number of the subscriber who is signed in; raises NobodySignedIn.

    A session ends after 30 days, when its owner signs out everywhere, and when their data are deleted.
    """
    try:
        signed = signer("person").loads(
            request.cookies.get(COOKIE, ""), max_age=LASTS_S, return_timestamp=True
        )
        (subscriber_id, nonce), signed_at = signed
    except (BadSignature, ValueError, TypeError):
        raise NobodySignedIn from None
    with reading() as session:
        subscriber = session.get(Subscriber, subscriber_id)
    ended = subscriber is None or (
        subscriber.signed_out_at is not None and signed_at < subscriber.signed_out_at
    )
    if subscriber is None or ended:
        raise NobodySignedIn
    request.state.form_token = signer("person form").dumps(nonce)
    request.state.nonce = nonce
    request.state.language = subscriber.language
    return int(subscriber_id)


def person_form(
    request: Request, subscriber_id: Annotated[int, Depends(person)], form_token: Annotated[str, Form()] = ""
) -> int:
    """Let a form through that one of this session's own pages sent; raises Mistake for any other."""
    try:
        ours = signer("person form").loads(form_token, max_age=LASTS_S) == request.state.nonce
    except BadSignature:
        ours = False
    if not ours:
        raise Mistake(
            msgid("This form is too old, or came from another page: go back, reload it and try again.")
        )
    return subscriber_id


def speak_to_person(request: Request) -> None:
    """Let a public page speak the language that who is signed in chose; nobody has to be."""
    with suppress(NobodySignedIn):
        person(request)


Person = Depends(person)
SpokenTo = Depends(speak_to_person)
PersonForm = Depends(person_form)


def open_session(subscriber_id: int, page: str = "/me") -> Response:
    """Sign a person in and lead them to one of their pages."""
    answer = RedirectResponse(page, 303)
    answer.set_cookie(
        COOKIE,
        signer("person").dumps([subscriber_id, secrets.token_urlsafe(12)]),
        max_age=LASTS_S,
        httponly=True,
        samesite="lax",
        secure=settings().site.startswith("https://"),
    )
    return answer


def end_session() -> Response:
    """Forget the session in this browser."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer
