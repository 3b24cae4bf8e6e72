"""Adding, pausing, resuming and removing sources, as the command and the desk do it."""

from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.errors import Mistake
from subscriptions.names import called, missing, only
from subscriptions.tables import Source, SourceStatus, move

NEVER_READ = {"baseline_at": None, "etag": "", "last_modified": "", "failures": 0, "problem": ""}


def add_source(
    session: Session,
    url: str,
    *,
    title: str = "",
    family: str = "",
    language: str = "",
    interval_s: int = 0,
    practice: bool = False,
) -> Source:
    """Store a source; it is polled at once, and what stands there now is its baseline: it never rings.

    `interval_s` is the seconds between polls, 0 for Tocsin's own choice. A removed source comes
    back with a new baseline. Raises Mistake for a wrong or a known URL.
    """
    url = _checked(url)
    source = session.exec(select(Source).where(Source.url == url)).first()
    if source is not None and source.status != SourceStatus.removed:
        raise Mistake(f"The source {url} is on the list already, as number {source.id}.")
    now = clock.now()
    source = source or Source(url=url, created_at=now, next_poll_at=now)
    source.sqlmodel_update({**NEVER_READ, "practice": practice, "next_poll_at": now})
    edit_source(session, source, title=title, family=family, language=language, interval_s=interval_s)
    if source.status == SourceStatus.removed and source.id is not None:
        move(session, Source, [source.id], leave=SourceStatus.removed, enter=SourceStatus.live)
    session.refresh(source)
    return source


def find_source(session: Session, ref: str) -> Source:
    """Find a source by its number, else URL, else title.

    Raises Mistake with near ones when there is none, and when several have the title.
    """
    rows = session.exec(select(Source).where(Source.status != SourceStatus.removed)).all()
    found = called(rows, ref, lambda row: row.id, lambda row: row.url, lambda row: row.title)
    if not found or not ref:
        raise missing("source", ref, [row.title or row.url for row in rows], "tocsin sources list")
    return only(found, "source", ref, lambda row: f"number {row.id}")


def all_sources(session: Session) -> list[Source]:
    """List the sources that are not removed, in the order they were added."""
    wanted = select(Source).where(Source.status != SourceStatus.removed).order_by(col(Source.id))
    return list(session.exec(wanted))


def edit_source(
    session: Session, source: Source, *, title: str, family: str, language: str, interval_s: int
) -> None:
    """Change what an admin says of a source; an empty family is its host's. Polls go on as they are due."""
    source.title, source.family = title.strip(), family.strip() or _host(source.url)
    source.language, source.interval_s = language.strip(), interval_s
    session.add(source)
    session.flush()


def pause_source(session: Session, source: Source) -> None:
    """Stop polling a source until it is resumed."""
    _move(session, source, SourceStatus.live, SourceStatus.paused, "is not polled now")


def resume_source(session: Session, source: Source) -> None:
    """Poll a paused or gone source again, at once."""
    source.next_poll_at = clock.now()
    source.failures, source.problem = 0, ""
    session.flush()
    _move(session, source, (SourceStatus.paused, SourceStatus.gone), SourceStatus.live, "is polled already")


def remove_source(session: Session, source: Source) -> None:
    """Take a source off the list; its articles and their alerts stay on record."""
    leave = (SourceStatus.live, SourceStatus.paused, SourceStatus.gone)
    _move(session, source, leave, SourceStatus.removed, "is removed already")


def _move(
    session: Session,
    source: Source,
    leave: SourceStatus | tuple[SourceStatus, ...],
    enter: SourceStatus,
    otherwise: str,
) -> None:
    assert source.id is not None  # noqa: S101 - it came from the database
    if not move(session, Source, [source.id], leave=leave, enter=enter):
        raise Mistake(f"The source {source.title or source.url} {otherwise}.")
    session.refresh(source)


def _checked(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = None, None
    if parts is None or not host or any(letter.isspace() for letter in url):
        raise Mistake(f"{url!r} is no address of a feed: it should look like https://news.example/feed.xml.")
    if parts.scheme not in ("http", "https"):
        raise Mistake(f"A source is read by http or https, not by {parts.scheme!r}: correct {url}.")
    return url


def _host(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.").removeprefix("feeds.").removeprefix("rss.")
