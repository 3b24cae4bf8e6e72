"""Say "look now" to a worker: a task by its name, after the commit that made the work.

A nudge is only haste. When the broker is away it is lost without harm: the work is a row in
a state, and the sweep finds it within seconds.
"""

from functools import cache
from time import monotonic

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from subscriptions.broker import CONNECTION, broker_url

log = structlog.get_logger()


REST_S = 2  # after a failure nobody waits for the broker again that soon: the sweeps look as often

_away_until = 0.0


@cache
def _sender() -> Celery:
    app = Celery("tocsin-nudge", broker=broker_url())
    app.conf.update(**CONNECTION)
    app.conf.broker_transport_options |= {"max_retries": 0}  # kombu would try for seconds, and we hurry
    return app


def get_ready_to_nudge() -> None:
    """Find and load what sends messages, which the first nudge would wait for."""
    sender = _sender()
    _ = sender.amqp, sender.backend, sender.connection_for_write().transport


def forget_sender() -> None:
    """Drop the connection, so that the next nudge goes to the broker of the settings as they are then."""
    global _away_until  # noqa: PLW0603 - as below
    _away_until = 0.0
    _sender.cache_clear()


def nudge(task: str, *ids: int, queue: str) -> bool:
    """Ask a worker of `queue` to run `task` with `ids`; say whether the broker took it."""
    global _away_until  # noqa: PLW0603 - one broker a process, like the sender
    if monotonic() < _away_until:
        return False
    try:
        _sender().send_task(task, args=[list(ids)] if ids else [], queue=queue, ignore_result=True)
    except OperationalError as error:
        _away_until = monotonic() + REST_S
        log.warning("broker away, left to the sweep", task=task, error=type(error).__name__)
        return False
    return True
