"""`make bench-push`: the push engine beside plain Apprise, pywebpush and raw aiohttp, each row in one run.

Prints a table, and the same as JSON lines to build/bench-push.jsonl. Rows can be chosen by name:
`python -m tests.benchmarks.push https delay`.
"""

import json
import math
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from subscriptions.database import engine, unit_of_work
from subscriptions.migrations import migrate
from tests.benchmarks.goal import Goal
from tests.benchmarks.web_push_peers import apprise_vapid_per_second, pywebpush_per_second
from worker.push.fan_out import fan_out
from worker.rehearsal.compare import compare
from worker.rehearsal.crowd import gather, make_alert
from worker.rehearsal.run import Plan, rehearse, scene

KEPT = Path("build/bench-push.jsonl")
MANY = 20_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)


def run(plan: Plan, *, beside: bool = False) -> dict[str, Any]:
    """Rehearse; with `beside`, plain Apprise and raw aiohttp in the same run."""
    with scene(plan) as where:
        result = rehearse(plan, where, lambda _count: None)
        return result | (compare(plan, where, result) if beside else {})


def https() -> tuple[dict[str, Any], list[Goal]]:
    """A generic HTTPS channel, a far end that answers at once."""
    result = run(Plan(2 * MANY, "jsons"), beside=True)
    return result, [
        Goal("x naive", result["ratio_naive"], least=15),
        Goal("of raw aiohttp", result["ratio_limit"], least=0.45),
        Goal("connections a message", result["connections_per_message"], most=0.02),
        Goal("share of the database", result["db_share"], most=0.1),
        Goal("ledger, bytes a recipient", result["ledger_bytes_per_recipient"], most=1),
    ]


def delay() -> tuple[dict[str, Any], list[Goal]]:
    """The same with a far end that takes 50 ms, one sending process on either side."""
    result = run(Plan(MANY, "jsons", workers=1, delay_s=0.05), beside=True)
    return result, [
        Goal("x naive", result["ratio_naive"], least=100),
        Goal("connections a message", result["connections_per_message"], most=0.02),
    ]


def webpush() -> tuple[dict[str, Any], list[Goal]]:
    """Web push, each message encrypted for a browser of its own; peers with as many processes."""
    plan = Plan(2 * MANY, "webpush")
    with scene(plan) as where:
        before = pywebpush_per_second(where, plan.workers)
    with scene(plan) as where:
        result = rehearse(plan, where, lambda _count: None)
        # Before and after: a machine whose pace changes meanwhile is to favour neither.
        pywebpush = (before + pywebpush_per_second(where, plan.workers)) / 2
        vapid = apprise_vapid_per_second(where, plan.workers)
    ours = result["per_second"]
    result |= {"vapid_per_second": vapid, "pywebpush_per_second": pywebpush}
    return result, [
        Goal("x Apprise's vapid://", round(ours / vapid, 1), least=15),
        Goal("x pywebpush", round(ours / pywebpush, 1), least=10),
    ]


def mail() -> tuple[dict[str, Any], list[Goal]]:
    """E-mail over TLS."""
    result = run(Plan(MANY, "mailtos"), beside=True)
    return result, [
        Goal("x naive", result["ratio_naive"], least=15),
        Goal("connections a message", result["connections_per_message"], most=0.02),
    ]


def hanging() -> tuple[dict[str, Any], list[Goal]]:
    """One recipient in ten is never answered: how much later the last good one is told.

    Each costs a connection of its own, which at many thousands is what it takes longer.
    """
    plan = Plan(MANY // 4, "jsons")
    well, ill = run(plan), run(replace(plan, faults="hang:10"))
    late = round(ill["t100_s"] - well["t100_s"] * ill["accepted"] / well["accepted"], 3)
    return ill | {"late_s": late}, [Goal("s late", late, most=1)]


def plan_million() -> tuple[dict[str, Any], list[Goal]]:
    """Lay out an alert to a million."""
    plan = Plan(1_000_000, "jsons")
    with scene(plan) as where:
        migrate(engine())
        with unit_of_work() as session:
            for _stored in gather(session, where.far, plan.channel, plan.subscribers):
                pass
            alert_id = make_alert(session)
        began = time.monotonic()
        shards = len(fan_out(alert_id))
        took = round(time.monotonic() - began, 2)
    return {"subscribers": plan.subscribers, "shards": shards, "planned_s": took}, [
        Goal("s to plan 1,000,000", took, most=5)
    ]


def scale() -> tuple[dict[str, Any], list[Goal]]:
    """CPU time from a thousand to a million recipients: the exponent of a power law through them."""
    costs = {size: run(Plan(size, "jsons"))["cpu_us_per_message"] for size in SIZES}
    exponent = round(_slope([(math.log(n), math.log(n * cost)) for n, cost in costs.items()]), 3)
    return {"cpu_us_per_message": costs, "exponent": exponent}, [
        Goal("exponent", exponent, least=0.95, most=1.05)
    ]


def _slope(points: list[tuple[float, float]]) -> float:
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _b in points)


Row = Callable[[], tuple[dict[str, Any], list[Goal]]]
ROWS: dict[str, Row] = {
    "https": https,
    "delay": delay,
    "webpush": webpush,
    "mail": mail,
    "hanging": hanging,
    "plan": plan_million,
    "scale": scale,
}


def main(names: list[str]) -> None:
    """Run the rows asked for, or all of them."""
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("w") as kept:
        for name, result, goals in _rows(names or list(ROWS)):
            kept.write(json.dumps({"row": name, **result, "met": all(goal.met for goal in goals)}) + "\n")
            kept.flush()
            pace = f"{result['per_second']:>9,.0f}/s" if "per_second" in result else " " * 11
            print(
                f"{name:<9}{pace}  " + "\n                      ".join(str(goal) for goal in goals),
                flush=True,
            )


def _rows(names: list[str]) -> Iterator[tuple[str, dict[str, Any], list[Goal]]]:
    # A process for each row: what one opened or learnt is not to speed up or spoil the next.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as processes:
        for name in names:
            result, goals = processes.submit(ROWS[name]).result()
            yield name, result, goals


if __name__ == "__main__":
    main(sys.argv[1:])
