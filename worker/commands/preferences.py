"""`tocsin subscribers set`, `show`, `mute` and `follow`: how a subscriber wants to be told."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands.output import Json, say, show_json, show_table

if TYPE_CHECKING:
    from sqlmodel import Session

    from subscriptions.preferences import Changes
    from subscriptions.tables import Subscriber

NONE = "none"
Ref = Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="Their name or number.")]
Target = Annotated[
    str, typer.Argument(metavar="TOPIC|STORY", help="A topic's slug, or a story as `story:12`.")
]
StoryRef = Annotated[
    str, typer.Argument(metavar="STORY", help="As `story:12`; `tocsin trace` tells its number.")
]


def set_preferences(
    ref: Ref,
    *,
    quiet: Annotated[str | None, typer.Option(help="Quiet hours, as 22:00-07:00; `none` ends them.")] = None,
    days: Annotated[str, typer.Option(help="On which days they begin, as mon-fri or sat,sun.")] = "",
    zone: Annotated[str | None, typer.Option(help="Time zone, as Europe/Berlin.")] = None,
    through: Annotated[
        int | None,
        typer.Option(
            help="Up to this urgency alerts ring at any hour: 1 flashes, 2 urgent ones too, 0 none."
        ),
    ] = None,
    threshold: Annotated[
        int | None, typer.Option(help="Least urgent that is told: 1 flashes only, 8 everything.")
    ] = None,
    cap: Annotated[
        str | None, typer.Option(help="Alerts a day; the others come in a digest. `none`: no limit.")
    ] = None,
    pause_until: Annotated[
        str | None,
        typer.Option(help="A date or time of theirs, as 2026-08-01 or 2026-08-01T09:00; or `none`."),
    ] = None,
    digest_at: Annotated[str | None, typer.Option(help="When their daily digest comes, as 08:00.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the messages they get, as in `he`.")] = None,
) -> None:
    """Change how a subscriber wants to be told; what is not given stays as it is."""
    from subscriptions.errors import Mistake
    from subscriptions.preferences import change_preferences
    from subscriptions.quiet_hours import read_clock, read_quiet_hours
    from subscriptions.subscribers import find_subscriber
    from worker.commands.session import writing

    if days and quiet in (None, NONE):
        raise Mistake("Days are of quiet hours: give both, as in `--quiet 22:00-07:00 --days mon-fri`.")
    changes: Changes = {}
    given: dict[str, Any] = {
        "time_zone": zone,
        "through": through,
        "threshold": threshold,
        "language": language,
    }
    changes.update({name: value for name, value in given.items() if value is not None})  # type: ignore[typeddict-item]  # its names are those above
    if quiet is not None:
        changes["quiet"] = None if quiet == NONE else read_quiet_hours(quiet, days)
    if cap is not None:
        changes["cap"] = None if cap == NONE else _number(cap)
    if digest_at is not None:
        changes["digest_at"] = read_clock(digest_at)
    with writing() as session:
        subscriber = find_subscriber(session, ref)
        if pause_until is not None:
            changes["pause_until"] = (
                None if pause_until == NONE else _moment(pause_until, zone or subscriber.time_zone)
            )
        change_preferences(session, subscriber, **changes)
        name = subscriber.name
    say(f"Changed what {name} wants: `tocsin subscribers show {name}`.")


def _number(text: str) -> int:
    from subscriptions.errors import Mistake

    if not text.isdecimal():
        raise Mistake(f"{text!r} is no number of alerts a day: write 10, or none.")
    return int(text)


def _moment(text: str, zone: str) -> datetime:
    from subscriptions.errors import Mistake
    from subscriptions.wants import zone as clock_of

    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Mistake(f"{text!r} is no date or time: write 2026-08-01 or 2026-08-01T09:00.") from None
    return read if read.tzinfo else read.replace(tzinfo=clock_of(zone))


def show_preferences(ref: Ref, *, as_json: Json = False) -> None:
    """Show how a subscriber wants to be told, and what."""
    from subscriptions.preferences import read_wants
    from subscriptions.subscribers import find_subscriber
    from worker.commands.session import looking

    with looking() as session:
        subscriber = find_subscriber(session, ref)
        wants = read_wants(session, subscriber)
        document = _document(session, subscriber)
    document |= wants._asdict() | {"quiet": str(wants.quiet) if wants.quiet else None}
    if as_json:
        show_json(document)
        return
    show_table([{"what": what, "wanted": wanted} for what, wanted in _sentences(document)])


def _document(session: "Session", subscriber: "Subscriber") -> dict[str, Any]:
    from sqlmodel import col, select

    from subscriptions.tables import Channel, ChannelStatus, Mute, StoryFollow, Subscription, Topic, TopicMute

    own = Subscription.subscriber_id == subscriber.id
    followed = session.exec(
        select(Topic.slug, Subscription).join(Subscription).where(own).order_by(Topic.slug)
    )
    live = (Channel.subscriber_id == subscriber.id, Channel.status == ChannelStatus.live)
    channels = session.exec(select(Channel).where(*live).order_by(col(Channel.rank), col(Channel.id)))
    muted = select(Topic.slug).join(TopicMute).where(TopicMute.subscriber_id == subscriber.id)
    stories = {
        key: list(session.exec(select(table.story_id).where(table.subscriber_id == subscriber.id)))
        for key, table in (("muted_stories", Mute), ("followed_stories", StoryFollow))
    }
    return {
        "name": subscriber.name,
        "language": subscriber.language,
        "follows": [
            {"topic": slug, "threshold": one.threshold, "cadence": one.cadence} for slug, one in followed
        ],
        "channels": [{"id": each.id, "address": each.label, "rank": each.rank} for each in channels],
        "muted_topics": list(session.exec(muted)),
        **stories,
    }


def _sentences(document: dict[str, Any]) -> list[tuple[str, Any]]:
    from subscriptions.local_time import clock_time

    follows = [
        f"{each['topic']} ({each['cadence']}, from {each['threshold']} up)" for each in document["follows"]
    ]
    channels = [f"{each['id']} {each['address']} (rank {each['rank']})" for each in document["channels"]]
    return [
        ("follows", follows),
        ("channels", channels),
        ("language", document["language"]),
        ("time zone", document["time_zone"]),
        ("least urgent", document["threshold"]),
        ("quiet hours", document["quiet"] or "none"),
        (
            "rings at any hour",
            f"urgency {document['through']} and more urgent" if document["through"] else "nothing",
        ),
        ("at most a day", document["cap"] or "no limit"),
        (
            "paused until",
            f"{document['pause_until']:%Y-%m-%d %H:%M} UTC" if document["pause_until"] else "not paused",
        ),
        ("daily digest at", clock_time(document["digest_at"])),
        ("muted", document["muted_topics"] + [f"story:{number}" for number in document["muted_stories"]]),
        ("followed stories", [f"story:{number}" for number in document["followed_stories"]]),
    ]


def mute(
    ref: Ref, target: Target, *, off: Annotated[bool, typer.Option("--off", help="Take it back.")] = False
) -> None:
    """Let a subscriber hear nothing more of a story, or of what speaks of a topic."""
    from subscriptions import preferences
    from subscriptions.topics import find_topic

    if target.startswith("story:"):
        _choose(ref, target, preferences.unmute_story if off else preferences.mute_story)
    else:
        _choose(ref, target, preferences.unmute_topic if off else preferences.mute_topic, find_topic)


def follow(
    ref: Ref, story: StoryRef, *, off: Annotated[bool, typer.Option("--off", help="Take it back.")] = False
) -> None:
    """Let every later alert of a story ring for a subscriber at once, whatever topics it is for."""
    from subscriptions import preferences

    _choose(ref, story, preferences.unfollow_story if off else preferences.follow_story)


def _choose(
    ref: str, target: str, choose: Callable[..., None], find: Callable[..., Any] | None = None
) -> None:
    from subscriptions.subscribers import find_subscriber
    from worker.commands.session import writing

    with writing() as session:
        subscriber = find_subscriber(session, ref)
        choose(session, subscriber, (find or _story)(session, target))
        name = subscriber.name
    say(f"Changed what {name} wants: `tocsin subscribers show {name}`.")


def _story(session: "Session", ref: str) -> Any:
    from subscriptions.errors import Mistake
    from subscriptions.tables import Story

    kind, _, number = ref.partition(":")
    story = session.get(Story, int(number)) if kind == "story" and number.isdecimal() else None
    if story is None:
        raise Mistake(f"There is no story {ref!r}: write it as story:12; `tocsin trace` tells its number.")
    return story
