"""The command `tocsin`: one noun a group, as `tocsin topics add`."""

import sys
from importlib import metadata
from typing import Annotated

import typer

from worker.commands import sources, subscribers, topics
from worker.commands.exits import Commands
from worker.commands.output import say

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tocsin watches news sources and rings once: everyone who asked is told, once per story.",
    epilog="Exit codes: 0 done, 1 the answer is no, 2 something typed is wrong, 3 something is broken.",
)
app.add_typer(sources.app, name="sources")
app.add_typer(topics.app, name="topics")
app.add_typer(subscribers.app, name="subscribers")
app.command()(subscribers.subscribe)
app.command()(subscribers.unsubscribe)


def _version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if asked:
        say(f"tocsin {metadata.version('tocsin')}")
        raise typer.Exit


@app.callback()
def everything(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Stand before every command."""


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # What the encoding cannot hold is written as an escape, which in JSON means the same.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # as the real ones are
    app(prog_name="tocsin")


if __name__ == "__main__":
    main()
