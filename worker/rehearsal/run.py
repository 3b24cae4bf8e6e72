"""A rehearsal: synthetic subscribers, a sink of our own, one alert through real workers, and the count."""

import json
import multiprocessing
import os
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import col, func, select

from subscriptions import keys
from subscriptions.broker import broker_url
from subscriptions.database import engine, forget_engine, reading, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.migrations import migrate
from subscriptions.nudge import forget_sender, get_ready_to_nudge, nudge
from subscriptions.settings import settings
from subscriptions.tables import Alert, AlertStatus, Shard
from worker.child import Child
from worker.embedded import embedded_valkey
from worker.rehearsal.certificate import make_certificate
from worker.rehearsal.crowd import Far, gather, make_alert
from worker.rehearsal.sink import Faults, serve
from worker.rehearsal.usage import Usage, usage_of

START_LIMIT_S = 60.0
OUTCOMES = ("accepted", "later", "gone", "refused", "unknown", "dropped")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be rehearsed."""

    subscribers: int
    channel: str
    workers: int = 2
    delay_s: float = 0.0
    faults: str = ""
    host: str = "127.0.0.1"
    limit_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a rehearsal takes place: its folder, its far end, and the certificate both trust."""

    folder: Path
    far: Far
    certificate: Path

    def report(self) -> dict[str, Any]:
        """Ask the sink what arrived."""
        report: dict[str, Any] = self._ask("report")
        return report

    def count(self) -> int:
        """Ask the sink how many were told."""
        return int(self._ask("count"))

    def _ask(self, what: str) -> Any:
        trust = ssl.create_default_context(cafile=str(self.certificate))
        url = f"https://{self.far.host}:{self.far.https}/{what}"
        with urllib.request.urlopen(url, context=trust, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def scene(plan: Plan) -> Iterator[Scene]:
    """Set up a folder, an environment and a sink that end with the block; raises Mistake for another host."""
    with (
        TemporaryDirectory(prefix="tocsin-rehearsal-") as name,
        sink_in(Path(name), plan) as where,
        _environment(where),
    ):
        yield where


@contextmanager
def sink_in(folder: Path, plan: Plan) -> Iterator[Scene]:
    """Run a sink that ends with the block, its certificate in `folder`."""
    if not _is_loopback(plan.host):
        raise Mistake(f"{plan.host} is not this machine: a rehearsal sends to 127.0.0.0/8 or ::1 only.")
    certificate = make_certificate(folder, plan.host)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    given = (plan.host, str(certificate), plan.delay_s, Faults.read(plan.faults), theirs)
    sink = spawn.Process(target=serve, args=given, daemon=True)
    sink.start()
    try:
        if not ours.poll(START_LIMIT_S):
            raise Mistake("The rehearsal's sink does not start: see the lines above.")
        ports = ours.recv()
        yield Scene(folder, Far(plan.host, ports["https"], ports["smtps"]), certificate)
    finally:
        sink.kill()
        sink.join()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _environment(where: Scene) -> Iterator[None]:
    """Let this process and its children know nothing but the rehearsal."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("TOCSIN_"):
            del os.environ[name]
    far = where.far
    os.environ |= {
        "TOCSIN_DATA_DIR": str(where.folder),
        "TOCSIN_MAIL_URL": f"mailtos://{far.host}:{far.smtps}?from=alerts@rehearsal.example&mode=ssl",
        "TOCSIN_PUBLIC_URL": "https://rehearsal.example",
        "TOCSIN_LOG_FORMAT": "json",
        "SSL_CERT_FILE": str(where.certificate),
        "REQUESTS_CA_BUNDLE": str(where.certificate),
    }
    _forget_settings()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
        _forget_settings()


def _forget_settings() -> None:
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    forget_sender()
    forget_engine()


def rehearse(plan: Plan, where: Scene, stored: Callable[[int], None]) -> dict[str, Any]:
    """Store the crowd (`stored` hears of each few thousand), ring once, and report."""
    migrate(engine())
    with unit_of_work() as session:
        for count in gather(session, where.far, plan.channel, plan.subscribers):
            stored(count)
    valkey = embedded_valkey()
    valkey.start()
    children = _children(where.folder, plan.workers)
    try:
        for child in children:
            child.start()
        _wait_until_ready(children[0])
        return _ring(plan, where, children[0])
    finally:
        for child in reversed(children):
            child.ask_to_stop()
        for child in reversed(children):
            child.wait_until_stopped(lambda: True)
        valkey.stop()


def _children(folder: Path, workers: int) -> list[Child]:
    environment = os.environ | {"TOCSIN_BROKER_URL": broker_url(), "PYTHONUNBUFFERED": "1"}
    tocsin = [sys.executable, "-m", "worker.cli"]
    roles = {
        "worker": ["worker", "--queues", "push,urgent", "--concurrency", str(workers)],
        "beat": ["beat"],
    }
    return [
        Child(name, [*tocsin, *role], environment, folder / f"{name}.log") for name, role in roles.items()
    ]


def _wait_until_ready(worker: Child) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while " ready." not in worker.log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise Mistake(f"The worker does not start: {worker.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _ring(plan: Plan, where: Scene, worker: Child) -> dict[str, Any]:
    get_ready_to_nudge()  # as whoever rings is, who has read many articles before
    before = usage_of(worker.pid)
    began = time.monotonic()
    with unit_of_work() as session:
        alert_id = make_alert(session)
    nudge("push.ring", alert_id, queue="push")
    alert = _wait_until_rung(alert_id, plan.limit_s)
    took = time.monotonic() - began
    used = usage_of(worker.pid) - before
    return _result(plan, where.report(), alert, began, took) | _cost(plan, used, worker.log, alert_id)


def _wait_until_rung(alert_id: int, limit_s: float) -> Alert:
    deadline = time.monotonic() + limit_s
    while True:
        with reading() as session:
            alert = session.get_one(Alert, alert_id)
        if alert.status == AlertStatus.rung or time.monotonic() > deadline:
            return alert
        time.sleep(0.05)


def _result(plan: Plan, report: dict[str, Any], alert: Alert, began: float, took: float) -> dict[str, Any]:
    times = [at - began for at in report["times"]]

    def until(share: float) -> float | None:
        return round(times[max(0, round(len(times) * share) - 1)], 3) if times else None

    planned = (alert.queued_at - alert.seen_at).total_seconds() if alert.queued_at else None
    gone = sum(
        Faults.read(plan.faults).of(number) in ("gone", "hang") for number in range(1, plan.subscribers + 1)
    )
    return {
        "subscribers": plan.subscribers,
        "channel": plan.channel,
        "workers": plan.workers,
        "delay_ms": round(plan.delay_s * 1000),
        "faults": plan.faults,
        "rung": alert.status == AlertStatus.rung,
        "accepted": report["accepted"],
        "missing": plan.subscribers - gone - report["accepted"],
        "twice": report["twice"],
        "per_second": round(report["accepted"] / times[-1], 1) if times else 0.0,
        "planned_s": planned,
        "t50_s": until(0.5),
        "t90_s": until(0.9),
        "t99_s": until(0.99),
        "t100_s": until(1.0),
        "settled_s": round(took, 3),
        "connections": report["connections"],
        "connections_per_message": round(report["connections"] / max(1, report["tries"]), 5),
    }


def _cost(plan: Plan, used: Usage, log: Path, alert_id: int) -> dict[str, Any]:
    pumped = [line for line in _events(log) if line.get("event") == "pumped"]
    busy_s = sum(line["cpu_s"] for line in pumped)
    with reading() as session:
        sizes = [
            func.coalesce(func.sum(func.length(getattr(Shard, name))), 0) for name in ("audience", *OUTCOMES)
        ]
        stored = sum(session.exec(select(*sizes).where(col(Shard.alert_id) == alert_id)).one())
    return {
        "cpu_us_per_message": round(used.cpu_s / plan.subscribers * 1e6),
        "db_share": round(sum(line["database_s"] for line in pumped) / busy_s, 4) if busy_s else None,
        "memory_mb": round(used.memory_bytes / 1e6),
        "ledger_bytes_per_recipient": round(stored / plan.subscribers, 3),
    }


def _events(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("{"):
            yield json.loads(line)
