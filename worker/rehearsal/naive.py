"""What a rehearsal is compared with: a Celery task per recipient that calls plain Apprise.

Run as `celery -A worker.rehearsal.naive worker`; nothing of Tocsin's own sending is loaded.
"""

import apprise
from celery import Celery

from subscriptions.broker import CONNECTION, broker_url

QUEUE = "naive"

app = Celery("tocsin-naive", broker=broker_url())
app.conf.update(
    **CONNECTION, task_ignore_result=True, task_default_queue=QUEUE, worker_hijack_root_logger=False
)


@app.task(name="naive.tell")
def tell(url: str, title: str, body: str) -> None:
    """Tell one recipient as the documentation of Apprise shows it."""
    bell = apprise.Apprise()
    bell.add(url)
    bell.notify(title=title, body=body)
