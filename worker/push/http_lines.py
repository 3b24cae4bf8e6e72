"""The kept connections of a process to the HTTP servers it sends to, and how one is opened."""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import aiohappyeyeballs

from worker.push.http_line import Answered, BrokenError, Line
from worker.push.http_names import AddressInfo, Names

# `requests` and servers read such an address alike, so it goes over the wire as it stands.
PLAIN_URL = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?(/[A-Za-z0-9._~/=&?:,;@+-]*)")
USUAL_PORTS = {"http": 80, "https": 443}
LARGEST_PORT = 65_535
IPV4 = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
SECOND_FAMILY_S = 0.25  # RFC 8305: IPv4 is tried beside an IPv6 that does not answer
WITHOUT_LENGTH = frozenset({"GET"})  # a method whose requests have no content
METHODS = WITHOUT_LENGTH | {
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
}  # the answer to others has no content, or means more


class UnreachableError(Exception):
    """No connection could be made; nothing was sent."""


class UntrustedError(Exception):
    """The far end's certificate is not trusted; nothing was sent."""


class Origin(NamedTuple):
    """Where requests go."""

    is_tls: bool
    host: str
    port: int
    said: str  # in the Host header


@lru_cache(maxsize=10_000)
def origin_of(scheme: str, host: str, port: str | None) -> Origin | None:
    """Give the origin of an address; None for one that wants more care than a line takes."""
    number = int(port) if port else USUAL_PORTS[scheme]
    last = host.rpartition(".")[2]
    # The resolver takes 127.1 and 0x7f.1 for addresses; a name ends in a label that begins with a letter.
    if not 0 < number <= LARGEST_PORT or not (IPV4.fullmatch(host) or last[:1].isalpha()):
        return None
    return Origin(
        scheme == "https", host, number, host if number == USUAL_PORTS[scheme] else f"{host}:{number}"
    )


def written(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[Origin, bytes] | None:
    """Write a request down, with its origin; None for one that wants more care than a line takes."""
    found = PLAIN_URL.fullmatch(url)
    if found is None or method not in METHODS:
        return None
    scheme, host, port, path = found.groups()
    origin = origin_of(scheme, host, port)
    if origin is None:
        return None
    lines = [f"{method} {path} HTTP/1.1", f"Host: {origin.said}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method not in WITHOUT_LENGTH:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
        return None  # a header that would make two
    return origin, f"{head}\r\n\r\n".encode() + body


class Lines:
    """Lines by origin; who asks takes one that is kept, or opens one."""

    def __init__(
        self,
        trust: ssl.SSLContext,
        make_socket: Callable[[Any], socket.socket] | None,
        *,
        idle_s: float,
        names_s: float,
    ) -> None:
        """`make_socket` checks each address that is connected to; a line idle for `idle_s` is closed."""
        self._trust, self._make_socket, self._idle_s = trust, make_socket, idle_s
        self._names = Names(names_s)
        self._kept: dict[Origin, list[Line]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def ask(self, origin: Origin, request: bytes, connect_s: float, silence_s: float) -> Answered:
        """Exchange a request for its answer.

        Raises what Line.ask does, UnreachableError, UntrustedError, and what `make_socket` raises.
        """
        try:
            return await self._ask(self._take(origin), origin, request, connect_s, silence_s)
        except BrokenError:
            # Mostly a kept connection that the far end closed at this moment; a fresh one tells.
            return await self._ask(None, origin, request, connect_s, silence_s)

    def forget_names(self) -> None:
        """Look every name up anew."""
        self._names.forget()

    async def close(self) -> None:
        """Close all that are kept."""
        for lines in self._kept.values():
            for line in lines:
                line.hang_up()
        self._kept.clear()
        if self._sweeper is not None:
            self._sweeper.cancel()
        await asyncio.sleep(0)  # the loop has them closed

    async def _ask(
        self, line: Line | None, origin: Origin, request: bytes, connect_s: float, silence_s: float
    ) -> Answered:
        if line is None:
            line = await self._open(origin, connect_s)
        answered = await line.ask(request, silence_s)
        if answered.is_kept:
            self._keep(origin, line)
        else:
            line.hang_up()
        return answered

    def _take(self, origin: Origin) -> Line | None:
        kept, now = self._kept.get(origin), asyncio.get_running_loop().time()
        while kept:
            line = kept.pop()  # the one used last is the one least likely closed
            if line.is_open and now - line.idle_since < self._idle_s:
                return line
            line.hang_up()
        return None

    def _keep(self, origin: Origin, line: Line) -> None:
        loop = asyncio.get_running_loop()
        line.idle_since = loop.time()
        self._kept.setdefault(origin, []).append(line)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._idle_s, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle for long."""
        loop = asyncio.get_running_loop()
        self._sweeper, now = None, loop.time()
        for origin, lines in list(self._kept.items()):
            old = [line for line in lines if not line.is_open or now - line.idle_since >= self._idle_s]
            for line in old:
                line.hang_up()
            self._kept[origin] = [line for line in lines if line not in old]
            if not self._kept[origin]:
                del self._kept[origin]
        if self._kept:
            self._sweeper = loop.call_later(self._idle_s, self._sweep)

    async def _open(self, origin: Origin, connect_s: float) -> Line:
        try:
            async with asyncio.timeout(connect_s):
                infos = await self._names.look_up(origin.host, origin.port)
            return await self._connect(origin, infos, connect_s)
        except ssl.SSLError:
            raise UntrustedError from None
        except OSError:  # TimeoutError is one
            raise UnreachableError from None

    async def _connect(self, origin: Origin, infos: list[AddressInfo], connect_s: float) -> Line:
        """Connect to the first address that answers in time; raises what the last one led to."""
        left = list(infos)
        while True:
            try:
                async with asyncio.timeout(connect_s):
                    return await self._connect_to(origin, left)
            except OSError:
                aiohappyeyeballs.pop_addr_infos_interleave(left, 1)
                if not left:
                    raise

    async def _connect_to(self, origin: Origin, infos: list[AddressInfo]) -> Line:
        loop = asyncio.get_running_loop()
        connected = await aiohappyeyeballs.start_connection(
            infos,
            happy_eyeballs_delay=SECOND_FAMILY_S,
            interleave=1,
            loop=loop,
            socket_factory=self._make_socket,
        )
        _transport, line = await loop.create_connection(
            Line,
            sock=connected,
            ssl=self._trust if origin.is_tls else None,
            server_hostname=origin.host if origin.is_tls else None,
        )
        return line
