"""The services of docker-compose.yml, each by its very command, on real PostgreSQL and Valkey.

No container engine is at hand where the suite runs: what differs is the addresses of the two
servers and the ports, which are the machine's instead of the network's of the containers.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from subscriptions import settings
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.sources import add_source
from subscriptions.tables import Alert
from tests.builders import a_channel, a_subscriber, a_topic
from tests.compose import OURS
from tests.feed_server import feed_server
from tests.postgres import PostgresServer, free_port
from tests.processes import ROOT, Processes, processes
from tests.sinks import HttpSink
from tests.valkey import valkey_server

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

WEB_PORT = free_port()


@pytest.fixture
def machines(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Processes]:
    """PostgreSQL and Valkey, and the environment that the file gives each service."""
    postgres.run("CREATE DATABASE many_machines")
    with valkey_server() as valkey:
        given = {
            "TOCSIN_DATABASE_URL": postgres.url("many_machines"),
            "TOCSIN_BROKER_URL": valkey.url,
            "TOCSIN_SECRET_KEYS": "made-up-for-this-test-and-long-enough",
            "TOCSIN_DATA_DIR": str(tmp_path / "data"),
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        settings.settings.cache_clear()
        with processes(given, tmp_path) as run:
            yield run
    engine().dispose()
    postgres.run("DROP DATABASE many_machines WITH (FORCE)")


def start(run: Processes, name: str) -> None:
    """Start a service by its command in the file, with its environment but for the servers' addresses."""
    service = OURS[name]
    addresses = ("TOCSIN_DATABASE_URL", "TOCSIN_BROKER_URL", "TOCSIN_SECRET_KEYS")
    environment = {key: value for key, value in service["environment"].items() if key not in addresses}
    command = [{"0.0.0.0": "127.0.0.1", "8000": str(WEB_PORT)}.get(word, word) for word in service["command"]]
    process = run.start(*command, **environment)
    if name == "migrate":
        assert process.exit_code() == 0, process.said()


def healthy(run: Processes, name: str) -> bool:
    """Run a service's own health check."""
    test = OURS[name]["healthcheck"]["test"]
    if test[0] == "CMD-SHELL":
        script = test[1].replace("$$", "$")
        command = ["sh", "-c", script.replace("celery", f"{sys.executable} -m celery", 1)]
    else:
        command = [sys.executable, *(word.replace(":8000", f":{WEB_PORT}") for word in test[2:])]
    environment = run.environment | {"HOSTNAME": socket.gethostname(), "WORKER": name}
    return (
        subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False).returncode == 0
    )


def item(number: int, title: str) -> str:
    return f"<item><guid>{number}</guid><title>{title}</title><link>http://n.example/{number}</link></item>"


def feed_of(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Herald</title>{''.join(items)}</channel></rss>".encode()


def test_the_chain_works_across_the_services_of_the_compose_file(machines: Processes, sink: HttpSink) -> None:
    start(machines, "migrate")
    with feed_server() as server:
        server.serve("/feed", feed_of(item(1, "Harbour opens")))
        with unit_of_work() as session:
            add_source(session, server.url("/feed"), interval_s=1)
            a_channel(session, a_subscriber(session, a_topic(session, "harbour")), sink.url("ann"))
        for name in ("beat", "watch", "match", "push", "urgent", "web"):
            start(machines, name)
        machines.wait_until(lambda: server.polls("/feed") >= 2, "the feed was polled twice")
        new = [item(2, "Harbour closes for a whale"), item(3, "FLASH: Harbour lighthouse is dark")]
        server.serve("/feed", feed_of(item(1, "Harbour opens"), *new))
        machines.wait_until(lambda: len(sink.received) >= 2, "both alerts have arrived")
        for name in ("web", "watch", "match", "push", "urgent"):
            machines.wait_until(partial(healthy, machines, name), f"{name} is healthy")
    titles = sorted(body["title"] for _path, body in sink.received)
    assert titles == ["FLASH: Harbour lighthouse is dark", "Harbour closes for a whale"]
    passed = {
        process.arguments[2]: process.said()
        for process in machines.running
        if process.arguments[0] == "worker"
    }
    with reading() as session:
        traces = {alert.title: alert.trace for alert in session.exec(select(Alert))}
    ordinary, flash = traces["Harbour closes for a whale"], traces["FLASH: Harbour lighthouse is dark"]
    assert ordinary in passed["push"]
    assert ordinary not in passed["urgent"]
    assert flash in passed["urgent"]
