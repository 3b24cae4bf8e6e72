"""The module `requests` as Apprise's plugins see it: their unchanged, synchronous code on our event loop.

A plugin runs in a greenlet. Where it calls `requests.post`, the greenlet hands the request to the
loop's pooled client and sleeps until the answer is there; meanwhile other plugins run. Each answer
(status, Retry-After, kind of failure) is noted for the send under way, because Apprise itself says
only whether a send went right.
"""

import asyncio
import ssl
import types
from contextlib import suppress
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, NamedTuple

import aiohttp
import requests
from requests.utils import default_headers, get_encoding_from_headers
from yarl import URL

from worker.guard import PrivateAddressError
from worker.push.answer import Answer, Failure
from worker.push.greenlets import await_in_greenlet, in_greenlet
from worker.push.http_line import LARGEST, Answered, BrokenError, GarbledError, SilentError
from worker.push.http_lines import PLAIN_URL, UnreachableError, UntrustedError, written
from worker.push.wire import wire

CONNECT_S, READ_S = 4.0, 10.0
OURS = frozenset({"connection", "content-length", "transfer-encoding"})
FAILURES = (UnreachableError, UntrustedError, BrokenError, SilentError, GarbledError)

answers: ContextVar[list[Answer]] = ContextVar("answers")  # what the send under way was answered
# The loop, for plugins in a thread.
home: ContextVar[asyncio.AbstractEventLoop | None] = ContextVar("home", default=None)
# Whether the send under way may enter private networks; None when there is none.
private: ContextVar[bool | None] = ContextVar("private", default=None)


def note(answer: Answer) -> None:
    """Note an answer to the send under way."""
    with suppress(LookupError):  # a plugin may also ask something when its channel is added
        answers.get().append(answer)


class Requests(types.ModuleType):
    """What a plugin uses of `requests`: its functions are ours, all else is the library's own."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Exchange a request for its answer; the plugin's thread or greenlet waits for it."""
        if in_greenlet():
            return await_in_greenlet(_exchange(method.upper(), url, kwargs))
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - the public one raises
            # A plugin that logs out when it is collected: nobody can wait for it here.
            raise requests.ConnectionError("nobody waits for this request")
        exchange, loop = _exchange(method.upper(), url, kwargs), home.get()
        if loop is None:
            return wire().run(exchange)
        return asyncio.run_coroutine_threadsafe(exchange, loop).result()


def _method(name: str) -> Any:
    def call(self: Requests, url: str, data: Any = None, **kwargs: Any) -> requests.Response:
        return self.request(name, url, data=data, **kwargs)

    return call


for _name in ("get", "post", "put", "patch", "delete", "head", "options"):
    setattr(Requests, _name, _method(_name))

requests_on_the_wire = Requests("requests")


async def _exchange(method: str, url: str, given: dict[str, Any]) -> requests.Response:
    url, headers, body = _prepare(method, url, given)
    request = Request(method, url, headers, body, given.get("verify") is not False, given.get("timeout"))
    return await exchange(request)


