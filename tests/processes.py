"""Real processes of the product, that tests start, kill and always clean up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent


class Process:
    """`tocsin ARGUMENTS` in a session of its own, its output in a file."""

    def __init__(
        self, arguments: list[str], environment: Mapping[str, str], log: Path, module: str = "worker.cli"
    ) -> None:
        self.arguments, self.log = arguments, log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd=log.parent,
            )

    @property
    def pid(self) -> int:
        """The process id of the parent."""
        return self._process.pid

    def children(self) -> list[int]:
        """The process ids of its living children."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(number) for number in listed.split()]

    def kill(self) -> None:
        """Kill -9 the process with all of its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def ask_to_stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the parent."""
        self._process.send_signal(number)

    def exit_code(self, limit_s: float = 30) -> int:
        """Wait for its end."""
        return self._process.wait(limit_s)

    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")


class Processes:
    """All processes of one test."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
        self.environment = ours | {"PYTHONPATH": str(ROOT), "TOCSIN_LOG_FORMAT": "json"} | dict(environment)
        self.folder = folder
        self.running: list[Process] = []
        self.module = "worker.cli"

    def start(self, *arguments: str, **more: str) -> Process:
        """Start `tocsin ARGUMENTS`, with `more` in its environment."""
        log = self.folder / f"{len(self.running)}-{arguments[0]}.log"
        process = Process(list(arguments), self.environment | more, log, self.module)
        self.running.append(process)
        return process

    def logs(self) -> str:
        """The last lines of every process, for the message of a failed test."""
        tails = (f"--- {each.arguments}\n{each.said()[-3000:]}" for each in self.running)
        return "\n".join(tails)

    def wait_until(self, condition: Callable[[], bool], what: str, limit_s: float = 60) -> None:
        """Wait for a condition; fail with what was waited for and the logs."""
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, f"waited {limit_s} s in vain until {what}\n{self.logs()}"
            time.sleep(0.05)


@contextmanager
def processes(environment: Mapping[str, str], folder: Path) -> Iterator[Processes]:
    """Start processes, and kill what is left of them at the end."""
    started = Processes(environment, folder)
    try:
        yield started
    finally:
        for process in started.running:
            process.kill()
