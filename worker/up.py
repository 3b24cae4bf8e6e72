"""`tocsin up`: everything on one machine in one process tree, started in order and stopped in reverse."""

import errno
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import DBAPIError

from subscriptions.broker import broker_url
from subscriptions.database import engine, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.migrations import migrate
from subscriptions.settings import Settings, settings
from subscriptions.web.sign_in import make_link
from worker.bell import Bell, SourceReport
from worker.child import Child, ChildrenKeepDying
from worker.embedded import Valkey, embedded_valkey
from worker.practice import install_practice, silence_practice
from worker.starter import install_starter

READY_LIMIT_S = 60
LOOK_EVERY_S = 0.25
NEXT_PORTS = 20

out = Console(highlight=False, soft_wrap=True)


class Stop:
    """What the person at the terminal asked for: the first Ctrl-C stops, the second kills."""

    def __init__(self) -> None:
        self.asked = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked += 1


def up(*, practice: bool) -> int:
    """Run everything until Ctrl-C or SIGTERM; gives the exit code. Raises Mistake when it cannot start."""
    stop = Stop()
    given = settings()
    data = given.data_dir.absolute()
    out.print(f"[bold]Tocsin {version('tocsin')}[/bold]   data in {data}")
    if not given.broker_url:
        embedded_valkey().check_alone()  # before anything is changed that another one works with
    port = _port(given)
    site = given.public_url.rstrip("/") or f"http://{_shown(given.host)}:{port}"
    _prepare_database(f"http://{_shown(given.host)}:{port}", practice=practice)
    valkey = _start_broker(given)
    children = _children(given, port, site, practice=practice)
    try:
        for child in children:
            child.start()
        _wait_until_ready(given, port, children, stop)
        if not stop.asked:
            _tell_where(given, site)
            _stand_by(children, valkey, stop)
    except ChildrenKeepDying as error:
        out.print(f"[red]{error}[/red]")
        return 3
    finally:
        _stop_all(children, valkey, stop)
        _site_file(given).unlink(missing_ok=True)
    return 0


def _port(given: Settings) -> int:
    """Choose the port: the setting's, or the next free one where nobody asked for that one."""
    for port in range(given.port, given.port + NEXT_PORTS) if given.port else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((given.host, port))
            except PermissionError:
                raise Mistake(
                    f"Port {port} may be opened by root only: set TOCSIN_PORT to 1024 or more."
                ) from None
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise Mistake(
                        f"TOCSIN_HOST is {given.host}, where this machine cannot listen: "
                        "set it to one of its IPv4 addresses, or to 0.0.0.0 for all."
                    ) from None
                if "port" in given.model_fields_set:
                    raise Mistake(
                        f"Port {port} is taken: stop what listens there, or set TOCSIN_PORT to another."
                    ) from None
                continue
            chosen = int(probe.getsockname()[1])
            if chosen != given.port:
                out.print(f"Port {given.port} is taken, using {chosen} (set TOCSIN_PORT to choose)")
            return chosen
    raise Mistake(f"No port from {given.port} on is free: set TOCSIN_PORT to one that is.")


def _prepare_database(local_site: str, *, practice: bool) -> None:
    before, after = migrate(engine())
    url = engine().url.render_as_string(hide_password=True)
    out.print(f"Database   {url}, {'new' if before is None else f'revision {after}'}")
    with unit_of_work() as session:
        topics, sources = install_starter(session)
        if practice:
            install_practice(session, local_site)
        else:
            silence_practice(session)
    if topics:
        out.print(f"           {topics} topics and {sources} public feeds to start with")


def _start_broker(given: Settings) -> Valkey | None:
    if given.broker_url:
        out.print("Broker     as TOCSIN_BROKER_URL says")
        return None
    valkey = embedded_valkey()
    valkey.start()
    out.print(f"Broker     Valkey on {valkey.socket}")
    return valkey


def _children(given: Settings, port: int, site: str, *, practice: bool) -> list[Child]:
    data = given.data_dir.absolute()
    environment = os.environ | {
        "TOCSIN_DATA_DIR": str(data),
        "TOCSIN_BROKER_URL": broker_url(),
        "TOCSIN_PORT": str(port),
        "TOCSIN_PUBLIC_URL": site,
        "TOCSIN_PRACTICE": str(practice).lower(),
        "TOCSIN_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }
    roles = {
        "web": ["web"],
        "match": ["worker", "--queues", "match", "--concurrency", "1"],
        "watch": ["worker", "--queues", "watch", "--concurrency", "1"],
        "push": ["worker", "--queues", "push", "--concurrency", "2"],
        "urgent": ["worker", "--queues", "urgent", "--concurrency", "1"],
        "beat": ["beat"],
    }
    command = [sys.executable, "-m", "worker.cli"]
    return [
        Child(name, [*command, *arguments], environment, data / "logs" / f"{name}.log")
        for name, arguments in roles.items()
    ]


def _wait_until_ready(given: Settings, port: int, children: list[Child], stop: Stop) -> None:
    out.print(f"Starting   {', '.join(child.name for child in children)}")
    deadline = time.monotonic() + READY_LIMIT_S
    while not stop.asked and not _answers(f"http://{_shown(given.host)}:{port}/healthz"):
        for child in children:
            child.look_after(_say)
        if time.monotonic() > deadline:
            log = children[0].log
            raise Mistake(f"The web app does not answer after {READY_LIMIT_S} s: look into {log}.")
        time.sleep(LOOK_EVERY_S)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _tell_where(given: Settings, site: str) -> None:
    _site_file(given).write_text(site)  # for other commands, where it is not what the settings say
    with unit_of_work() as session:
        link = make_link(session, site)
    out.print(f"\nOpen       [bold]{site}/[/bold]")
    out.print(f"Desk       {link}   (signs in once)")
    out.print("Stop       Ctrl-C\n")


def site_under_way(given: Settings) -> str:
    """Give the address of what runs with this data folder, "" where the settings say it or nothing does."""
    try:
        return "" if given.public_url else _site_file(given).read_text()
    except OSError:
        return ""


def _site_file(given: Settings) -> Path:
    return given.data_dir / "site"


def _stand_by(children: list[Child], valkey: Valkey | None, stop: Stop) -> None:
    """Keep everything running, and ring in the terminal."""
    bell, sources = Bell(), SourceReport()
    while not stop.asked:
        for child in children:
            child.look_after(_say)
        if valkey is not None and valkey.has_ended():
            _say("The broker ended; starting it again.")
            valkey.start()
        with suppress(DBAPIError):  # the database is away; what waits for it says so in its log
            for line in (*bell.new_lines(), *sources.new_lines()):
                out.print(line)
        time.sleep(LOOK_EVERY_S)


def _stop_all(children: list[Child], valkey: Valkey | None, stop: Stop) -> None:
    out.print("Stopping   (Ctrl-C again to kill)")
    for child in reversed(children):
        child.ask_to_stop()
    for child in reversed(children):
        child.wait_until_stopped(lambda: stop.asked > 1)
    if valkey is not None:
        valkey.stop()
    out.print("Stopped    all data is kept")


def _say(text: str) -> None:
    out.print(text)


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - what was asked for
