"""The doctor looks at the broker, and asks the workers whether they live."""

from collections.abc import Iterator
from typing import Any

from kombu.exceptions import OperationalError

from subscriptions.broker import broker_url
from subscriptions.settings import settings
from worker.celery_app import QUEUES, app
from worker.doctor.finding import Finding, fault, ok

ANSWER_S = 1.5  # a worker in the middle of a task answers as well: remote control has its own thread


def broker() -> Iterator[Finding]:
    """Look at the broker; where it answers, ask which queues have a worker."""
    try:
        with app.connection_for_write(connect_timeout=ANSWER_S) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=ANSWER_S)
        yield ok("broker", "it answers")
        yield from unattended(_attended())
    except (OperationalError, OSError) as error:
        yield fault("broker", f"{_address()} does not answer ({type(error).__name__}): {_way_out()}")


def _attended() -> set[str]:
    answers: dict[str, list[dict[str, Any]]] = app.control.inspect(timeout=ANSWER_S).active_queues() or {}
    return {queue["name"] for queues in answers.values() for queue in queues}


def unattended(attended: set[str]) -> Iterator[Finding]:
    """Find queues that no worker works off."""
    for queue in QUEUES:
        if queue not in attended:
            yield fault(
                "workers", f"No worker of the queue {queue} answers: `tocsin worker --queues {queue}`."
            )
    if attended.issuperset(QUEUES):
        yield ok("workers", "every queue has one")


def _address() -> str:
    return broker_url().rsplit("@", 1)[-1]  # without its password


def _way_out() -> str:
    if settings().broker_url:
        return "start it, or correct TOCSIN_BROKER_URL."
    return "`tocsin up` starts it."
