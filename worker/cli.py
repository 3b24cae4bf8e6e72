"""The command `tocsin`: one noun a group, as `tocsin topics add`."""

import sys
from importlib import metadata
from typing import Annotated

import typer

from worker.commands import (
    alerts,
    channels,
    desk,
    media_topics,
    run,
    sources,
    subscribers,
    topic_files,
    topic_index,
    topics,
)
from worker.commands.backtest import backtest
from worker.commands.doctor import doctor
from worker.commands.exits import Commands
from worker.commands.output import say
from worker.commands.rehearse import rehearse
from worker.commands.replay import replay
from worker.commands.trace import trace

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Tocsin watches news sources and rings once: everyone who asked is told, once per story.",
    epilog="Exit codes: 0 done, 1 the answer is no, 2 something typed is wrong, 3 something is broken.",
)

for name, group in (
    ("sources", sources),
    ("topics", topics),
    ("subscribers", subscribers),
    ("channels", channels),
    ("alerts", alerts),
    ("desk", desk),
):
    app.add_typer(group.app, name=name)
topics.app.command()(backtest)
topics.app.command("import")(topic_files.import_file)
topics.app.command("export")(topic_files.export_file)
topics.app.command()(media_topics.import_mediatopics)
topics.app.command()(media_topics.media_topics)
topics.app.command()(topic_index.index)
for command in (
    *(subscribers.subscribe, subscribers.unsubscribe),
    *(trace, replay, rehearse, doctor),
    *(run.up, run.worker, run.beat, run.web, run.migrate, run.restored),
):
    app.command()(command)


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
