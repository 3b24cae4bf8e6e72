"""`tocsin topics index`: the files by which many topics are matched."""

from dataclasses import asdict
from typing import Annotated

import typer

from subscriptions.wording import counted
from worker.commands.output import Json, progress, quiet_logs, say, show_json


def index(
    *,
    anew: Annotated[bool, typer.Option("--anew", help="Make it from nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring this machine's index of topics up to date; workers do so by themselves where it pays."""
    from worker.commands.session import looking
    from worker.match.fill_shelf import fill_shelf

    with looking():
        quiet_logs()
    with progress("Laying out topics", None) as bar:
        filled = fill_shelf(
            lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total), anew=anew
        )
    if as_json:
        show_json(asdict(filled))
    else:
        held = f"holds {counted(filled.topics, 'topic')} in {counted(filled.segments, 'file')}"
        say(f"Laid out {counted(filled.laid_out, 'topic')}; the index {held}.")
