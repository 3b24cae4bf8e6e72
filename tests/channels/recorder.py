"""The far end of the wire: one loopback port that is every host, in TLS and without, and notes what comes."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.channels.answers import Said, answer_to
from tests.channels.certificate import write_certificate
from tests.channels.recorded import Recorded

TLS_HANDSHAKE = b"\x16"  # the first byte of a ClientHello's record (RFC 8446, 5.1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        self.request.settimeout(10)
        self.tls = self.request.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
        if self.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.server.open.add(self.request)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.server.open.discard(self.request)
        self.request.close()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        request = self._read()
        self.server.recorded.append(request)
        self._answer(answer_to(self.headers.get("Host", ""), self.path))

    def _read(self) -> Recorded:
        headers = tuple(sorted((name.lower(), value) for name, value in self.headers.items()))
        return Recorded(self.tls, self.command, self.path, headers, self._body().decode("latin-1"))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, said: Said) -> None:
        content = said.body
        self.send_response(said.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "seen=yes; Path=/")  # must not come back with the next request
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False  # the seam keeps connections open
    request_queue_size = 128

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recorded: list[Recorded] = []
        self.open: set[socket.socket] = set()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate = write_certificate(folder)
        self.tls.load_cert_chain(self.certificate)

    def hang_up(self) -> None:
        """End the connections that are kept open."""
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        pass  # a client that does not go on is a difference the comparison shows


class Recorder:
    """A running recorder."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port: int = server.server_address[1]
        self.certificate = server.certificate

    def take(self) -> list[Recorded]:
        """Give the requests that came since the last time."""
        taken = list(self._server.recorded)
        del self._server.recorded[: len(taken)]
        return taken


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Run a recorder on a free loopback port."""
    with TemporaryDirectory() as folder, _Server(Path(folder)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield Recorder(server)
        server.shutdown()
        server.hang_up()
