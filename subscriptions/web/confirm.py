"""The pages of the links in mails: saying yes, and changing or leaving what one follows.

The token in the address is the right to do it; looking changes nothing, mail scanners follow links.
"""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from itsdangerous import BadSignature, SignatureExpired
from sqlmodel import Session

from subscriptions.database import reading, unit_of_work
from subscriptions.errors import msgid
from subscriptions.keys import signer
from subscriptions.own_topics import own_ids
from subscriptions.sign_up import confirm, keep, leave, wishes
from subscriptions.subscribers import followed_topics
from subscriptions.tables import Channel, ChannelStatus, Subscriber, Topic
from subscriptions.web.pages import render, translated

router = APIRouter(include_in_schema=False)

LINK_LASTS_S = 3 * 86400


@router.get("/confirm/{token}")
def ask(request: Request, token: str) -> Response:
    """Show what can be confirmed."""
    with reading() as session:
        channel = _channel(request, session, "confirm", token, LINK_LASTS_S)
        wished, followed = wishes(session, channel), _followed(session, channel)
    if not wished:
        return _done(request, channel, followed)
    return render(request, "confirm.html", channel=channel, wished=wished, problem="")


@router.post("/confirm/{token}")
def say_yes(request: Request, token: str, topic: Annotated[list[int] | None, Form()] = None) -> Response:
    """Make the channel live and the chosen wishes subscriptions."""
    with unit_of_work() as session:
        channel = _channel(request, session, "confirm", token, LINK_LASTS_S)
        wished = wishes(session, channel)
        if chosen := {each.id for each in wished if each.id is not None} & set(topic or ()):
            confirm(session, channel, chosen)
        followed = _followed(session, channel)
    if wished and not chosen:
        problem = translated(request, "Choose at least one, or close this page.")
        return render(request, "confirm.html", 400, channel=channel, wished=wished, problem=problem)
    return _done(request, channel, followed)


@router.get("/unsubscribe/{token}")
def manage(request: Request, token: str) -> Response:
    """Show what is followed, with the buttons to change it and to leave."""
    with reading() as session:
        channel = _channel(request, session, "unsubscribe", token)
        followed = _followed(session, channel)
    return render(request, "follows.html", channel=channel, followed=followed, saved=False)


@router.post("/unsubscribe/{token}")
def change(
    request: Request,
    token: str,
    do: Annotated[str, Form()] = "leave",  # a mail program's one click (RFC 8058) says only List-Unsubscribe
    topic: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Follow only the topics that stay chosen, or leave."""
    with unit_of_work() as session:
        channel = _channel(request, session, "unsubscribe", token)
        if do == "keep":
            keep(session, channel, set(topic or ()))
        else:
            leave(session, channel)
        session.refresh(channel)
        followed = _followed(session, channel)
    return render(request, "follows.html", channel=channel, followed=followed, saved=True)


def _done(request: Request, channel: Channel, followed: list[Topic]) -> Response:
    link = f"/unsubscribe/{signer('unsubscribe').dumps(channel.id)}"
    return render(request, "confirmed.html", channel=channel, followed=followed, link=link)


def _channel(
    request: Request, session: Session, purpose: str, token: str, max_age_s: int | None = None
) -> Channel:
    try:
        channel = session.get(Channel, int(signer(purpose).loads(token, max_age=max_age_s)))
    except SignatureExpired:
        raise HTTPException(410, msgid("This link is older than three days: sign up once more.")) from None
    except (BadSignature, ValueError, TypeError):
        channel = None
    if channel is None:
        raise HTTPException(404, msgid("This link is not complete, or its owner's data has been deleted."))
    request.state.language = session.get_one(Subscriber, channel.subscriber_id).language
    return channel


def _followed(session: Session, channel: Channel) -> list[Topic]:
    if channel.status != ChannelStatus.live:
        return []
    topics = followed_topics(session, session.get_one(Subscriber, channel.subscriber_id))
    own = own_ids(session, topics)  # whoever a mail is passed on to sees this page
    return [topic for topic in topics if topic.id not in own]
