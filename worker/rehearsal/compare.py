"""What the same machine does otherwise: plain Apprise, a task per recipient; raw aiohttp as the limit."""

import asyncio
import json
import multiprocessing
import os
import ssl
import subprocess
import sys
import time
from typing import Any

import aiohttp
import uvloop

from subscriptions.broker import broker_url
from worker.embedded import embedded_valkey
from worker.parent import die_with_parent
from worker.rehearsal.crowd import Far
from worker.rehearsal.plain import plain_addresses
from worker.rehearsal.run import Plan, Scene

NAIVE = 400  # recipients: it is slow, and its pace does not change with their number
LIMIT = 20_000
NAIVE_LIMIT_S = 120.0
LANES = 64
TITLE = "Storm closes the harbour until Friday"
BODY = "All ferries are cancelled and the lighthouse road is closed. Nobody was hurt."


def compare(plan: Plan, where: Scene, result: dict[str, Any]) -> dict[str, Any]:
    """Measure both at the same sink, with as many processes; gives their pace and our ratio to each."""
    naive, limit = _naive(plan, where), _limit(plan, where)
    ours = result["per_second"]
    return {
        "naive_per_second": naive,
        "limit_per_second": limit,
        "ratio_naive": round(ours / naive, 1) if naive else None,
        "ratio_limit": round(ours / limit, 3) if limit else None,
    }


def _naive(plan: Plan, where: Scene) -> float | None:
    valkey = embedded_valkey()
    valkey.start()
    worker = _naive_worker(plan, where)
    try:
        return _tell_naively(plan, where)
    finally:
        worker.kill()
        worker.wait()
        valkey.stop()


def _naive_worker(plan: Plan, where: Scene) -> subprocess.Popen[bytes]:
    command = ["celery", "-A", "worker.rehearsal.naive", "worker", "--queues=naive", "--loglevel=error"]
    with (where.folder / "naive.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [
                sys.executable,
                "-m",
                *command,
                f"--concurrency={plan.workers}",
                "--without-gossip",
                "--without-mingle",
            ],
            env=os.environ | {"TOCSIN_BROKER_URL": broker_url()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread is started here
        )


def _tell_naively(plan: Plan, where: Scene) -> float | None:
    from worker.rehearsal.naive import tell

    before = where.report()["accepted"]
    first = plan.subscribers + 1  # numbers of their own, so that the sink counts them apart
    warm = 20
    for address in plain_addresses(where.far, plan.channel, range(first, first + NAIVE + warm), where.folder):
        tell.delay(address, TITLE, BODY)
    deadline = time.monotonic() + NAIVE_LIMIT_S
    while (report := where.report())["accepted"] < before + NAIVE + warm and time.monotonic() < deadline:
        time.sleep(0.2)
    times = report["times"][before + warm :]
    return _pace(times)


def _pace(times: list[float]) -> float | None:
    return round((len(times) - 1) / (times[-1] - times[0]), 1) if len(times) > 1 else None


def _limit(plan: Plan, where: Scene) -> float | None:
    if plan.channel == "mailtos":
        return None  # it is no HTTP
    spawn = multiprocessing.get_context("spawn")
    lanes = max(LANES, min(500, round(plan.delay_s * 8000)))
    first, share = plan.subscribers + 10_000, LIMIT // plan.workers
    before = where.report()
    processes = [
        spawn.Process(
            target=_post, args=(where.far, str(where.certificate), first + share * each, share, lanes)
        )
        for each in range(plan.workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    times = where.report()["times"][before["accepted"] :]
    return _pace(times)


def _post(far: Far, certificate: str, first: int, count: int, lanes: int) -> None:
    uvloop.run(_post_all(far, certificate, first, count, lanes))


async def _post_all(far: Far, certificate: str, first: int, count: int, lanes: int) -> None:
    body = json.dumps({"version": "1.0", "title": TITLE, "message": BODY, "attachments": [], "type": "info"})
    numbers = iter(range(first, first + count))
    trust = ssl.create_default_context(cafile=certificate)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ssl=trust)) as client:

        async def lane() -> None:
            for number in numbers:
                url = f"https://{far.host}:{far.https}/jsons/{number}"
                async with client.post(
                    url, data=body, headers={"Content-Type": "application/json"}
                ) as answer:
                    await answer.read()

        await asyncio.gather(*(lane() for _ in range(lanes)))