class Request(NamedTuple):
    """A request as it goes over the wire; `timeout` in seconds as `requests` takes it, None for ours."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    verify: bool = True
    timeout: Any = None


async def exchange(request: Request) -> requests.Response:
    """Exchange a request for its answer, and note it; raises the errors of `requests`."""
    try:
        response = await _ask(request)
    except PrivateAddressError:
        note(Answer(failure=Failure.private))
        raise requests.ConnectionError(str(Failure.private)) from None
    except (*FAILURES, aiohttp.ClientError, OSError) as error:
        failure = _failure(error)
        note(Answer(failure=failure))
        was_sent = failure in (Failure.no_answer, Failure.garbled)
        raise (requests.ReadTimeout if was_sent else requests.ConnectionError)(str(failure)) from None
    note(Answer.http(response.status_code, "" if response.ok else response.headers.get("Retry-After", "")))
    return response


async def _ask(request: Request) -> requests.Response:
    plain = written(request.method, request.url, request.headers, request.body or b"")
    if plain is None or not request.verify:
        return await _ask_with_care(request)
    connect_s, read_s = _limits(request.timeout)
    answered = await wire().lines(private=bool(private.get())).ask(*plain, connect_s, read_s)
    response = _LineResponse.__new__(_LineResponse)
    vars(response).update(
        answered=answered,
        status_code=answered.status,
        url=request.url,
        raw=None,
        history=[],
        _content_consumed=True,
    )
    return response


async def _ask_with_care(request: Request) -> requests.Response:
    """Ask by the client that knows all that an address and an answer may be."""
    try:
        return await _ask_client(request)
    except (aiohttp.ServerDisconnectedError, ConnectionResetError):
        # Mostly a kept connection that the far end closed at this moment; a fresh one tells.
        return await _ask_client(request)


async def _ask_client(request: Request) -> requests.Response:
    client = wire().client(private=bool(private.get()))
    connect_s, read_s = _limits(request.timeout)
    answer = await client.request(
        request.method,
        URL(request.url, encoded=True),
        headers=request.headers,
        data=request.body,
        ssl=request.verify,
        timeout=aiohttp.ClientTimeout(sock_connect=connect_s, sock_read=read_s),
        allow_redirects=False,
    )
    try:
        return _as_response(answer, await _read(answer))
    finally:
        answer.release()


def _limits(timeout: Any) -> tuple[float, float]:
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return connect or CONNECT_S, read or READ_S


def _prepare(method: str, url: str, given: dict[str, Any]) -> tuple[str, dict[str, str], bytes | None]:
    """Make URL, headers and body as `requests` does; the library itself is asked where it does more."""
    data, headers = given.get("data"), given.get("headers")
    wanted = {name: given[name] for name in ("json", "params", "auth", "files") if given.get(name)}
    simple = data is None or isinstance(data, (str, bytes))
    if simple and not wanted and PLAIN_URL.fullmatch(url):
        sent = _usual() | {name: value for name, value in (headers or {}).items() if value is not None}
        return url, _single(sent), data.encode() if isinstance(data, str) else data
    session = requests.Session()
    session.trust_env = False
    prepared = session.prepare_request(requests.Request(method, url, headers=headers, data=data, **wanted))
    body: Any = prepared.body  # no plugin sends a file or a stream
    return (
        str(prepared.url),
        _single(dict(prepared.headers)),
        body.encode() if isinstance(body, str) else body,
    )


@cache
def _usual() -> dict[str, str]:
    return dict(default_headers())


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _single(headers: dict[str, str | bytes]) -> dict[str, str]:
    """Keep the last of headers that differ in case only; the connection is not the plugin's to choose."""
    return {name: _text(headers[name]) for name in _kept(tuple(headers))}


@lru_cache(maxsize=1000)  # each plugin has its own few
def _kept(names: tuple[str, ...]) -> tuple[str, ...]:
    seen = {name.lower(): name for name in names}
    return tuple(name for lower, name in seen.items() if lower not in OURS)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = b""
    with suppress(aiohttp.ClientError, TimeoutError):  # its status has said all that matters
        while len(content) <= LARGEST and (part := await answer.content.readany()):
            content += part
    if len(content) > LARGEST:
        answer.close()
    return content[:LARGEST]


def _as_response(answer: aiohttp.ClientResponse, content: bytes) -> requests.Response:
    response = _Response.__new__(_Response)
    vars(response).update(
        status_code=answer.status,
        reason=answer.reason or "",
        url=str(answer.url),
        headers=answer.headers,
        raw=None,
        history=[],
        _content=content,
        _content_consumed=True,
    )
    return response


class _Response(requests.Response):
    """An answer that is all there: what its own constructor makes and nobody reads is left out."""

    @property
    def encoding(self) -> str | None:  # type: ignore[override]  # nobody sets it
        return get_encoding_from_headers(self.headers)


class _LineResponse(_Response):
    """An answer that came over a line; what of it nobody asks for is not made out."""

    answered: Answered

    @property
    def headers(self) -> Any:  # type: ignore[override]  # nobody sets it
        return self.answered.headers

    @property
    def reason(self) -> str:  # type: ignore[override]  # nobody sets it
        return self.answered.reason.decode("utf-8", "surrogateescape")

    @property
    def _content(self) -> bytes:  # type: ignore[override]  # nobody sets it
        return self.answered.content


def _failure(error: Exception) -> Failure:
    if isinstance(error, (aiohttp.ConnectionTimeoutError, BrokenError)):
        return Failure.unreachable
    if isinstance(error, (TimeoutError, SilentError)):
        return Failure.no_answer
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError, UntrustedError)):
        return Failure.untrusted
    if isinstance(error, (aiohttp.ClientResponseError, GarbledError)):
        return Failure.garbled
    return Failure.unreachable
