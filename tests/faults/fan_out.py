"""An alert to thousands of recipients under way in real processes, and the count at its end."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

from subscriptions.alerts import outcomes
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.nudge import nudge
from subscriptions.tables import Alert
from tests.faults.table import NOTED, Row
from tests.processes import Process, Processes
from tests.valkey import ValkeyServer
from worker.rehearsal.crowd import gather, make_alert
from worker.rehearsal.run import Scene

RECIPIENTS = int(os.environ.get("TOCSIN_FAULT_RECIPIENTS", "4000"))  # `make faults` has twenty thousand
MIDDLE = RECIPIENTS // 4  # told when the fault comes
WHOLE = 20_000
# A killed sender may tell twice whom it told since its last checkpoint, and whom it was telling: fewer than
# 200. Where the machine is busy with other tests, sends that take long come on top.
OF_ONE_SENDER = 400 if RECIPIENTS < WHOLE else RECIPIENTS // 100
OF_A_WORKER = OF_ONE_SENDER * 2  # it has two senders
START_LIMIT_S, END_LIMIT_S = 120, 240


class FanOut:
    """Workers and beat are started as a test likes; everything else runs."""

    def __init__(
        self,
        run: Processes,
        valkey: ValkeyServer,
        where: Scene,
        stage: Path,
        note: Callable[[str, object], None],
    ) -> None:
        self.run, self.valkey, self.where, self.stage, self._note = run, valkey, where, stage, note
        self.alert_id = 0
        self._rung_at = 0.0

    def worker(self, concurrency: int = 2) -> Process:
        """Start a push worker."""
        return self.run.start("worker", "--queues", "push,urgent", "--concurrency", str(concurrency))

    def beat(self) -> Process:
        """Start the clock of the sweeps."""
        return self.run.start("beat")

    def ring(self, kind: str = "jsons", *, host: str = "", middle: int = MIDDLE) -> None:
        """Ring an alert, and wait until so many of its recipients are told."""
        far = replace(self.where.far, host=host) if host else self.where.far
        with unit_of_work() as session:
            for _stored in gather(session, far, kind, RECIPIENTS):
                pass
            self.alert_id = make_alert(session)
        self._rung_at = monotonic()
        nudge("push.ring", self.alert_id, queue="push")
        self.run.wait_until(lambda: self.alert().status != "queued", "the alert is laid out", START_LIMIT_S)
        self.run.wait_until(lambda: self.where.count() >= middle, "a quarter is told", START_LIMIT_S)

    def alert(self) -> Alert:
        """Read the alert."""
        with reading() as session:
            return session.get_one(Alert, self.alert_id)

    def said(self, words: str) -> bool:
        """Tell whether one of the processes has logged these words."""
        return any(words in process.said() for process in self.run.running)

    def count(self, fault: str, *, in_the_middle: bool = True) -> Row:
        """Wait until the alert has rung, and count who was missed and who was told twice."""
        if in_the_middle:
            assert self.alert().status == "ringing", "the fault has to come in the middle"
        self.run.wait_until(lambda: self.alert().status == "rung", "the alert has rung", END_LIMIT_S)
        arrived = self.where.report()
        seconds = round(monotonic() - self._rung_at, 1)
        missing = RECIPIENTS - arrived["accepted"]
        row = Row(fault, engine().dialect.name, RECIPIENTS, missing, arrived["twice"], seconds)
        self._note(NOTED, json.dumps(asdict(row)))
        with reading() as session:
            stored: dict[str, Any] = outcomes(session, self.alert())
        assert stored["accepted"] == RECIPIENTS, f"{stored}\n{self.run.logs()}"
        return row


def nobody_missed(row: Row, *, twice: int) -> None:
    """Check a count: `twice` is the most that may have been told again."""
    assert row.missing == 0
    assert row.twice <= twice
