"""What every fault is tried on: real workers and far ends."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from subscriptions import clock, settings
from subscriptions.database import reading, unit_of_work
from subscriptions.nudge import nudge
from subscriptions.tables import Alert
from tests.builders import a_channel, a_subscriber, a_topic, an_alert
from tests.faults.fan_out import FanOut
from tests.processes import Process, Processes, processes
from tests.sinks import HttpSink, Reply
from tests.valkey import ValkeyServer, valkey_server
from worker.rehearsal.run import Plan, sink_in

RECIPIENTS = 1000
MIDDLE = 250  # recipients told when the fault comes
FAR_END_S = 0.02
SENDS_AT_ONCE = 8


class Rehearsal:
    """An alert to a thousand recipients under way in real processes, and the count at its end."""

    def __init__(self, run: Processes, valkey: ValkeyServer, sink: HttpSink) -> None:
        self.run, self.valkey, self.sink = run, valkey, sink
        self.alert_id = 0

    def worker(self, queues: str = "push,urgent", concurrency: int = 1) -> Process:
        """Start a push worker."""
        return self.run.start("worker", "--queues", queues, "--concurrency", str(concurrency))

    def beat(self) -> Process:
        """Start the clock of the sweeps."""
        return self.run.start("beat")

    def ring(self) -> None:
        """Ring an alert, and wait until a quarter of its recipients are told."""
        now = clock.now()
        with unit_of_work() as session:
            topic = a_topic(session)
            for number in range(RECIPIENTS):
                a_channel(session, a_subscriber(session, topic), self.sink.url(f"reader{number}"))
            times: dict[str, Any] = {"seen_at": now, "matched_at": now, "status_at": now}
            alert = an_alert(session, topic, **times, expires_at=now + timedelta(hours=1))
        self.alert_id = alert.id or 0
        nudge("push.ring", self.alert_id, queue="push")
        self.run.wait_until(lambda: len(self.sink.accepted) >= MIDDLE, "a quarter is told")

    def alert(self) -> Alert:
        """Read the alert."""
        with reading() as session:
            return session.get_one(Alert, self.alert_id)


@pytest.fixture
def rehearsal(
    db: str, sink: HttpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> Iterator[Rehearsal]:
    """Everything but workers and beat, which a test starts as it likes."""
    with valkey_server(persistent=False) as valkey:
        monkeypatch.setenv("TOCSIN_BROKER_URL", valkey.url)
        monkeypatch.setenv("TOCSIN_LEASE_S", "3")
        monkeypatch.setenv("TOCSIN_SHARD_CHANNELS", "100")
        monkeypatch.setenv("TOCSIN_SENDS_AT_ONCE", str(SENDS_AT_ONCE))
        settings.settings.cache_clear()
        sink.replies = lambda _path, _count: Reply(wait_s=FAR_END_S)
        ours = {name: value for name, value in os.environ.items() if name.startswith("TOCSIN_")}
        with processes(ours, tmp_path) as run:
            yield Rehearsal(run, valkey, sink)


@pytest.fixture
def far_end(request: pytest.FixtureRequest) -> Plan:
    """How the far end is: a test gives its faults and delay by `indirect` parameters."""
    return Plan(subscribers=0, channel="", **{"delay_s": 0.005} | getattr(request, "param", {}))


@pytest.fixture
def fan_out(
    db: str,
    far_end: Plan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> Iterator[FanOut]:
    """A far end, a broker and a database for an alert to many."""
    assert db
    with valkey_server(persistent=False) as valkey, sink_in(tmp_path, far_end) as where:
        monkeypatch.setenv("TOCSIN_BROKER_URL", valkey.url)
        monkeypatch.setenv("TOCSIN_LEASE_S", "3")
        settings.settings.cache_clear()
        ours = {name: value for name, value in os.environ.items() if name.startswith("TOCSIN_")}
        ours |= {"SSL_CERT_FILE": str(where.certificate), "TOCSIN_STAGE": str(tmp_path)}
        with processes(ours, tmp_path) as run:
            run.module = "tests.faults.staged"
            yield FanOut(run, valkey, where, tmp_path, record_property)
