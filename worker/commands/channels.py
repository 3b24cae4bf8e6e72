"""`tocsin channels`: the ways to reach a subscriber."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands.exits import NO
from worker.commands.output import Json, Yes, quiet_logs, say, show, sure, warn

if TYPE_CHECKING:
    from sqlmodel import Session

    from subscriptions.tables import Channel

app = typer.Typer(no_args_is_help=True, help="The ways to reach a subscriber: e-mail, or any Apprise URL.")

SubscriberRef = Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="Their name or number.")]
ChannelId = Annotated[
    int, typer.Argument(max=2**63 - 1, metavar="CHANNEL", help="Its number in `tocsin channels list`.")
]


@app.command()
def add(
    ref: SubscriberRef,
    address: Annotated[
        str,
        typer.Argument(help="An e-mail address or an Apprise URL; `-` reads it from stdin."),
    ],
    *,
    private: Annotated[
        bool, typer.Option("--private", help="It may lead to this machine or a private network.")
    ] = False,
) -> None:
    """Add a channel; it is live at once. Its secrets are sealed."""
    from subscriptions.channels import add_channel
    from subscriptions.subscribers import find_subscriber
    from subscriptions.tables import ChannelStatus
    from worker.commands.session import writing

    text = _from_stdin() if address == "-" else address
    with writing() as session:
        subscriber = find_subscriber(session, ref)
        channel = add_channel(session, subscriber, text, private=private, status=ChannelStatus.live)
    say(f"Added channel {channel.id}, {channel.label}. Try it: `tocsin channels test {channel.id}`.")


def _from_stdin() -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass("Address (not shown): ").strip()
    return sys.stdin.readline().strip()


@app.command()
def order(
    ref: SubscriberRef,
    ranks: Annotated[
        list[str],
        typer.Argument(
            metavar="CHANNEL...", help="Numbers of channels; those joined by a comma ring together."
        ),
    ],
) -> None:
    """Put a subscriber's channels in order: a later one rings only where none before it took the alert."""
    from subscriptions.errors import Mistake
    from subscriptions.preferences import order_channels
    from subscriptions.subscribers import find_subscriber
    from worker.commands.session import writing

    groups = [group.split(",") for group in ranks]
    if not all(number.isdecimal() for group in groups for number in group):
        raise Mistake(f"{' '.join(ranks)!r} are no channels: write their numbers, as in `3 1,2`.")
    with writing() as session:
        subscriber = find_subscriber(session, ref)
        order_channels(session, subscriber, [[int(number) for number in group] for group in groups])
        name = subscriber.name
    say(f"Put the channels of {name} in order: `tocsin subscribers show {name}`.")


@app.command("list")
def list_channels(
    ref: Annotated[str | None, typer.Argument(metavar="SUBSCRIBER", help="Only theirs.")] = None,
    *,
    every: Annotated[bool, typer.Option("--every", help="Show those that are retired too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    as_json: Json = False,
) -> None:
    """List channels and how they are; secrets are never shown."""
    from sqlmodel import col, select

    from subscriptions.subscribers import find_subscriber
    from subscriptions.tables import Channel, ChannelStatus, Subscriber
    from worker.commands.session import looking

    wanted = select(Channel, Subscriber.name).join(Subscriber).order_by(col(Channel.id)).limit(limit)
    if not every:
        wanted = wanted.where(Channel.status != ChannelStatus.retired)
    with looking() as session:
        if ref is not None:
            wanted = wanted.where(Channel.subscriber_id == find_subscriber(session, ref).id)
        rows = [
            {
                "id": channel.id,
                "subscriber": name,
                "kind": channel.scheme,
                "address": channel.label,
                "status": channel.status,
                "since": channel.status_at,
                "why": channel.why,
            }
            for channel, name in session.exec(wanted)
        ]
    show(rows, as_json=as_json, empty="There is no channel: `tocsin channels add SUBSCRIBER ADDRESS`.")


@app.command("test")
def send_a_test(channel_id: ChannelId) -> None:
    """Send a test message, by the very code that sends alerts.

    Exit code 1 when the far end did not take it.
    """
    from worker.commands.session import looking
    from worker.errors import SendError
    from worker.push.trial import send_test

    quiet_logs()
    with looking() as session:
        channel = _find(session, channel_id)
    try:
        send_test(channel)
    except SendError as error:
        warn(f"The test to {channel.label} did not arrive: {error.answer}. Correct the channel, try again.")
        raise typer.Exit(NO) from None
    say(f"Sent a test to {channel.label}: it was accepted.")


@app.command()
def remove(channel_id: ChannelId, *, yes: Yes = False) -> None:
    """Retire a channel: nothing is sent to it any more."""
    from subscriptions import clock
    from subscriptions.tables import Channel, ChannelStatus, move
    from worker.commands.session import looking, writing

    with looking() as session:
        channel = _find(session, channel_id)
    sure(f"Retire channel {channel_id}, {channel.label}?", yes=yes)
    with writing() as session:
        retired = move(
            session,
            Channel,
            [channel_id],
            leave=(ChannelStatus.waiting, ChannelStatus.live),
            enter=ChannelStatus.retired,
            status_at=clock.now(),
            why="an admin removed it",
        )
    say(f"Retired {channel.label}." if retired else f"{channel.label} was retired already.")


def _find(session: "Session", channel_id: int) -> "Channel":
    from subscriptions.errors import Mistake
    from subscriptions.tables import Channel

    channel = session.get(Channel, channel_id)
    if channel is None:
        raise Mistake(f"There is no channel {channel_id}: `tocsin channels list` shows what there is.")
    return channel
