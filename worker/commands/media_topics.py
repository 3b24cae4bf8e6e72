"""`tocsin topics import-mediatopics|media-topics`: IPTC's vocabulary."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wording import counted
from worker.commands.exits import NO
from worker.commands.output import Json, progress, say, show, show_json

if TYPE_CHECKING:
    from subscriptions.tables import MediaTopic


def import_mediatopics(
    file: Annotated[
        Path, typer.Argument(help="IPTC's JSON, JSON-LD or RDF/XML; `-` is stdin.", allow_dash=True)
    ],
    *,
    as_json: Json = False,
) -> None:
    """Take in IPTC's Media Topics, which queries then know by name: mediatopic:"armed conflict".

    The file is the one that https://cv.iptc.org/newscodes/mediatopic/ gives out, in all languages or in one;
    names in other languages that are known already stay.
    """
    from subscriptions.media_topic_file import read_media_topics
    from subscriptions.media_topics import import_media_topics
    from worker.commands.session import writing

    with progress("Importing media topics", None):
        document = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        listed = read_media_topics(document, "stdin" if str(file) == "-" else str(file))
        with writing() as session:
            imported = import_media_topics(session, listed)
    if as_json:
        show_json(imported._asdict())
        return
    counts = f"{imported.added} new, {imported.changed} changed, {imported.unchanged} as they were"
    names = f"{counted(len(imported.languages), 'language')} ({', '.join(imported.languages)})"
    say(f"Read {counted(len(listed), 'media topic')} in {names}: {counts}; {imported.retired} are retired.")


def media_topics(
    search: Annotated[str, typer.Argument(help="Part of a name in any language, or of a code.")] = "",
    *,
    language: Annotated[str, typer.Option(help="Show names in this language.")] = "",
    as_json: Json = False,
) -> None:
    """Look up IPTC's Media Topics. Exit code 1 where none is found."""
    from subscriptions.media_topics import find_media_topics
    from worker.commands.session import looking

    with looking() as session:
        found = find_media_topics(session, search)
        rows = [_for_programs(each) if as_json else _for_people(each, search, language) for each in found]
    none = (
        "No media topic has that in its name: try another word, or `tocsin topics import-mediatopics FILE`."
    )
    show(rows, as_json=as_json, empty=none)
    if not rows:
        raise typer.Exit(NO)


def _for_programs(topic: "MediaTopic") -> dict[str, Any]:
    return {
        "code": topic.code,
        "broader": topic.broader,
        "labels": topic.labels,
        "former": topic.former,
        "retired": topic.retired,
    }


def _for_people(topic: "MediaTopic", search: str, language: str) -> dict[str, Any]:
    from subscriptions.media_topics import name_of, names_with

    return {
        "code": topic.code,
        "name": name_of(topic, language),
        "found as": names_with(topic, search) if search else "",
        "below": topic.broader,
        "retired": topic.retired,
    }
