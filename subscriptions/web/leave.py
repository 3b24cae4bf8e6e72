"""The page of the links to change what comes or to leave: those of mails, and the short ones of all others.

The token in the address is the right to do it; looking changes nothing, mail scanners and chats follow links.
It signs nobody in: who has it can leave, or follow less, and see nothing else.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session, col, select

from subscriptions.channel_forms.forms import name_of
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import reading, unit_of_work
from subscriptions.leave_links import PATH, channel_of
from subscriptions.sign_up import keep, leave, leave_everything
from subscriptions.tables import Channel, ChannelStatus
from subscriptions.web.confirm import channel_of_token, channel_or_none_such, followed_by
from subscriptions.web.pages import render, translated
from subscriptions.web.person.channels import OURS

router = APIRouter(include_in_schema=False)

Chosen = Annotated[list[int] | None, Form()]
# A mail program's one click (RFC 8058) says only List-Unsubscribe.
Do = Annotated[str, Form()]


@router.get("/unsubscribe/{token}")
def manage(request: Request, token: str) -> Response:
    """Show what is followed, with the buttons to change it and to leave, to who reads a mail."""
    with reading() as session:
        return _page(request, session, _of_mail(request, session, token))


@router.post("/unsubscribe/{token}")
def change(request: Request, token: str, do: Do = "leave", topic: Chosen = None) -> Response:
    """Follow only the topics that stay chosen, or leave."""
    with unit_of_work() as session:
        return _change(request, session, _of_mail(request, session, token), do, topic)


@router.get(PATH + "{token}")
def manage_by_short_link(request: Request, token: str) -> Response:
    """Show the same to who reads a message of any other channel."""
    with reading() as session:
        return _page(request, session, channel_or_none_such(request, session, channel_of(token)))


@router.post(PATH + "{token}")
def change_by_short_link(request: Request, token: str, do: Do = "leave", topic: Chosen = None) -> Response:
    """Follow less, or leave."""
    with unit_of_work() as session:
        channel = channel_or_none_such(request, session, channel_of(token))
        return _change(request, session, channel, do, topic)


def _of_mail(request: Request, session: Session, token: str) -> Channel:
    return channel_of_token(request, session, "unsubscribe", token)


def _change(
    request: Request, session: Session, channel: Channel, do: str, topics: list[int] | None
) -> Response:
    if do == "keep":
        keep(session, channel, set(topics or ()))
    elif do == "everything":
        leave_everything(session, channel.subscriber_id)
    else:
        leave(session, channel)
    session.refresh(channel)
    return _page(request, session, channel, saved=True)


def _page(request: Request, session: Session, channel: Channel, *, saved: bool = False) -> Response:
    live = Channel.subscriber_id == channel.subscriber_id, Channel.status == ChannelStatus.live
    others = session.exec(select(Channel.id).where(*live, col(Channel.id) != channel.id)).first() is not None
    values = {
        "named": _named(request, channel),
        "others": others,
        "followed": followed_by(session, channel),
        "saved": saved,
    }
    return render(request, "follows.html", channel=channel, **values)


def _named(request: Request, channel: Channel) -> str:
    """Call a channel as people do: by its service, and its host where it is one of many."""
    if channel.scheme == EMAIL:
        return channel.label
    service = translated(request, OURS.get(channel.scheme) or name_of(channel.scheme))
    host = channel.label.partition("://")[2].partition("/")[0]
    return f"{service} ({host})" if host.strip("…") else service
