"""What commands print: tables and sentences for people, JSON for programs."""

import json
import math
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]

BAR = 50  # columns of the longest bar
PIPED_WIDTH = 200  # columns where there is no terminal to ask
UNITS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (float("inf"), 86_400, "days"))


def say(sentence: str) -> None:
    """Print one line for people."""
    sys.stdout.write(plain(sentence) + "\n")


def warn(sentence: str) -> None:
    """Print one line on stderr."""
    sys.stderr.write(plain(sentence) + "\n")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows as a table, or as a JSON list; `empty` is the sentence where there are none.

    Times are datetimes: a program reads ISO 8601 in UTC, a person how long ago it was.
    """
    if as_json:
        show_json(rows)
    elif rows:
        show_table(rows)
    else:
        say(empty)


def show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table whose columns are the keys of the first; a rich Text stays as it is."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for key in rows[0]:
        table.add_column(key.replace("_", " "), overflow="fold")
    for row in rows:
        cells = (value if isinstance(value, Text) else Text(plain(_human(value))) for value in row.values())
        table.add_row(*cells)
    _console().print(table)


def show_bars(rows: Sequence[tuple[str, int]]) -> None:
    """Print a name, a bar and a number a line; the longest bar is `BAR` columns."""
    most = max(number for _, number in rows)
    sign = "#" if _ascii_only() else "█"
    for name, number in rows:
        length = math.ceil(BAR * number / most) if most else 0
        say(f"{name}  {sign * length}{' ' if number else ''}{number or '·'}")


def _console() -> "Console":
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PIPED_WIDTH)


def show_json(document: Any) -> None:
    """Print one JSON document over several lines."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=_ascii_only(), default=_json) + "\n")


def show_json_line(document: Any) -> None:
    """Print one JSON document on one line."""
    sys.stdout.write(json.dumps(document, ensure_ascii=_ascii_only(), default=_json) + "\n")


def plain(text: str) -> str:
    """Take out what would steer a terminal: a headline may hold anything."""
    return "".join(
        letter if unicodedata.category(letter) != "Cc" or letter == "\n" else " " for letter in text
    )


def iso(when: datetime | None) -> str | None:
    """Write an instant for programs: 2026-03-02T12:00:00Z."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def ago(when: datetime | None, now: datetime) -> str:
    """Say for people how long ago an instant was, or how soon it comes."""
    if when is None:
        return "never"
    seconds = (now - when).total_seconds()
    for limit, size, name in UNITS:
        if abs(seconds) < limit:
            number = f"{abs(seconds) / size:.0f} {name}"
            return f"{number} ago" if seconds >= 0 else f"in {number}"
    raise AssertionError("the last unit has no limit")


@contextmanager
def progress(what: str, total: int | None) -> "Iterator[Progress]":
    """Show a bar on stderr while the block works, where stderr is a terminal; gives the bar.

    Its one task has the id 0: `bar.update(0, completed=n)`.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    )
    with bar:
        bar.add_task(what, total=total)
        yield bar


def quiet_logs() -> None:
    """Keep log lines out of what a command prints: errors go to stderr, and all of them when debugging."""
    import logging

    from subscriptions.settings import settings
    from worker import logs

    logs.configure()
    if settings().log_level != "debug":
        for handler in logging.getLogger().handlers:  # libraries' loggers have levels of their own
            handler.setLevel(logging.ERROR)


def sure(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; raises Mistake where nobody can be asked."""
    from subscriptions.errors import Mistake

    if yes:
        return
    if not sys.stdin.isatty():
        raise Mistake(f"{question} Nobody can be asked here: add --yes.")
    typer.confirm(question, abort=True)


def _human(value: Any) -> str:
    from subscriptions import clock

    if isinstance(value, datetime):
        return ago(value, clock.now())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _ascii_only() -> bool:
    # An escape is right in any encoding; UTF-8 is easier on the eyes.
    return not (sys.stdout.encoding or "").lower().startswith("utf")
