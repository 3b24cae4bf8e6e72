"""The far ends of the wire: an HTTP server that answers as a test says, and a real SMTP server."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.postgres import free_port
from worker.push.smtp import hang_up
from worker.push.wire import wire


@dataclass
class Reply:
    """What the HTTP sink answers: a status of 0 closes the connection without a word."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0
    reason: str | None = None  # in words of its own
    until: threading.Event | None = None  # nothing is answered before


class HttpSink:
    """Counts what arrives by path; `replies` tells what the nth request of a path is answered."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.replies: Callable[[str, int], Reply] = lambda _path, _count: Reply()
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                sink.headers.append({name.lower(): value for name, value in self.headers.items()})
                reply = sink.arrive(self.path, body)
                time.sleep(reply.wait_s)
                if reply.until is not None:
                    reply.until.wait()
                if reply.status == 0:
                    self.close_connection = True
                    return
                self.send_response(reply.status, reply.reason)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that was killed in the middle is what some tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def arrive(self, path: str, body: bytes) -> Reply:
        """Note a request and choose its answer."""
        with self._lock:
            self._seen[path] += 1
            reply = self.replies(path, self._seen[path])
            if reply.status == 200:
                self.received.append((path, json.loads(body or b"{}")))
        return reply

    @property
    def tries(self) -> Counter[str]:
        """Count the requests of each path, whatever they were answered."""
        with self._lock:
            return Counter(self._seen)

    @property
    def accepted(self) -> Counter[str]:
        """Count the requests of each path that were answered 200."""
        with self._lock:
            return Counter(path for path, _body in self.received)

    def url(self, name: str) -> str:
        """Give the Apprise address of one recipient of this sink."""
        return f"json://127.0.0.1:{self._server.server_port}/{name}"

    def ntfy(self, name: str) -> str:
        """Give the address of one recipient of this sink who reads ntfy; all are told at its path "/"."""
        return f"ntfy://127.0.0.1:{self._server.server_port}/{name}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def http_sink() -> Iterator[HttpSink]:
    """Run an HTTP sink on a free loopback port."""
    sink = HttpSink()
    try:
        yield sink
    finally:
        sink.close()


class MailSink:
    """A real SMTP server that keeps what it accepts; `verdict` is its answer to each RCPT TO."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.verdict: Callable[[str], str] = lambda _address: "250 OK"
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        verdict = self.verdict(address)
        if verdict.startswith("250"):
            envelope.rcpt_tos.append(address)
        return verdict

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails += [(address, mail) for address in envelope.rcpt_tos]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """Give the mails to one address."""
        return [mail for recipient, mail in self.mails if recipient == address]

    @property
    def url(self) -> str:
        """Give the value of TOCSIN_MAIL_URL that sends here."""
        return f"mailto://127.0.0.1:{self.port}?from=alerts@news.example&mode=insecure"


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Run an SMTP server on a free loopback port."""
    sink = MailSink()
    sink._controller.start()
    try:
        yield sink
    finally:
        if asyncio._get_running_loop() is None:  # else the loop is a browser driver's
            wire().run(hang_up())
        sink._controller.stop()
