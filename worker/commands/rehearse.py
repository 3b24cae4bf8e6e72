"""`tocsin rehearse`: how fast and how exact this machine is."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from worker.commands.output import Json, progress, say, show_json_line, show_table

COMPARED = ("naive_per_second", "limit_per_second", "ratio_naive", "ratio_limit")  # null without --compare
LABELS = {
    "delay_ms": "far end answers after (ms)",
    "per_second": "told each second",
    "planned_s": "laid out within (s)",
    "t50_s": "half were told within (s)",
    "t90_s": "9 of 10 were told within (s)",
    "t99_s": "99 of 100 were told within (s)",
    "t100_s": "all were told within (s)",
    "settled_s": "every answer was stored within (s)",
    "cpu_us_per_message": "processor time a message (µs)",
    "db_share": "part of the senders' processor time for the database (0 to 1)",
    "memory_mb": "memory of the workers (MB)",
    "ledger_bytes_per_recipient": "stored a recipient (bytes)",
}
KINDS = ("webpush", "jsons", "ntfys", "mailtos", "mixed")


def rehearse(
    *,
    subscribers: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many are told.")] = 10_000,
    channel: Annotated[str, typer.Option(help=f"The kind they have: {', '.join(KINDS)}.")] = "jsons",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Push processes.")] = 2,
    delay_ms: Annotated[float, typer.Option(min=0, help="How long the far end takes to answer.")] = 0,
    faults: Annotated[
        str, typer.Option(help="What goes wrong there, in percent: hang:10,too_many:5,reset:1,gone:2.")
    ] = "",
    compare: Annotated[
        bool, typer.Option("--compare", help="Run plain Apprise and raw aiohttp beside it.")
    ] = False,
    host: Annotated[str, typer.Option(help="The loopback address of the far end.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """Ring once for synthetic subscribers, and count at the far end who got it, when, and how often.

    All of it is thrown away afterwards: the database, the broker, the workers and the far end are the
    rehearsal's own, on this machine. Nothing is sent anywhere else.
    """
    from subscriptions.errors import Mistake
    from worker.rehearsal.run import Plan, scene
    from worker.rehearsal.run import rehearse as run

    if channel not in KINDS:
        raise Mistake(f"There is no kind {channel!r} to rehearse with: choose from {', '.join(KINDS)}.")
    plan = Plan(subscribers, channel, workers, delay_ms / 1000, faults, host)
    with scene(plan) as where:
        with progress("Gathering subscribers", subscribers) as bar:
            result = run(plan, where, lambda count: bar.advance(bar.tasks[0].id, count))
        if compare:
            from worker.rehearsal.compare import compare as run_beside

            result |= run_beside(plan, where, result)
    if as_json:
        show_json_line(result | {name: result.get(name) for name in COMPARED})
    else:
        show_table([{"what": _label(name), "how_much": value} for name, value in result.items()])
        say(_verdict(result))


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ")


def _verdict(result: Mapping[str, Any]) -> str:
    """Say whether everybody was told once, and how long a million would take at this pace."""
    missing, twice = result["missing"], result["twice"]
    all_once = result["rung"] and not missing and not twice
    told = "Told all" if all_once else f"Did not tell all once ({missing} missing, {twice} twice): told"
    pace = result["per_second"]
    million = f"a million would take about {1_000_000 / pace / 60:.0f} min" if pace else "nobody was told"
    return f"{told} {result['accepted']}{' once' if all_once else ''}; at this pace {million}."
