"""Looking at a feed without storing anything: what its source would bring."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from subscriptions.settings import settings
from worker.watch.feed import Feed, NotAFeed
from worker.watch.fetch import Client, FetchError, Limits, fetch, without_secrets
from worker.watch.wire import read_feed


@dataclass(frozen=True, slots=True)
class Preview:
    """A document: where it is, and either what it holds or what is wrong with it."""

    source: str
    feed: Feed | None
    error: str | None


def preview(place: str) -> Preview:
    """Read a file or a URL; never raises for what it finds there."""
    shown = without_secrets(place) if "://" in place else place
    try:
        if place.startswith(("http://", "https://")):
            feed = asyncio.run(_from_web(place))
        else:
            feed = read_feed(Path(place).read_bytes())
    except OSError as error:
        return Preview(shown, None, f"The file {place} cannot be read ({error.strerror}).")
    except (FetchError, NotAFeed) as problem:
        return Preview(shown, None, str(problem))
    return Preview(shown, feed, None)


async def _from_web(url: str) -> Feed:
    given = settings()
    limits = Limits(given.user_agent, given.fetch_timeout_s, given.fetch_max_bytes)
    async with Client(limits) as client:
        fetched = await fetch(client, url, limits)
    return read_feed(fetched.document or b"", url=fetched.url, content_type=fetched.content_type)
