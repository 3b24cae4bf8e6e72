"""The far end of a rehearsal: servers on loopback, in a process of their own, that count what arrives.

They are as light as can be, so that the machine is left to those who send. HTTPS takes a POST to
`/KIND/NUMBER`, or to `/` with a "topic" that ends in the number as ntfy has it; SMTP over TLS takes mails to
`rNUMBER@...`. What a number is answered is decided by the faults asked for. GET /report tells what arrived,
GET /count how many.
"""

import asyncio
import json
import re
import ssl
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import uvloop

from subscriptions.errors import Mistake

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
NUMBER = re.compile(rb"(\d+)\W*$")
NTFY_TOPIC = re.compile(rb'"topic": ?"\D*(\d+)"')
PUSH_TOPIC = re.compile(rb"\r\nTopic: ([\w-]+)", re.IGNORECASE)
RECIPIENT = re.compile(rb"<r(\d+)@")
FAULTS = ("hang", "too_many", "reset", "gone")


@dataclass(slots=True)
class Arrivals:
    """What came: when each recipient's message was first accepted, how often, over how many connections."""

    first: dict[int, float] = field(default_factory=dict)
    accepted: Counter[int] = field(default_factory=Counter)
    topics: dict[int, bytes] = field(default_factory=dict)  # of web pushes
    replaced: int = 0
    tries: int = 0
    connections: int = 0

    def accept(self, number: int, topic: bytes = b"") -> None:
        """Count a message that is answered well; one of the same Topic takes the place of the one before."""
        self.first.setdefault(number, monotonic())
        if topic and self.topics.get(number) == topic:
            self.replaced += 1
            return
        self.topics[number] = topic
        self.accepted[number] += 1

    def report(self) -> dict[str, Any]:
        """Sum up; `times` are the first arrivals in order, in seconds of the machine's monotonic clock."""
        return {
            "accepted": len(self.first),
            "twice": sum(count - 1 for count in self.accepted.values()),
            "replaced": self.replaced,
            "tries": self.tries,
            "connections": self.connections,
            "times": sorted(self.first.values()),
        }


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong at the far end: of each thousand recipients so many ..."""

    hang: int = 0  # are never answered
    too_many: int = 0  # are answered 429 with Retry-After 1, the first time
    reset: int = 0  # have their connection cut instead of an answer, the first time
    gone: int = 0  # are answered 410

    @classmethod
    def read(cls, text: str) -> "Faults":
        """Read `hang:10,reset:1` (percent); raises Mistake for a name or share that is none."""
        given: dict[str, int] = {}
        for part in filter(None, text.split(",")):
            name, _colon, share = part.partition(":")
            if name.strip() not in FAULTS or not re.fullmatch(r"\d{1,2}(\.\d)?|100", share.strip()):
                raise Mistake(
                    f"There is no fault {part!r}: write one of {', '.join(FAULTS)} with its percentage, "
                    "as in hang:10,reset:1."
                )
            given[name.strip()] = round(float(share) * 10)
        return cls(**given)

    def of(self, number: int) -> str:
        """Name what goes wrong for a recipient, "" for nothing; the same each time."""
        place = number * 7919 % 1000
        for name in FAULTS:
            if place < getattr(self, name):
                return name
            place -= getattr(self, name)
        return ""


class Sink:
    """What the servers share."""

    def __init__(self, delay_s: float, faults: Faults) -> None:
        self.arrivals = Arrivals()
        self._delay_s = delay_s
        self._faults = faults
        self._failed: set[int] = set()

    def arrive(self, number: int, well: bytes, transport: Any, topic: bytes = b"") -> None:
        """Take a message and answer it, `well` if nothing is to go wrong."""
        self.arrivals.tries += 1
        fault = self._faults.of(number)
        if fault in ("too_many", "reset") and number in self._failed:
            fault = ""
        if fault:
            self._failed.add(number)
            _fail(fault, transport)
            return
        self.arrivals.accept(number, topic)
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, transport.write, well)
        else:
            transport.write(well)


def _fail(fault: str, transport: Any) -> None:
    if fault == "too_many":
        transport.write(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
    elif fault == "gone":
        transport.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
    elif fault == "reset":
        transport.abort()


class _Http(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._sink.arrivals.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            whole = end + 4 + _length(head)
            if len(self._received) < whole:
                return
            body, self._received = self._received[end + 4 : whole], self._received[whole:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path in (b"/report", b"/count"):
            arrivals = self._sink.arrivals
            told = arrivals.report() if path == b"/report" else len(arrivals.first)
            report = json.dumps(told).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(report) + report)
            return
        found = NTFY_TOPIC.search(body) if path == b"/" else NUMBER.search(path)
        number = int(found[1]) if found else -1
        if path.startswith(b"/webpush/"):
            topic = PUSH_TOPIC.search(head)
            self._sink.arrive(number, CREATED, self._transport, topic[1] if topic else b"")
        else:
            self._sink.arrive(number, OK, self._transport)


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class _Smtp(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._received = b""
        self._recipient = -1
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._sink.arrivals.connections += 1
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]  # it is a transport that writes

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            ending = b"\r\n.\r\n" if self._in_data else b"\r\n"
            end = self._received.find(ending)
            if end < 0:
                return
            line, self._received = self._received[:end], self._received[end + len(ending) :]
            if self._in_data:
                self._in_data = False
                self._sink.arrive(self._recipient, b"250 OK\r\n", self._transport)
            else:
                self._command(line)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self._transport.write(b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n")
        elif verb == b"DATA":
            self._in_data = True
            self._transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            if verb == b"RCPT" and (number := RECIPIENT.search(line)):
                self._recipient = int(number[1])
            self._transport.write(b"250 OK\r\n")


def serve(host: str, certificate: str, delay_s: float, faults: Faults, tell: Any) -> None:
    """Serve until killed; `tell` (a pipe's end) gets the ports: {"https", "smtps"}."""
    uvloop.run(_serve(host, certificate, Sink(delay_s, faults), tell))


async def _serve(host: str, certificate: str, sink: Sink, tell: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"host": host, "port": 0, "ssl": context, "backlog": 2000}
    https = await loop.create_server(lambda: _Http(sink), **options)
    smtps = await loop.create_server(lambda: _Smtp(sink), **options)
    tell.send({"https": https.sockets[0].getsockname()[1], "smtps": smtps.sockets[0].getsockname()[1]})
    await asyncio.Event().wait()
