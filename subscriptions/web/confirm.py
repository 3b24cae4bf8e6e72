"""The page of the link that is mailed to who signs up: saying yes.

The token in the address is the right to do it; looking changes nothing, mail scanners follow links.
"""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from itsdangerous import BadSignature, SignatureExpired
from sqlmodel import Session

from subscriptions.database import reading, unit_of_work
from subscriptions.errors import msgid
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.own_topics import own_ids
from subscriptions.sign_up import confirm, wishes
from subscriptions.subscribers import followed_topics
from subscriptions.tables import Channel, ChannelStatus, Subscriber, Topic
from subscriptions.web.pages import render, translated

router = APIRouter(include_in_schema=False)

LINK_LASTS_S = 3 * 86400


@router.get("/confirm/{token}")
def ask(request: Request, token: str) -> Response:
    """Show what can be confirmed."""
    with reading() as session:
        channel = channel_of_token(request, session, "confirm", token, LINK_LASTS_S)
        wished, followed = wishes(session, channel), followed_by(session, channel)[0]
    if not wished:
        return _done(request, channel, followed)
    return render(request, "confirm.html", channel=channel, wished=wished, problem="")


@router.post("/confirm/{token}")
def say_yes(request: Request, token: str, topic: Annotated[list[int] | None, Form()] = None) -> Response:
    """Make the channel live and the chosen wishes subscriptions."""
    with unit_of_work() as session:
        channel = channel_of_token(request, session, "confirm", token, LINK_LASTS_S)
        wished = wishes(session, channel)
        if chosen := {each.id for each in wished if each.id is not None} & set(topic or ()):
            confirm(session, channel, chosen)
        followed, _own = followed_by(session, channel)  # the page tells no topic of one's own
    if wished and not chosen:
        problem = translated(request, "Choose at least one, or close this page.")
        return render(request, "confirm.html", 400, channel=channel, wished=wished, problem=problem)
    return _done(request, channel, followed)


def _done(request: Request, channel: Channel, followed: list[Topic]) -> Response:
    link = leave_path(channel.id or 0)
    return render(request, "confirmed.html", channel=channel, followed=followed, link=link)


def channel_of_token(
    request: Request, session: Session, purpose: str, token: str, max_age_s: int | None = None
) -> Channel:
    """Give the channel that a token is of; answers 404 or 410 where there is none."""
    try:
        number = int(signer(purpose).loads(token, max_age=max_age_s))
    except SignatureExpired:
        raise HTTPException(410, msgid("This link is older than three days: sign up once more.")) from None
    except (BadSignature, ValueError, TypeError):
        return channel_or_none_such(request, session, None)
    return channel_or_none_such(request, session, number)


def channel_or_none_such(request: Request, session: Session, number: int | None) -> Channel:
    """Give a channel, and speak its owner's language on its page; answers 404 where there is none."""
    channel = None if number is None else session.get(Channel, number)
    if channel is None:
        raise HTTPException(404, msgid("This link is not complete, or its owner's data has been deleted."))
    request.state.language = session.get_one(Subscriber, channel.subscriber_id).language
    return channel


def followed_by(session: Session, channel: Channel) -> tuple[list[Topic], list[Topic]]:
    """List what the owner of a live channel follows: everybody's topics, and those of their own."""
    if channel.status != ChannelStatus.live:
        return [], []
    topics = followed_topics(session, session.get_one(Subscriber, channel.subscriber_id))
    own = own_ids(session, topics)
    return [each for each in topics if each.id not in own], [each for each in topics if each.id in own]
