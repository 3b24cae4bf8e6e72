"""A publisher: a real HTTP server on loopback that serves feeds as publishers do, well and badly."""

import gzip
import hashlib
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    """What a path answers; headers that a publisher would set are made where none are given."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/rss+xml; charset=utf-8"
    validators: bool = True  # ETag, and 304 for who has it
    encoding: str = ""  # "gzip" or "deflate"
    drip_s: float = 0  # seconds between two bytes
    cut_at: int | None = None  # bytes after which the connection is closed


class FeedServer:
    """Serves what a test says, and remembers who asked how."""

    def __init__(self) -> None:
        self.pages: dict[str, Served] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: list[tuple[str, int]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append(
                    (self.path, {name.lower(): value for name, value in self.headers.items()})
                )
                served = server.pages.get(self.path, Served(b"not here", 404, content_type="text/plain"))
                server.answer(self, served)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that leaves in the middle is what some tests are about

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def serve(self, path: str, body: bytes = b"", **how: Any) -> None:
        """Say what a path answers from now on."""
        self.pages[path] = Served(body, **how)

    def url(self, path: str) -> str:
        """Address a path."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def polls(self, path: str) -> int:
        """Count the requests for a path."""
        return sum(asked == path for asked, _headers in self.requests)

    def answered(self, path: str) -> list[int]:
        """List the statuses a path was answered with."""
        return [status for asked, status in self.answers if asked == path]

    def answer(self, handler: BaseHTTPRequestHandler, served: Served) -> None:
        """Send an answer, or 304 to who has it already."""
        tag = f'"{hashlib.sha256(served.body).hexdigest()[:16]}"'
        known = served.validators and handler.headers.get("If-None-Match") == tag
        status = 304 if known and served.status == 200 else served.status
        self.answers.append((handler.path, status))
        body = b"" if status == 304 else _encoded(served.body, served.encoding)
        handler.send_response(status)
        if served.validators and served.status == 200:
            handler.send_header("ETag", tag)
        if served.encoding:
            handler.send_header("Content-Encoding", served.encoding)
        for name, value in ({"Content-Type": served.content_type} | served.headers).items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        _send(handler, body, served)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _encoded(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body)
    return zlib.compress(body) if encoding == "deflate" else body


def _send(handler: BaseHTTPRequestHandler, body: bytes, served: Served) -> None:
    if served.cut_at is not None:
        handler.wfile.write(body[: served.cut_at])
        handler.close_connection = True
    elif served.drip_s:
        for start in range(len(body)):
            handler.wfile.write(body[start : start + 1])
            handler.wfile.flush()
            time.sleep(served.drip_s)
    else:
        handler.wfile.write(body)


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    """Run a publisher on a free loopback port."""
    server = FeedServer()
    try:
        yield server
    finally:
        server.close()
