"""`tocsin topics import|export`: topics in a file."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from subscriptions.wording import counted
from worker.commands.output import Json, say, show_json, warn

if TYPE_CHECKING:
    from subscriptions.topic_file import Listed

STREAM = "-"


def import_file(
    file: Annotated[Path, typer.Argument(help="Ends in .toml or .json; `-` is stdin.", allow_dash=True)],
    *,
    update: Annotated[bool, typer.Option("--update", help="Change topics that are there already.")] = False,
    as_json: Json = False,
) -> None:
    """Add the topics of a file, all or none.

    A topic has a slug and a query; where wanted a name, rings (by_itself, after_approval) and a status
    (live, draft, paused). Everything that is wrong is listed, and then nothing is stored. With --update, what
    the file does not say of a topic stays as it is.
    """
    from subscriptions.topic_import import import_topics
    from worker.commands.session import writing

    listed = _read(file, update=update)
    with writing() as session:
        imported = import_topics(session, listed, update=update)
    if as_json:
        show_json(asdict(imported))
    else:
        added = f"Added {counted(len(imported.added), 'topic')}"
        say(f"{added}, changed {len(imported.changed)}, left {len(imported.unchanged)} as they were.")


def export_file(
    file: Annotated[
        Path, typer.Argument(help="Ends in .toml or .json; `-` is stdout, in TOML.", allow_dash=True)
    ] = Path(STREAM),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="On stdout, in JSON.")] = False,
) -> None:
    """Write the topics to a file that `import` reads; those of the practice newsroom are left out."""
    from subscriptions.topic_file import kind_of, write_listed
    from subscriptions.topic_import import list_topics
    from worker.commands.session import looking

    to_stdout = str(file) == STREAM
    kind = kind_of(file.name) if not to_stdout else "json" if as_json else "toml"
    with looking() as session:
        listed = list_topics(session)
    document = write_listed(listed, kind).encode()
    if to_stdout:
        sys.stdout.buffer.write(document)
    else:
        file.write_bytes(document)
        warn(f"Wrote {counted(len(listed), 'topic')} to {file}.")


def _read(file: Path, *, update: bool) -> "list[Listed]":
    from subscriptions.errors import Mistake
    from subscriptions.topic_file import kind_of, read_listed
    from subscriptions.topic_import import check_listed, refused_topics
    from worker.commands.session import looking

    from_stdin = str(file) == STREAM
    document = sys.stdin.buffer.read() if from_stdin else file.read_bytes()
    name = "stdin" if from_stdin else str(file)
    listed, wrong = read_listed(document, None if from_stdin else kind_of(file.name), name)
    with looking() as session:
        wrong += [*check_listed(session, listed), *refused_topics(session, listed, update=update)]
    if wrong:
        found = f"{counted(len(wrong), 'mistake')} in {name}, so nothing of it is stored:"
        raise Mistake("\n".join([found, *wrong]))
    return listed
