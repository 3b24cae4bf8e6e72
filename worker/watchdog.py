"""A worker that has work waiting and takes none has lost its broker for good: it ends itself.

Whatever runs it (`tocsin up`, Compose) starts another.
"""

import os
import threading
import time
from typing import Any

import structlog
from celery.worker import state

LOOK_EVERY_S = 15
STALLED_S = 60

log = structlog.get_logger()


def stalled(*, waiting: int, active: int, consumed: int, before: int) -> bool:
    """Decide from messages waiting, tasks under way, and tasks taken now and at the last look."""
    return waiting > 0 and active == 0 and consumed == before


def watch(app: Any, queues: list[str]) -> None:
    """Look every 15 seconds, in a thread; end the process after a minute of standing still."""
    threading.Thread(target=_watch, args=(app, queues), daemon=True, name="watchdog").start()


def _watch(app: Any, queues: list[str]) -> None:
    still_s, before = 0, -1
    while still_s < STALLED_S:
        time.sleep(LOOK_EVERY_S)
        consumed = sum(state.total_count.values())
        try:
            standing = stalled(
                waiting=_waiting(app, queues),
                active=len(state.active_requests),
                consumed=consumed,
                before=before,
            )
        except Exception as error:  # noqa: BLE001 - a broker that is away is no reason to end: nothing waits
            log.debug("broker away", error=type(error).__name__)
            standing = False
        still_s, before = (still_s + LOOK_EVERY_S if standing else 0), consumed
    log.error("work waits and none is taken: ending, to be started anew", queues=queues)
    os._exit(70)  # EX_SOFTWARE: threads that hang must not keep us


def _waiting(app: Any, queues: list[str]) -> int:
    with app.connection_for_read() as connection:
        client = connection.default_channel.client
        return sum(int(client.llen(queue)) for queue in queues)
