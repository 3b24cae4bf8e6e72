"""One kept connection to an HTTP/1.1 server, which carries one request after the other.

It does what a pooled client does for the usual message and nothing besides: no redirects, cookies, proxies
or streams. `httptools` (the parser of Node.js) reads the answers. Whatever a far end does, it costs bounded
memory, and each exchange ends: by its answer, by silence, by a limit, or by whoever waits for it.
"""

import asyncio
import zlib
from functools import cached_property
from typing import Any

import httptools
from multidict import CIMultiDict, CIMultiDictProxy

LARGEST_HEAD = 65_536  # bytes before an answer's content
LARGEST = 1_000_000  # bytes of an answer's content, also unpacked; services answer with a few hundred
ANY_PACKING = zlib.MAX_WBITS | 32  # gzip or zlib, as its first bytes say
# What aiohttp, too, forgives in answers: servers that are a little wrong have always been read.
FORGIVEN = {
    "lenient_headers": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
}


class BrokenError(Exception):
    """The connection ended, and nothing of an answer had come."""


class SilentError(Exception):
    """The request was sent, and no answer came in time."""


class GarbledError(Exception):
    """The request was sent, and what came is no answer, or only half of one."""


class Answered:
    """An answer: its status and reason, and its content as far as it is worth reading."""

    def __init__(self) -> None:
        self.status = 0
        self.reason = b""
        self.pairs: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.is_kept = False  # the connection takes another request

    @cached_property
    def headers(self) -> CIMultiDictProxy[str]:
        """Its headers; most of them are never looked at."""
        found: CIMultiDict[str] = CIMultiDict()
        for name, value in self.pairs:
            found.add(name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        return CIMultiDictProxy(found)

    @cached_property
    def content(self) -> bytes:
        """Its content, unpacked; at most LARGEST bytes."""
        content = b"".join(self.parts)[:LARGEST]
        packed = bool(content) and any(name.lower() == b"content-encoding" for name, _value in self.pairs)
        return _unpacked(content) if packed else content


def _unpacked(content: bytes) -> bytes:
    for packing in (ANY_PACKING, -zlib.MAX_WBITS):  # some leave out what deflate begins with
        try:
            return zlib.decompressobj(packing).decompress(content, LARGEST)
        except zlib.error:
            continue
    return content  # what we did not ask for and cannot read; its status has said all that matters


class Line(asyncio.Protocol):
    """The connection; `ask` is called for one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._waiting: asyncio.Future[Answered] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._silence_s = 0.0
        self._answer = Answered()
        self._size = 0  # bytes that came of the answer
        self._has_head = False
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**FORGIVEN)
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        """Say whether it can carry a request, as far as can be known on this side."""
        return not self._transport.is_closing()

    async def ask(self, request: bytes, silence_s: float) -> Answered:
        """Exchange a request for its answer; raises BrokenError, SilentError or GarbledError.

        `silence_s`: how long the far end may say nothing before its answer is there.
        """
        self._answer, self._size, self._has_head, self._silence_s = Answered(), 0, False, silence_s
        waiting: asyncio.Future[Answered] = self._loop.create_future()
        self._waiting = waiting
        self._timer = self._loop.call_later(silence_s, self._note_silence)
        self._transport.write(request)
        try:
            return await waiting
        except asyncio.CancelledError:
            self._end(SilentError())
            raise

    def hang_up(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._waiting is None:  # nobody asked: it must not be taken for the answer to what is asked next
            self.hang_up()
            return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end(GarbledError())
        else:
            self._go_on()

    def eof_received(self) -> None:
        """Let the connection close."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Take what came for the answer if its head was there: its end may be what ends it."""
        del exc  # how it ended makes no difference
        self._end(GarbledError() if self._size else BrokenError())

    def _go_on(self) -> None:
        """Wait for the rest of an answer, if it may be longer still."""
        if self._waiting is None:
            return
        if self._size > LARGEST_HEAD + (LARGEST if self._has_head else 0):
            self._end(GarbledError())
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(self._silence_s, self._note_silence)

    def _note_silence(self) -> None:
        self._end(SilentError())

    def _end(self, problem: Exception) -> None:
        """End the exchange, and the connection: with the answer if its status is known, else as a problem."""
        if self._waiting is not None and self._has_head:
            self._give()
        elif (waiting := self._stop_waiting()) is not None and not waiting.done():
            waiting.set_exception(problem)
        self.hang_up()

    def _give(self, *, is_kept: bool = False) -> None:
        self._answer.is_kept = is_kept
        waiting = self._stop_waiting()
        if waiting is not None and not waiting.done():
            waiting.set_result(self._answer)

    def _stop_waiting(self) -> "asyncio.Future[Answered] | None":
        waiting, self._waiting = self._waiting, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return waiting

    # What the parser finds.

    def on_message_begin(self) -> None:
        """Begin an answer; one that nobody asked for ends the connection."""
        if self._waiting is None:
            self._answer.is_kept = False
            raise GarbledError  # the parser stops at once: the answer before stays as it was given

    def on_status(self, reason: bytes) -> None:
        """Note the words of the status."""
        self._answer.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; those after the content say nothing that anybody asks."""
        if not self._has_head:
            self._answer.pairs.append((name, value))

    def on_headers_complete(self) -> None:
        """Note the status, unless it only says that the answer is to come."""
        self._answer.status = self._parser.get_status_code()
        self._has_head = self._answer.status >= 200  # noqa: PLR2004 - HTTP's number

    def on_body(self, part: bytes) -> None:
        """Keep what the content is made of."""
        self._answer.parts.append(part)

    def on_message_complete(self) -> None:
        """Give the answer; what was not written of the request by now is not going to be read."""
        if not self._has_head:  # 100 Continue and the like
            self._answer = Answered()
        elif self._waiting is not None:
            whole = self._transport.get_write_buffer_size() == 0
            self._give(is_kept=whole and self._parser.should_keep_alive())
