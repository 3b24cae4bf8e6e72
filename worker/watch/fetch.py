"""Fetching one feed document politely: only if it changed, within limits, and saying what went wrong."""

import asyncio
import os
import re
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from subscriptions import clock
from worker.guard import PrivateAddressError, public_socket

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = 5
PRIVATE = "It redirects into a private network: if that is meant, add the address it leads to instead."
PERMANENT = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT)
REDIRECT = (*PERMANENT, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT)
LONGEST_WAIT_S = 86_400.0
LONGEST_URL = 500  # characters of an address a source moves to; PostgreSQL's indexes take 2,704 bytes
KNOWN_STATUSES = frozenset(HTTPStatus)


class FetchError(Exception):
    """A poll that brought no document; the text is one sentence for an admin, without secrets.

    `after_s`: the publisher asked for that many seconds of rest. `gone`: it said there is nothing any more.
    """

    def __init__(self, problem: str, *, after_s: float | None = None, gone: bool = False) -> None:
        super().__init__(problem)
        self.after_s = after_s
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the document, or None where nothing changed since the validators were given."""

    url: str  # where it was found, after redirects
    document: bytes | None
    content_type: str
    etag: str
    last_modified: str
    max_age_s: float | None  # how long the publisher says it stays fresh
    moved_to: str  # the address to use from now on, "" for the same


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take."""

    user_agent: str
    timeout_s: float
    max_bytes: int


class Client:
    """For many fetches; it keeps no cookies and uses no proxy of this machine.

    An admin may watch a source in a private network. A publisher on the internet leads into none.
    """

    def __init__(self, limits: Limits) -> None:
        self.public = _session(limits, aiohttp.TCPConnector(limit=100, socket_factory=public_socket))
        self.anywhere = _session(limits, aiohttp.TCPConnector(limit=100))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.public.close()
        await self.anywhere.close()


def _session(limits: Limits, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=limits.timeout_s),
        headers={"User-Agent": limits.user_agent, "Accept": ACCEPT},
        trust_env=False,
    )


async def fetch(
    client: Client, url: str, limits: Limits, *, etag: str = "", last_modified: str = ""
) -> Fetched:
    """Fetch a document if it changed; raises FetchError with what went wrong, in words."""
    try:
        async with asyncio.timeout(limits.timeout_s):
            return await _follow(client, url, limits, _conditions(etag, last_modified))
    except TimeoutError:
        raise FetchError(f"{_host(url)} did not answer within {limits.timeout_s:g} seconds.") from None


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value}


async def _follow(client: Client, url: str, limits: Limits, conditions: dict[str, str]) -> Fetched:
    moved_to, only_permanent = "", True
    session = client.public
    for hop in range(REDIRECTS + 1):
        try:
            found = await _get(session, url, limits, conditions)
        except PrivateAddressError:
            if hop:
                raise FetchError(PRIVATE) from None
            session = client.anywhere
            found = await _get(session, url, limits, conditions)
        if isinstance(found, Fetched):
            return replace(found, moved_to=moved_to)
        url = found.url
        only_permanent = only_permanent and found.permanent
        moved_to = url if only_permanent and len(url) <= LONGEST_URL else moved_to
    raise FetchError(f"It redirects more than {REDIRECTS} times.")


async def _get(
    client: aiohttp.ClientSession, url: str, limits: Limits, conditions: dict[str, str]
) -> "Fetched | _Elsewhere":
    try:
        async with client.get(url, headers=conditions, allow_redirects=False) as answer:
            if answer.status in REDIRECT:
                return _elsewhere(answer, url)
            return await _read(answer, url, limits, first=not conditions)
    except TimeoutError:
        raise
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise FetchError(_in_words(error, _host(url))) from None


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A redirect."""

    url: str
    permanent: bool


def _elsewhere(answer: aiohttp.ClientResponse, url: str) -> _Elsewhere:
    location = answer.headers.get("Location", "").strip()
    target = _web_address(url, location) if location else ""
    if not target:
        raise FetchError("It redirects to something that is no web address.")
    return _Elsewhere(target, answer.status in PERMANENT)


def _web_address(base: str, location: str) -> str:
    try:
        target = urljoin(base, location)
        parts = URL(target)  # what the client reads, which refuses more than the standard library does
    except ValueError:
        return ""
    return target if parts.scheme in ("http", "https") and parts.host else ""


async def _read(answer: aiohttp.ClientResponse, url: str, limits: Limits, *, first: bool) -> Fetched:
    if answer.status == HTTPStatus.NOT_MODIFIED and first:
        raise FetchError("It answered 304 Not Modified to a request that asked for everything.")
    if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        raise _refusal(answer)
    document = None
    if answer.status == HTTPStatus.OK:
        document = await _body(answer, limits.max_bytes)
    headers = answer.headers
    return Fetched(
        url=url,
        document=document,
        content_type=headers.get("Content-Type", ""),
        etag=_validator(headers.get("ETag", "")),
        last_modified=_validator(headers.get("Last-Modified", "")),
        max_age_s=_max_age(headers.get("Cache-Control", "")),
        moved_to="",
    )


def _validator(header: str) -> str:
    """Give a validator as it came, or none where it is nothing that can be sent back."""
    return header if header.isprintable() else ""


async def _body(answer: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(65_536):
        size += len(part)
        if size > max_bytes:
            raise FetchError(f"The document is larger than {max_bytes / 1e6:g} MB.")
        parts.append(part)
    return b"".join(parts)


def _refusal(answer: aiohttp.ClientResponse) -> FetchError:
    gone = answer.status == HTTPStatus.GONE
    after = retry_after_s(answer.headers.get("Retry-After", ""), clock.now())
    return FetchError(f"It answered {_status(answer.status)}.", after_s=after, gone=gone)


def _status(number: int) -> str:
    """Name a status by the standard's words: the publisher's own may be anything."""
    return f"{number} {HTTPStatus(number).phrase}" if number in KNOWN_STATUSES else str(number)


def retry_after_s(header: str, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3: seconds or a date) as seconds from now."""
    header = header.strip()
    if header.isdecimal():
        return min(float(header[:9]), LONGEST_WAIT_S)
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max((date - now).total_seconds(), 0.0), LONGEST_WAIT_S)


def _max_age(cache_control: str) -> float | None:
    found = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", cache_control, re.IGNORECASE)
    return float(found[1]) if found else None


def _in_words(error: Exception, host: str) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"The host {host} cannot be found."
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLError() | aiohttp.ClientSSLError():
            return f"The certificate of {host} is not trusted, or its encryption does not work."
        case aiohttp.ClientConnectorError():
            return f"{host} cannot be reached ({_reason(error.os_error)})."
        case aiohttp.ServerDisconnectedError():
            return f"{host} closed the connection without an answer."
        case aiohttp.ClientPayloadError():
            return "The document broke off, or is not packed the way the server says."
        case aiohttp.InvalidURL() | ValueError():
            return f"{without_secrets(host)} is no web address."
    return f"{host} could not be read ({type(error).__name__})."


def _reason(error: OSError) -> str:
    # asyncio puts its own text, with the address as a tuple, where the system's reason should stand.
    return os.strerror(error.errno).lower() if error.errno else "no connection"


def _host(url: str) -> str:
    return urlsplit(url).hostname or without_secrets(url)


def without_secrets(url: str) -> str:
    """Give an address without user name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
