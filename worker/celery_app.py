"""The Celery app: its queues, its settings with the reason of each, and what beat does."""

import gc
from typing import Any

from celery import Celery, signals
from kombu.entity import Queue

from subscriptions.broker import CONNECTION, broker_url
from subscriptions.database import leave_connections
from worker import logs
from worker.parent import die_with_parent
from worker.watchdog import watch

# Looking for cycles at each 700 new objects costs a sender a sixth of its time, and finds next to nothing.
GARBAGE = (50_000, 20, 50)
QUEUES = ("watch", "match", "push", "urgent")

app = Celery("tocsin", broker=broker_url(), include=["worker.tasks"])
app.conf.update(
    **CONNECTION,
    task_queues=[Queue(name) for name in QUEUES],
    task_default_queue="match",
    task_ignore_result=True,
    # A message whose whole worker died comes back. One whose pool child died does not: it may be what killed
    # it, and would at once kill the next; the sweep finds its rows some seconds later.
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,  # a waiting task is free for any worker
    worker_enable_remote_control=True,  # off, a broker restart under a full prefetch stalls the worker
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    timezone="UTC",
    beat_max_loop_interval=1,
)


def _every(seconds: float, task: str, queue: str, **kwargs: Any) -> dict[str, Any]:
    # A beat message that nobody took before the next one is due says nothing new: let it go.
    options = {"queue": queue, "expires": max(seconds, 1) * 2}
    return {"task": task, "schedule": seconds, "kwargs": kwargs, "options": options}


app.conf.beat_schedule = {
    "poll what is due": _every(1, "watch.poll", "watch"),
    "articles to forget": _every(60, "watch.forget", "watch"),
    "people to forget": _every(300, "push.forget", "push"),
    "words to gather": _every(20, "watch.gather", "watch"),
    "articles left waiting": _every(2, "match.sweep", "match"),
    "alerts left waiting": _every(2, "push.sweep", "push", urgent=False),
    "urgent alerts left waiting": _every(2, "push.sweep", "urgent", urgent=True),
}


@signals.setup_logging.connect
def _our_logs(**_: object) -> None:
    logs.configure()


@signals.worker_ready.connect
def _keep_watch(sender: Any, **_: object) -> None:
    watch(app, list(sender.app.amqp.queues.consume_from))


@signals.worker_process_init.connect
def _fresh_child(**_: object) -> None:
    die_with_parent()
    leave_connections()
    gc.freeze()  # what was loaded before stays anyway: never look through it again
    gc.set_threshold(*GARBAGE)
