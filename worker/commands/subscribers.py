"""`tocsin subscribers`, `tocsin subscribe` and `tocsin unsubscribe`: who wants to know what."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wants import Cadence
from worker.commands import preferences
from worker.commands.exits import NO
from worker.commands.output import Json, Yes, say, show, sure

if TYPE_CHECKING:
    from sqlmodel import Session

    from subscriptions.tables import Subscriber

app = typer.Typer(no_args_is_help=True, help="The people who want to know.")
app.command("set")(preferences.set_preferences)
app.command("show")(preferences.show_preferences)
app.command()(preferences.mute)
app.command()(preferences.follow)

Ref = Annotated[
    str, typer.Argument(metavar="SUBSCRIBER", help="Their name, number, or an address of theirs.")
]
TopicRef = Annotated[str, typer.Argument(metavar="TOPIC", help="The topic's slug, number or name.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A handle for admins; readers do not see it.")],
    *,
    language: Annotated[str, typer.Option(help="Of the messages they get, as in `he`.")] = "en",
    time_zone: Annotated[str, typer.Option(help="As in `Asia/Jerusalem`.")] = "UTC",
) -> None:
    """Add a subscriber; then give them a channel and let them follow topics."""
    from subscriptions.language_tags import check_language
    from subscriptions.subscribers import add_subscriber
    from worker.commands.session import writing

    check_language(language)
    with writing() as session:
        subscriber = add_subscriber(session, name, language=language, time_zone=time_zone)
    say(f"Added subscriber {subscriber.name}. Next: `tocsin channels add {subscriber.name} ADDRESS`.")


@app.command("list")
def list_subscribers(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    as_json: Json = False,
) -> None:
    """List the subscribers, with their channels and what they follow."""
    from sqlmodel import col, select

    from subscriptions.tables import Subscriber
    from worker.commands.session import looking

    with looking() as session:
        people = session.exec(select(Subscriber).order_by(col(Subscriber.id)).limit(limit)).all()
        rows = [_row(session, subscriber, as_json=as_json) for subscriber in people]
    show(rows, as_json=as_json, empty="There is no subscriber yet: `tocsin subscribers add NAME`.")


def _row(session: "Session", subscriber: "Subscriber", *, as_json: bool) -> dict[str, Any]:
    from sqlmodel import col, select

    from subscriptions.subscribers import followed_topics
    from subscriptions.tables import Channel, ChannelStatus

    live = select(Channel.label).where(
        Channel.subscriber_id == subscriber.id, Channel.status == ChannelStatus.live
    )
    row = {
        "id": subscriber.id,
        "name": subscriber.name,
        "language": subscriber.language,
        "time_zone": subscriber.time_zone,
        "channels": list(session.exec(live.order_by(col(Channel.id)))),
        "follows": [topic.slug for topic in followed_topics(session, subscriber)],
    }
    more = {"practice": subscriber.practice, "created_at": subscriber.created_at}
    return row | more if as_json else row


@app.command()
def remove(ref: Ref, *, yes: Yes = False) -> None:
    """Delete a subscriber with their channels and subscriptions."""
    from subscriptions.subscribers import find_subscriber, remove_subscriber
    from worker.commands.session import looking, writing

    with looking() as session:
        subscriber = find_subscriber(session, ref)
    sure(f"Delete {subscriber.name} with their channels and subscriptions?", yes=yes)
    with writing() as session:
        remove_subscriber(session, find_subscriber(session, subscriber.name))
    say(f"Deleted {subscriber.name}.")


def subscribe(
    ref: Ref,
    topic_ref: TopicRef,
    *,
    threshold: Annotated[
        int, typer.Option(help="Least urgent that rings: 1 flashes only, 8 everything.")
    ] = 8,
    digest: Annotated[
        Cadence, typer.Option(help="How soon it is told: at once, or among others each hour or day.")
    ] = Cadence.at_once,
) -> None:
    """Let a subscriber follow a topic, from now on."""
    from subscriptions.subscribers import find_subscriber
    from subscriptions.subscribers import subscribe as follow
    from subscriptions.topics import find_topic
    from worker.commands.session import writing

    with writing() as session:
        subscriber, topic = find_subscriber(session, ref), find_topic(session, topic_ref)
        followed = follow(session, subscriber, topic, threshold=threshold, cadence=digest)
    told = "" if digest == Cadence.at_once else f", in {digest} digests"
    say(f"{subscriber.name} follows {topic.slug}, from urgency {followed.threshold} up{told}.")


def unsubscribe(ref: Ref, topic_ref: TopicRef) -> None:
    """End a subscription; exit code 1 when there was none."""
    from subscriptions.subscribers import find_subscriber
    from subscriptions.subscribers import unsubscribe as leave
    from subscriptions.topics import find_topic
    from worker.commands.session import writing

    with writing() as session:
        subscriber, topic = find_subscriber(session, ref), find_topic(session, topic_ref)
        followed = leave(session, subscriber, topic)
    if not followed:
        say(f"{subscriber.name} did not follow {topic.slug}.")
        raise typer.Exit(NO)
    say(f"{subscriber.name} does not follow {topic.slug} any more.")
