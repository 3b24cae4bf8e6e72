"""The page of the links to change what comes or to leave: those of mails, and the short ones of all others.

The token in the address is the right to do it; looking changes nothing, mail scanners and chats follow links.
It signs nobody in: who has it can leave, or follow less, and see nothing else. A mail's reader sees what
their own topics are called, as mails say it; a short link, which a whole room may read, only counts them.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channel_order import stands_in
from subscriptions.database import reading, unit_of_work
from subscriptions.leave_links import PATH, channel_of
from subscriptions.sign_up import LEFT, keep, leave, leave_everything
from subscriptions.tables import Channel, ChannelStatus
from subscriptions.web.channel_names import called, kind_of
from subscriptions.web.confirm import channel_of_token, channel_or_none_such, followed_by
from subscriptions.web.pages import language, render, translated

router = APIRouter(include_in_schema=False)

Chosen = Annotated[list[int] | None, Form()]
# A mail program's one click (RFC 8058) says only List-Unsubscribe.
Do = Annotated[str, Form()]
Own = Annotated[str, Form()]
AFTER_LEAVING = timedelta(hours=1)  # so long the page that says so can be used to leave the rest


@router.get("/unsubscribe/{token}")
def manage(request: Request, token: str) -> Response:
    """Show what is followed, with the buttons to change it and to leave, to who reads a mail."""
    with reading() as session:
        return _page(request, session, _of_mail(request, session, token), names_own=True)


@router.post("/unsubscribe/{token}")
def change(request: Request, token: str, do: Do = "leave", topic: Chosen = None) -> Response:
    """Follow only the topics that stay chosen, or leave."""
    with unit_of_work() as session:
        channel = _of_mail(request, session, token)
        _change(session, channel, do, set(topic or ()))
        return _page(request, session, channel, saved=True, names_own=True)


@router.get(PATH + "{token}")
def manage_by_short_link(request: Request, token: str) -> Response:
    """Show the same to who reads a message of any other channel, but only how many topics are one's own."""
    with reading() as session:
        return _page(request, session, channel_or_none_such(request, session, channel_of(token)))


@router.post(PATH + "{token}")
def change_by_short_link(
    request: Request, token: str, do: Do = "leave", topic: Chosen = None, own: Own = ""
) -> Response:
    """Follow less, or leave; the topics of one's own stay or go together."""
    with unit_of_work() as session:
        channel = channel_or_none_such(request, session, channel_of(token))
        written = {each.id or 0 for each in followed_by(session, channel)[1]}
        _change(session, channel, do, (set(topic or ()) - written) | (written if own else set()))
        return _page(request, session, channel, saved=True)


def _of_mail(request: Request, session: Session, token: str) -> Channel:
    return channel_of_token(request, session, "unsubscribe", token)


def _change(session: Session, channel: Channel, do: str, topics: set[int]) -> None:
    if not _has_say(channel):
        return
    if do == "keep":
        keep(session, channel, topics)
    elif do == "everything":
        leave_everything(session, channel.subscriber_id)
    else:
        leave(session, channel)
    session.refresh(channel)


def _has_say(channel: Channel) -> bool:
    """Say whether a channel's links change anything: one removed long ago speaks for its owner no more."""
    is_left = channel.why == LEFT and clock.now() - channel.status_at < AFTER_LEAVING
    return channel.status != ChannelStatus.retired or is_left


def _page(
    request: Request, session: Session, channel: Channel, *, saved: bool = False, names_own: bool = False
) -> Response:
    topics, own = followed_by(session, channel)
    values = {"topics": topics, "own": own, "names_own": names_own, "saved": saved}
    return render(
        request,
        "follows.html",
        channel=channel,
        named=called(channel, language(request)),
        **values,
        **_others(request, session, channel),
    )


def _others(request: Request, session: Session, channel: Channel) -> dict[str, object]:
    """Name the kinds of the other channels that ring when this one is left, without their addresses."""
    live = Channel.subscriber_id == channel.subscriber_id, Channel.status == ChannelStatus.live
    rest = select(Channel).where(*live, col(Channel.id) != channel.id)
    others = session.exec(rest.order_by(col(Channel.rank), col(Channel.id))).all()
    ranks, rings = [each.rank for each in others], channel.status == ChannelStatus.live
    stay = [each for each in others if not (rings and stands_in(each.rank, ranks, channel.rank))]
    kinds = dict.fromkeys(kind_of(each) for each in stay)
    return {"others": [translated(request, kind) for kind in kinds], "stand_in": len(stay) < len(others)}
