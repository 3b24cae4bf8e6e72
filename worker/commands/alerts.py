"""`tocsin alerts`: what rang, what became of it, and what waits for approval."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wording import counted
from worker.commands.output import Json, quiet_logs, say, show, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import Session

    from subscriptions.tables import Alert

_DONE = {"correction": "Corrected", "kill": "Withdrawn"}
STOP_LOOKS, STOP_LOOK_S = 20, 0.1

app = typer.Typer(no_args_is_help=True, help="What rang, and what waits for approval.")

AlertId = Annotated[
    int, typer.Argument(max=2**63 - 1, metavar="ALERT", help="Its number in `tocsin alerts list`.")
]


@app.command("list")
def list_alerts(
    *, limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20, as_json: Json = False
) -> None:
    """List the latest alerts, newest first."""
    from subscriptions.alerts import recent_alerts
    from worker.commands.session import looking

    with looking() as session:
        rows = [_row(session, alert, as_json=as_json) for alert in recent_alerts(session, limit)]
    show(rows, as_json=as_json, empty="Nothing has rung yet.")


def _row(session: "Session", alert: "Alert", *, as_json: bool) -> dict[str, Any]:
    from subscriptions.alerts import alert_topics, outcomes

    row = {
        "id": alert.id,
        "seen_at": alert.seen_at,
        "status": alert.status,
        "urgency": alert.urgency,
        "title": alert.title,
        "topics": [topic.slug for topic in alert_topics(session, alert)],
        "recipients": alert.recipients,
    }
    if as_json:
        return row | {"practice": alert.practice, "story": alert.story_id, "article": alert.article_id}
    return row | {"accepted": outcomes(session, alert)["accepted"]}


@app.command("show")
def show_alert(alert_id: AlertId, *, as_json: Json = False) -> None:
    """Show one alert: why it rang, when it reached each step, and what became of it."""
    from subscriptions.alerts import alert_topics, find_alert, outcomes, reached
    from subscriptions.sisters import follow_up
    from worker.commands.session import looking

    with looking() as session:
        alert = find_alert(session, alert_id)
        slugs = [topic.slug for topic in alert_topics(session, alert)]
        counts = outcomes(session, alert)
        followed = follow_up(session, alert)
    if as_json:
        show_json(_document(alert, slugs, counts) | {"followed_up_by": followed.id if followed else None})
        return
    say(f"Alert {alert.id}, {alert.status}{', practice' if alert.practice else ''}: {alert.title}")
    if followed is not None:
        say(
            f"{_DONE[followed.kind]} by alert {followed.id}, which {_counted(followed.id or 0)[0]} were told."
        )
    say(
        f"It rang because {alert.why.rstrip('.')}."
        if alert.status != "rejected"
        else f"It was rejected; {(alert.stop_why or alert.why).rstrip('.')}."
    )
    say(f"Topics: {', '.join(slugs)}. Urgency {alert.urgency}. {alert.link}")
    if alert.ceiling is not None:
        say(f"Ceiling: {f'{alert.ceiling} messages a second' if alert.ceiling else 'off'}.")
    show_table(
        [
            {"step": step.name, "at": f"{step.at:%Y-%m-%d %H:%M:%S} UTC", "took": f"{step.took_s:.2f} s"}
            for step in reached(alert)
        ]
    )
    say(
        f"{counted(alert.recipients, 'recipient')}: "
        + ", ".join(f"{count} {name}" for name, count in counts.items())
    )
    say(f"Why each article of it matched: `tocsin trace alert:{alert.id}`.")


def _document(alert: "Alert", slugs: list[str], counts: dict[str, int]) -> dict[str, Any]:
    from subscriptions.alerts import STEPS

    keys = (
        "id",
        "status",
        "kind",
        "corrects",
        "title",
        "text",
        "link",
        "why",
        "urgency",
        "practice",
        "recipients",
        "ceiling",
        "trace",
    )
    return (
        {key: getattr(alert, key) for key in keys}
        | {"story": alert.story_id, "version": alert.version, "article": alert.article_id, "topics": slugs}
        | {"outcomes": counts, "expires_at": alert.expires_at}
        | {key: getattr(alert, key) for key in STEPS}
    )


@app.command()
def approve(
    alert_id: AlertId,
    *,
    ceiling: Annotated[
        str, typer.Option(metavar="N", help="At most so many messages a second; `off`: no ceiling.")
    ] = "",
) -> None:
    """Let a proposed alert ring."""
    from subscriptions.alerts import approve_alert, find_alert, queue_for, read_ceiling
    from subscriptions.nudge import nudge
    from worker.commands.session import writing

    quiet_logs()
    with writing() as session:
        alert = find_alert(session, alert_id)
        approve_alert(session, alert, read_ceiling(ceiling))
    taken = nudge("push.ring", alert_id, queue=queue_for(alert.urgency))
    say(f"Alert {alert_id} rings{'' if taken else ' as soon as the broker and the workers run'}.")


@app.command()
def throttle(
    alert_id: AlertId,
    ceiling: Annotated[
        str, typer.Argument(metavar="N|off", help="Messages a second at most; `off`: as many as can be sent.")
    ],
) -> None:
    """Let an alert that waits or is ringing send fewer or more messages a second, from now on."""
    from subscriptions.alerts import find_alert, read_ceiling, throttle_alert
    from worker.commands.session import writing

    quiet_logs()
    with writing() as session:
        alert = find_alert(session, alert_id)
        throttle_alert(session, alert, read_ceiling(ceiling, needed=True) or 0)
    allowed = (
        f"at most {counted(alert.ceiling, 'message')} a second" if alert.ceiling else "without a ceiling"
    )
    say(f"Alert {alert_id} is sent {allowed}.")


@app.command()
def stop(alert_id: AlertId) -> None:
    """Stop an alert in the middle: whoever has not been told yet will not be."""
    from subscriptions.alerts import find_alert, stop_alert
    from subscriptions.nudge import nudge
    from worker.commands.session import writing

    quiet_logs()
    with writing() as session:
        alert = find_alert(session, alert_id)
        stop_alert(session, alert)
    nudge("push.again", queue="push")
    told, waiting = _settled(alert_id)
    under_way = f" {counted(waiting, 'recipient')} are being looked at still." if waiting else ""
    say(f"Stopped alert {alert_id}: {told} of {counted(alert.recipients, 'recipient')} were told.{under_way}")


Why = Annotated[str, typer.Option(help="What was wrong, for the readers.")]


@app.command()
def correct(
    alert_id: AlertId,
    *,
    why: Why,
    title: Annotated[str, typer.Option(help="The right headline; as it was if not given.")] = "",
    text: Annotated[str, typer.Option(help="The right text; as it was if not given.")] = "",
) -> None:
    """Tell everybody who was told an alert what is right; nobody else is told it any more."""
    from subscriptions.corrections import correct_alert

    _follow_up(alert_id, lambda session, alert: correct_alert(session, alert, why, title=title, text=text))


@app.command()
def kill(alert_id: AlertId, *, why: Why) -> None:
    """Withdraw an alert from everybody who was told it; its story rings no more by itself."""
    from subscriptions.corrections import kill_alert

    _follow_up(alert_id, lambda session, alert: kill_alert(session, alert, why))


def _follow_up(alert_id: int, follow_up: "Callable[[Session, Alert], Alert]") -> None:
    from subscriptions.alerts import find_alert, queue_for
    from subscriptions.nudge import nudge
    from subscriptions.sisters import sisters
    from worker.commands.session import writing

    quiet_logs()
    with writing() as session:
        alert = find_alert(session, alert_id)
        told_by = [alert_id, *(each.id or 0 for each in sisters(session, alert))]
        new = follow_up(session, alert)
    nudge("push.again", queue="push")
    taken = nudge("push.ring", new.id or 0, queue=queue_for(new.urgency))
    told = sum(_settled(each)[0] for each in told_by)
    named = ", ".join(str(each) for each in told_by)
    when = "goes out" if taken else "goes out as soon as the broker and the workers run"
    say(f"Alert {new.id} {when}, to {counted(told, 'channel')} told by alert {named}: {new.title}")


def _settled(alert_id: int) -> tuple[int, int]:
    """Wait a moment for the senders to stop; give how many were told and how many have no end yet."""
    for _ in range(STOP_LOOKS):
        told, waiting = _counted(alert_id)
        if not waiting:
            return told, waiting
        time.sleep(STOP_LOOK_S)
    return _counted(alert_id)


def _counted(alert_id: int) -> tuple[int, int]:
    from subscriptions.alerts import find_alert, outcomes
    from worker.commands.session import looking

    with looking() as session:
        counts = outcomes(session, find_alert(session, alert_id))
    return counts["accepted"], counts["waiting"] + counts["later"]


@app.command()
def reject(alert_id: AlertId) -> None:
    """Let a proposed alert never ring."""
    from subscriptions.alerts import find_alert, reject_alert
    from worker.commands.session import writing

    with writing() as session:
        reject_alert(session, find_alert(session, alert_id))
    say(f"Alert {alert_id} will not ring.")
