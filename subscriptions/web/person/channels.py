"""A person's channels: how they are, which rings first, tests; and confirming one by its test alert."""

from datetime import timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from subscriptions import clock
from subscriptions.channel_order import Place
from subscriptions.database import lock, reading, unit_of_work
from subscriptions.errors import Mistake, msgid
from subscriptions.leave_links import leave_path
from subscriptions.nudge import nudge
from subscriptions.own_channels import (
    ask_for_test,
    channel_of_token,
    confirm_own_channel,
    is_code,
    is_last,
    move_own_channel,
    own_channels,
    place_of_own,
    place_own_channel,
    remove_own_channel,
)
from subscriptions.tables import Channel, ChannelStatus, Subscriber
from subscriptions.trial_reasons import why_it_did_not_arrive
from subscriptions.web.channel_names import OURS, called, kind_of
from subscriptions.web.pages import language, render, translated
from subscriptions.web.person.session import Person, PersonForm
from subscriptions.web.turnstile import Turnstile, network_of

router = APIRouter(prefix="/me/channels", include_in_schema=False)

HOUR = timedelta(hours=1)
TESTS = 10  # of one person within an hour
OF_ONE_NETWORK = 20  # tests within an hour, whoever asks
TO_ONE_PLACE = 300  # tests to one host within an hour: so many that no few use up a large one
TO_ONE_ADDRESS = 5  # tests to one address within an hour, whoever asks
TRIES = 10  # codes typed for one channel within an hour: of a million there are

by_person = Turnstile(TESTS, HOUR, "tests of a person")
by_network = Turnstile(OF_ONE_NETWORK, HOUR, "tests of a network")
by_place = Turnstile(TO_ONE_PLACE, HOUR, "tests to a place")
by_address = Turnstile(TO_ONE_ADDRESS, HOUR, "tests to an address")
by_code = Turnstile(TRIES, HOUR, "codes")


@router.get("")
def show(request: Request, subscriber_id: Annotated[int, Person], saved: str = "") -> Response:
    """Show all channels in the order they ring."""
    return page(request, subscriber_id, saved=saved)


def page(
    request: Request,
    subscriber_id: int,
    status: int = 200,
    *,
    saved: str = "",
    problem: str | Mistake = "",
    at: int = 0,
) -> Response:
    """Show the channels; `problem` is what is wrong with the channel `at`."""
    with reading() as session:
        channels = own_channels(session, subscriber_id)
        zone = session.get_one(Subscriber, subscriber_id).time_zone
        chosen = next((each for each in channels if saved in (f"live-{each.id}", f"place-{each.id}")), None)
        place = place_of_own(session, chosen) if chosen else None
    ranks = [list(rank) for _rank, rank in groupby(channels, key=lambda channel: channel.rank)]
    said = translated(request, problem) if problem else ""
    names = {channel.scheme: kind_of(channel) for channel in channels}
    spoken = language(request)
    failed = {each.id: spoken.phrase(why_it_did_not_arrive(each.why)) for each in channels if each.why}
    values = {"ranks": ranks, "names": names, "zone": zone, "saved": saved, "problem": said, "at": at}
    asked = {"chosen": chosen, "place": place}
    return render(request, "person/channels.html", status, failed=failed, **values, **asked)


@router.post("/{channel_id}/test")
def test(request: Request, subscriber_id: Annotated[int, PersonForm], channel_id: int) -> Response:
    """Let a test alert be sent; it asks to confirm what is not confirmed yet."""
    with unit_of_work() as session:
        channel = _own(session, subscriber_id, channel_id)
        allowed = may_test(subscriber_id, network_of(request), channel.label, channel.digest)
        due = allowed and ask_for_test(session, channel)
    if not allowed:
        return page(request, subscriber_id, 429, problem=TOO_MANY, at=channel_id)
    if due:
        nudge("push.confirm", channel_id, queue="push")
    return back(f"test-{channel_id}")


TOO_MANY = msgid("That was a lot of tests: try again in an hour.")


def may_test(subscriber_id: int, network: str, label: str, digest: str) -> bool:
    """Count a test, unless there were too many: nobody is bombed, at no address and at no host."""
    now = clock.now()
    # One person, or one network with many, is held short; a host only where very many write to it.
    # Of a large service, and of mail, only the address counts: else a few would use up what all may.
    place = "" if label.endswith("://…") or "://" not in label else label
    return (
        by_person.lets_in(str(subscriber_id), now)
        and by_network.lets_in(network, now)
        and by_address.lets_in(digest, now)
        and (not place or by_place.lets_in(place.lower(), now))
    )


