"""A recipient whose telling kills its sender (a crash in a library, the memory's end), again and again."""

import os
import signal
from contextlib import suppress

import pytest

from subscriptions.alerts import outcomes
from subscriptions.database import reading
from tests.faults.conftest import FAR_END_S, RECIPIENTS, SENDS_AT_ONCE, Rehearsal
from tests.sinks import Reply

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

KILLER = "/reader0"
BUSY = 30  # recipients who are busy at the first attempt
DEATHS = 3  # twice as any shard is told, then one by one


def test_one_that_kills_its_sender_at_the_second_attempt_stops_nobody_either(rehearsal: Rehearsal) -> None:
    worker = rehearsal.worker(concurrency=1)
    rehearsal.beat()

    def reply(path: str, count: int) -> Reply:
        if count == 1 and int(path.removeprefix("/reader")) < BUSY:
            return Reply(503, wait_s=FAR_END_S)
        if path == KILLER:
            for child in worker.children():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        return Reply(wait_s=FAR_END_S)

    rehearsal.sink.replies = reply
    rehearsal.ring()
    rehearsal.run.wait_until(lambda: rehearsal.alert().status == "rung", "the alert has rung", limit_s=60)
    told = rehearsal.sink.tries
    assert told[KILLER] == 1 + DEATHS
    twice = sum(told.values()) - RECIPIENTS - BUSY - (DEATHS - 1)
    assert twice <= (DEATHS - 1) * (SENDS_AT_ONCE - 1), "only those told at the same instants"
    with reading() as session:
        counted = outcomes(session, rehearsal.alert())
    assert (counted["accepted"], counted["unknown"]) == (RECIPIENTS - 1, 1)


def test_a_recipient_that_kills_its_sender_stops_neither_others_nor_the_alert(rehearsal: Rehearsal) -> None:
    worker = rehearsal.worker(concurrency=1)
    rehearsal.beat()

    def reply(path: str, _count: int) -> Reply:
        if path == KILLER:
            for child in worker.children():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        return Reply(wait_s=FAR_END_S)

    rehearsal.sink.replies = reply
    rehearsal.ring()
    rehearsal.run.wait_until(lambda: rehearsal.alert().status == "rung", "the alert has rung", limit_s=60)
    told = rehearsal.sink.tries
    assert len(told) == RECIPIENTS
    assert told[KILLER] == DEATHS
    twice = sum(told.values()) - RECIPIENTS - (DEATHS - 1)
    assert twice <= (DEATHS - 1) * (SENDS_AT_ONCE - 1), "only those told at the same instants"
    with reading() as session:
        counted = outcomes(session, rehearsal.alert())
    assert (counted["accepted"], counted["unknown"]) == (RECIPIENTS - 1, 1)
