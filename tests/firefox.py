"""A real Firefox without a screen, driven by its own Marionette protocol."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

PROGRAM = "firefox-esr"
LIMIT_S = 30
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls a reference to an element
PREFERENCES = {
    "marionette.port": 0,
    "alerts.useSystemBackend": False,  # there is no desktop to show them
    "alerts.showFavicons": False,
    "dom.push.connection.enabled": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.retryBaseInterval": 200,
    "dom.webnotifications.actions.enabled": True,
    "security.notification_enable_delay": 0,
    "ui.prefersReducedMotion": 1,  # shown for 20 s, not animated
    # Nobody outside is asked for anything.
    "network.proxy.type": 0,
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "browser.safebrowsing.update.enabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.shell.checkDefaultBrowser": False,
}
T = TypeVar("T")


class Firefox:
    """One run of Firefox on a profile, which may be run again."""

    def __init__(self, profile: Path, **preferences: Any) -> None:
        self._profile, self._numbers = profile, count(1)
        self._wires = ExitStack()
        profile.mkdir(parents=True, exist_ok=True)
        lines = (
            PREFERENCES | {name.replace("__", "."): value for name, value in preferences.items()}
        ).items()
        written = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in lines)
        (profile / "user.js").write_text(written)
        (profile / "MarionetteActivePort").unlink(missing_ok=True)
        ours = {"HOME": str(profile), "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1", "MOZ_CRASHREPORTER_DISABLE": "1"}
        self._process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-remote", "--profile", str(profile), "--marionette",
             "--remote-allow-system-access", "about:blank"],
            env={**os.environ, **ours}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            self._connect()
        except BaseException:
            self.kill()
            raise

    def _connect(self) -> None:
        port = until(self._port, "Firefox listens")
        self._socket = self._wires.enter_context(
            socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
        )
        self._wire = self._wires.enter_context(self._socket.makefile("rb"))
        self._read()
        self.do("WebDriver:NewSession", strictFileInteractability=True)

    def _port(self) -> int:
        with suppress(OSError, ValueError):
            return int((self._profile / "MarionetteActivePort").read_text())
        assert self._process.poll() is None, "Firefox ended at once"
        return 0

    def _read(self) -> Any:
        length = b""
        while (letter := self._wire.read(1)) not in (b":", b""):
            length += letter
        return json.loads(self._wire.read(int(length)))

    def do(self, command: str, **what: Any) -> Any:
        """Send a command of Marionette; gives its result, or fails with what Firefox says."""
        sent = json.dumps([0, next(self._numbers), command, what]).encode()
        self._socket.sendall(b"%d:%s" % (len(sent), sent))
        _kind, _number, error, result = self._read()
        assert error is None, f"{command}: {error['error']}: {error['message']}"
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def open(self, address: str) -> None:
        """Open a page in the tab."""
        self.do("WebDriver:Navigate", url=address)

    def page(self, script: str, *given: Any) -> Any:
        """Run a script in the page, `return` and `await` in it allowed; gives what it returns."""
        waits = (
            "const given = [...arguments], done = given.pop();"
            f"(async () => {{ {script} }})().then(done, (error) => done(String(error)));"
        )
        return self.do("WebDriver:ExecuteAsyncScript", script=waits, args=list(given), sandbox=None)

    def inside(self, script: str, *given: Any) -> Any:
        """Run a script in the browser's own windows."""
        self.do("Marionette:SetContext", value="chrome")
        try:
            return self.do("WebDriver:ExecuteScript", script=script, args=list(given))
        finally:
            self.do("Marionette:SetContext", value="content")

    def click(self, script: str) -> None:
        """Click the element that a script gives."""
        element = self.do("WebDriver:ExecuteScript", script=script, args=[], sandbox=None)
        self.do("WebDriver:ElementClick", id=element[ELEMENT])

    def quit(self) -> None:
        """End as a person ends it: what it knows is stored."""
        self.do("Marionette:Quit", flags=["eForceQuit"])
        self._process.wait(LIMIT_S)

    def kill(self) -> None:
        """End it at once with all of its children."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._wires.close()


def until(look: Callable[[], T], what: str, limit_s: float = LIMIT_S) -> T:
    """Wait until a look gives something; fail with what was waited for and what was seen last."""
    deadline = time.monotonic() + limit_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {limit_s} s in vain until {what}; seen: {seen!r}"
        time.sleep(0.05)
    return seen


@contextmanager
def firefox(profile: Path, **preferences: Any) -> Iterator[Firefox]:
    """Run Firefox; a preference's dots are written as two underscores."""
    running = Firefox(profile, **preferences)
    try:
        yield running
    finally:
        running.kill()


def missing() -> str:
    """Say what to install where Firefox is not there; else ""."""
    return "" if shutil.which(PROGRAM) else f"real pushes are received by Firefox: apt install {PROGRAM}"