@router.post("/{channel_id}/code")
def code(
    request: Request,
    subscriber_id: Annotated[int, PersonForm],
    channel_id: int,
    typed: Annotated[str, Form(alias="code")] = "",
) -> Response:
    """Confirm a channel by the code of its test alert."""
    if not by_code.lets_in(str(channel_id), clock.now()):
        problem = msgid("That was a lot of codes: try again in an hour.")
        return page(request, subscriber_id, 429, problem=problem, at=channel_id)
    with unit_of_work() as session:
        channel = _own(session, subscriber_id, channel_id)
        right = is_code(channel, typed)
        if right:
            confirm_own_channel(session, channel)
    if right:
        return back(f"live-{channel_id}")
    problem = msgid("That is not the code of the last test alert: look once more.")
    return page(request, subscriber_id, 400, problem=problem, at=channel_id)


@router.post("/{channel_id}/remove")
def remove(
    request: Request,
    subscriber_id: Annotated[int, PersonForm],
    channel_id: int,
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Let a channel ring no more; of the last that rings, ask once more first."""
    with unit_of_work() as session:
        channel = _own(session, subscriber_id, channel_id)
        asks = is_last(session, channel) and not sure
        if not asks:
            remove_own_channel(session, channel)
    if not asks:
        return back("removed")
    signs_in = channel.scheme in OURS
    return render(request, "person/channel_remove.html", channel=channel, signs_in=signs_in)


@router.post("/{channel_id}/move")
def rank(
    subscriber_id: Annotated[int, PersonForm], channel_id: int, to: Annotated[str, Form()] = ""
) -> Response:
    """Let a channel ring earlier or later."""
    with unit_of_work() as session:
        lock(session, f"channels of {subscriber_id}")
        _own(session, subscriber_id, channel_id)
        move_own_channel(session, session.get_one(Subscriber, subscriber_id), channel_id, up=to == "up")
    return back("order")


@router.post("/{channel_id}/place")
def place(
    subscriber_id: Annotated[int, PersonForm], channel_id: int, to: Annotated[Place, Form(alias="place")]
) -> Response:
    """Let a channel ring first, beside those that do, or only in the others' stead."""
    with unit_of_work() as session:
        lock(session, f"channels of {subscriber_id}")
        place_own_channel(session, _own(session, subscriber_id, channel_id), to)
    return back(f"place-{channel_id}")


@router.get("/confirm/{token}")
def offer(request: Request, token: str) -> Response:
    """Show the button that says yes: looking at a link changes nothing."""
    with reading() as session:
        return _confirming(request, session, _of_token(session, token))


@router.post("/confirm/{token}")
def confirm(
    request: Request, token: str, to: Annotated[Place | None, Form(alias="place")] = None
) -> Response:
    """Let a channel ring at the word of whoever reads its test alert, and once it does, let them say how."""
    with unit_of_work() as session:
        channel = _of_token(session, token)
        lock(session, f"channels of {channel.subscriber_id}")
        if to is None:
            confirm_own_channel(session, channel)
        elif channel.status == ChannelStatus.live:
            place_own_channel(session, channel, to)
        session.refresh(channel)
        return _confirming(request, session, channel)


def _confirming(request: Request, session: Session, channel: Channel) -> Response:
    values = {"leave": leave_path(channel.id or 0), "place": place_of_own(session, channel)}
    values["named"] = called(channel, language(request))
    return render(request, "person/channel_confirm.html", channel=channel, **values)


def back(saved: str) -> Response:
    """Lead back to the channels, and say what was done."""
    return RedirectResponse(f"/me/channels?saved={saved}", 303)


def _own(session: Session, subscriber_id: int, channel_id: int) -> Channel:
    channel = session.get(Channel, channel_id)
    if channel is None or channel.subscriber_id != subscriber_id or channel.status == ChannelStatus.retired:
        raise HTTPException(404, msgid("You have no such channel."))
    return channel


def _of_token(session: Session, token: str) -> Channel:
    channel = channel_of_token(session, token)
    if channel is None:
        raise HTTPException(410, msgid("This link is too old, or the channel is gone: send another test."))
    return channel
