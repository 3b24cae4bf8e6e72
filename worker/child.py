"""One child process of `tocsin up`: started, watched, restarted when it dies, stopped."""

import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from worker.parent import die_with_parent

LARGEST_LOG = 10_000_000  # bytes; a larger log starts anew with the process
DEATHS, WITHIN_S = 5, 60.0
STOP_LIMIT_S = 15.0
LAST_LINES = 12


class ChildrenKeepDying(Exception):  # noqa: N818 - it says what happens
    """A child died again and again; the text says which, and its last words."""


class Child:
    """A process with a name, whose output goes to a log of its own."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._start_at = 0.0

    def start(self) -> None:
        """Start the process; it dies with us, even when we are killed."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        too_large = self.log.exists() and self.log.stat().st_size > LARGEST_LOG
        with self.log.open("wb" if too_large else "ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - we start no thread before
                start_new_session=True,  # Ctrl-C on the terminal is for us; we stop children in order
            )

    @property
    def pid(self) -> int:
        """Give the process's id."""
        assert self._process is not None  # noqa: S101 - asked after start
        return self._process.pid

    def look_after(self, say: Callable[[str], None]) -> None:
        """Start the process again if it died; raises ChildrenKeepDying at the fifth time in a minute."""
        now = time.monotonic()
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._process = None
            self._deaths.append(now)
            if len(self._deaths) == DEATHS and now - self._deaths[0] < WITHIN_S:
                raise ChildrenKeepDying(
                    f"{self.name} keeps dying (exit code {code}). Its last words:\n{self._tail()}"
                )
            wait = 2.0 ** (len(self._deaths) - 1)
            self._start_at = now + wait
            say(f"{self.name} ended (exit code {code}); again in {wait:.0f} s. Its log is {self.log}")
        elif now >= self._start_at:
            self.start()

    def _tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    def ask_to_stop(self) -> None:
        """Ask the process to finish what it does and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_until_stopped(self, in_a_hurry: Callable[[], bool]) -> None:
        """Wait for the process to end; kill it when it takes too long or somebody is in a hurry."""
        deadline = time.monotonic() + STOP_LIMIT_S
        while self._process is not None and self._process.poll() is None:
            if in_a_hurry() or time.monotonic() > deadline:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            time.sleep(0.02)
