"""`tocsin sources`: the places to look for news."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wording import counted
from worker.commands.exits import NO
from worker.commands.output import (
    Json,
    Yes,
    iso,
    progress,
    quiet_logs,
    say,
    show,
    show_json,
    show_json_line,
    show_table,
    sure,
    warn,
)

if TYPE_CHECKING:
    from sqlmodel import Session

    from worker.watch.opml import Outline
    from worker.watch.preview import Preview

app = typer.Typer(no_args_is_help=True, help="The places to look for news: feeds.")

Ref = Annotated[str, typer.Argument(metavar="SOURCE", help="Its number, URL or title.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The feed's address.")],
    *,
    title: Annotated[str, typer.Option(help="What readers see; else the feed's own title.")] = "",
    family: Annotated[str, typer.Option(help="Publishers that speak with one voice; else the host.")] = "",
    language: Annotated[str, typer.Option(help="As in `he` or `pt-BR`; else the feed's own word.")] = "",
    interval: Annotated[int, typer.Option(min=0, help="Seconds between polls; 0: Tocsin chooses.")] = 0,
    unread: Annotated[bool, typer.Option("--unread", help="Add it even if it cannot be read now.")] = False,
) -> None:
    """Watch a feed. It is read first; what stands in it now is its baseline and never rings."""
    from subscriptions.sources import add_source
    from worker.commands.session import writing

    feed = None if unread else _read(url).feed
    with writing() as session:
        source = add_source(
            session,
            url,
            title=title or (feed.title if feed else ""),
            family=family,
            language=language or (feed.language if feed else ""),
            interval_s=interval,
        )
    holds = f" It holds {counted(len(feed.items), 'article')} now, which will not ring." if feed else ""
    say(f"Added source {source.id}, {source.title or source.url}.{holds}")


@app.command("list")
def list_sources(*, as_json: Json = False) -> None:
    """List the sources and how they are."""
    from subscriptions.sources import all_sources
    from worker.commands.session import looking

    with looking() as session:
        rows = [
            {
                "id": source.id,
                "title": source.title,
                "url": source.url,
                "status": source.status,
                "language": source.language,
                "polled_at": source.polled_at,
                "new_at": source.new_at,
                "next_poll_at": source.next_poll_at,
                "problem": source.problem,
            }
            | ({"family": source.family, "practice": source.practice} if as_json else {})
            for source in all_sources(session)
        ]
    show(rows, as_json=as_json, empty="There is no source yet: `tocsin sources add URL`.")


@app.command()
def pause(ref: Ref) -> None:
    """Stop polling a source until it is resumed."""
    from subscriptions.sources import find_source, pause_source
    from worker.commands.session import writing

    with writing() as session:
        source = find_source(session, ref)
        pause_source(session, source)
    say(f"Paused {source.title or source.url}.")


@app.command()
def resume(ref: Ref) -> None:
    """Poll a paused or gone source again."""
    from subscriptions.sources import find_source, resume_source
    from worker.commands.session import writing

    with writing() as session:
        source = find_source(session, ref)
        resume_source(session, source)
    say(f"Resumed {source.title or source.url}.")


@app.command()
def remove(ref: Ref, *, yes: Yes = False) -> None:
    """Take a source off the list; its articles and alerts stay on record."""
    from subscriptions.sources import find_source, remove_source
    from worker.commands.session import looking, writing

    with looking() as session:
        source = find_source(session, ref)
    sure(f"Remove the source {source.title or source.url}?", yes=yes)
    with writing() as session:
        remove_source(session, find_source(session, str(source.id)))
    say(f"Removed {source.title or source.url}.")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="OPML, or one URL a line; `-` is stdin.", allow_dash=True)],
    *,
    as_json: Json = False,
) -> None:
    """Add every feed of a list, all or none; feeds that are known already are left as they are."""
    from worker.commands.session import writing

    outlines = _outlines(file)
    with writing() as session:
        outcome = _add_all(session, outlines)
    if as_json:
        show_json(outcome)
        return
    added, known, refused = outcome["added"], outcome["known"], outcome["refused"]
    say(f"Added {len(added)}, known already {len(known)}, refused {len(refused)}.")
    for one in refused:
        warn(f"Refused {one['url']}: {one['why']}")


def _outlines(file: Path) -> "list[Outline]":
    from subscriptions.errors import Mistake
    from worker.watch.opml import read_outlines

    document = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    outlines = read_outlines(document)
    if not outlines:
        raise Mistake(f"{file} names no feed: give an OPML list, or a text with one URL a line.")
    return outlines


def _add_all(session: "Session", outlines: "list[Outline]") -> dict[str, list[Any]]:
    from subscriptions.errors import Mistake
    from subscriptions.sources import add_source, all_sources

    on_the_list = {source.url for source in all_sources(session)}
    outcome: dict[str, list[Any]] = {"added": [], "known": [], "refused": []}
    with progress("Adding sources", len(outlines)) as bar:
        for outline in outlines:
            try:
                if outline.url in on_the_list:
                    outcome["known"].append(outline.url)
                else:
                    outcome["added"].append(add_source(session, outline.url, title=outline.title).url)
                    on_the_list.add(outline.url)
            except Mistake as mistake:
                outcome["refused"].append({"url": outline.url, "why": str(mistake)})
            bar.advance(bar.task_ids[0])
    return outcome


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; `-` is stdout.", allow_dash=True)] = Path("-"),
) -> None:
    """Write the sources as an OPML list, which any feed reader can import."""
    from subscriptions.sources import all_sources
    from worker.commands.session import looking
    from worker.watch.opml import Outline, write_outlines

    with looking() as session:
        sources = [source for source in all_sources(session) if not source.practice]
    outlines = [Outline(source.title, source.url, "", ()) for source in sources]
    document = write_outlines(outlines, "Tocsin's sources")
    if str(file) == "-":
        sys.stdout.buffer.write(document)
    else:
        file.write_bytes(document)
        warn(f"Wrote {counted(len(outlines), 'source')} to {file}.")


@app.command()
def preview(
    documents: Annotated[list[str], typer.Argument(metavar="FILE_OR_URL...", help="Feeds to read.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a document.")] = False,
) -> None:
    """Show what feeds hold; nothing is stored, no database is needed.

    Every document gets its line. Exit code 1 when at least one of them could not be read.
    """
    from worker.watch.preview import preview as read

    quiet_logs()
    failed = False
    for document in documents:
        seen = read(document)
        failed = failed or seen.error is not None
        if as_json:
            show_json_line(preview_document(seen))
        else:
            _show_preview(seen)
    if failed:
        raise typer.Exit(NO)


def preview_document(seen: "Preview") -> dict[str, Any]:
    """Give what `sources preview --json` prints of one document."""
    feed = seen.feed
    return {
        "source": seen.source,
        "error": seen.error,
        "feed": {"title": feed.title, "link": feed.link} if feed else None,
        "articles": [
            {
                "id": item.id,
                "link": item.link,
                "title": item.title,
                "published": iso(item.published),
                "summary": item.summary,
                "language": item.language,
                "tags": list(item.tags),
            }
            for item in (feed.items if feed else ())
        ],
    }


def _show_preview(seen: "Preview") -> None:
    if seen.feed is None:
        warn(f"{seen.source}: {seen.error}")
        return
    say(f"{seen.feed.title or seen.source}: {counted(len(seen.feed.items), 'article')}")
    rows = [{"published": item.published, "title": item.title, "link": item.link} for item in seen.feed.items]
    if rows:
        show_table(rows)


def _read(url: str) -> "Preview":
    from subscriptions.errors import Mistake
    from worker.watch.preview import preview as read

    quiet_logs()
    seen = read(url)
    if seen.error is not None:
        raise Mistake(f"{seen.error} Correct the address, or add it as it is with --unread.")
    return seen
