"""The wire of one process: its event loop, and the HTTP clients and MQTT connections on it."""

import asyncio
import atexit
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

import aiohttp
import certifi
import uvloop

from worker.guard import public_socket
from worker.push.brokers import Brokers
from worker.push.http_lines import Lines

T = TypeVar("T")

IDLE_S = 30.0  # a kept connection without use; most services close theirs after a minute
DNS_S = 60
THREADS = 64  # for plugins that do not speak HTTP; each sends one message at a time


@cache
def trusted() -> ssl.SSLContext:
    """Give whose certificates are trusted; reading them takes as long as a hundred messages."""
    trust = ssl.create_default_context()  # this machine's (SSL_CERT_FILE) ...
    trust.load_verify_locations(certifi.where())  # ... of which a bare machine has none
    return trust


class Wire:
    """Opened at first use, which in a worker is after the fork; kept for the life of the process."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._runner.get_loop().set_default_executor(ThreadPoolExecutor(THREADS, "plugin"))
        self._clients: dict[bool, aiohttp.ClientSession] = {}
        self._lines: dict[bool, Lines] = {}
        self.at_close: list[Callable[[], Coroutine[Any, Any, None]]] = []  # what others have open on it
        self.trust = trusted()
        self.brokers = Brokers(self.trust)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop until it is done."""
        return self._runner.run(work)

    def lines(self, *, private: bool) -> Lines:
        """Give the lines for usual messages; those that may enter private networks are not the others'."""
        if private not in self._lines:
            check = None if private else public_socket
            self._lines[private] = Lines(self.trust, check, idle_s=IDLE_S, names_s=DNS_S)
        return self._lines[private]

    def client(self, *, private: bool) -> aiohttp.ClientSession:
        """Give the client for all other requests, which is as particular about private networks."""
        if private not in self._clients:
            self._clients[private] = self._open(private=private)
        return self._clients[private]

    def forget_names(self) -> None:
        """Look every name up anew."""
        for lines in self._lines.values():
            lines.forget_names()
        for client in self._clients.values():
            if isinstance(client.connector, aiohttp.TCPConnector):
                client.connector.clear_dns_cache()

    def close(self) -> None:
        """Close all connections and the loop."""
        for hang_up in self.at_close:
            self.run(hang_up())
        self.brokers.close()
        for lines in self._lines.values():
            self.run(lines.close())
        for client in self._clients.values():
            self.run(client.close())
        self._runner.close()

    def _open(self, *, private: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # how many are under way is decided for each far end, before
                keepalive_timeout=IDLE_S,
                ttl_dns_cache=DNS_S,
                ssl=self.trust,
                socket_factory=None if private else public_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # no proxies and no .netrc of this machine
            auto_decompress=True,
            skip_auto_headers=("Content-Type",),  # only what a plugin says of its body is said
        )


_of_thread = threading.local()


def wire() -> Wire:
    """Give the wire of this thread, opened at the first call; a worker process sends from one."""
    if not hasattr(_of_thread, "wire"):
        _of_thread.wire = Wire()
        atexit.register(_of_thread.wire.close)
    opened: Wire = _of_thread.wire
    return opened
