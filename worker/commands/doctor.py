"""`tocsin doctor`: what is wrong, and the way out."""

import sys

import typer

from worker.commands.exits import NO
from worker.commands.output import Json, show_json


def doctor(*, as_json: Json = False) -> None:
    """Check settings, data folder, database, broker, workers, mail, clock, sources and what waits.

    Exit code 1 when there is a fault; warnings alone end with 0.
    """
    from rich.console import Console
    from rich.text import Text

    from worker.doctor import Verdict, checks

    console, colours = Console(), {Verdict.ok: "green", Verdict.warning: "yellow", Verdict.fault: "red"}
    found = []
    for finding in checks():
        found.append(finding)
        if not as_json:
            line = Text(f"{finding.verdict:<8}", style=colours[finding.verdict])
            console.print(line.append(f"{finding.what}: {finding.says}", style="default"), soft_wrap=True)
            sys.stdout.flush()
    if as_json:
        keys = ("verdict", "what", "says")
        show_json([{key: getattr(finding, key) for key in keys} for finding in found])
    if any(finding.verdict == Verdict.fault for finding in found):
        raise typer.Exit(NO)
