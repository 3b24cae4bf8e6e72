"""The whole pipeline on one page: each task opens a step, lets it work, and nudges the next.

    watch.poll -> match.understand -> match.find -> push.ring -> push.deliver
    source        article             article       alert        shard

A message says only "look now"; what is to be done is rows in states. A message that is lost
is made good by the sweeps, one that comes twice finds nothing to do.
"""

from typing import Any

from subscriptions.alerts import queue_for
from subscriptions.nudge import nudge
from worker.celery_app import app
from worker.match.find import find
from worker.push.again import deliver_again
from worker.push.confirm import ask_for_confirmation
from worker.push.digest import deliver_digests
from worker.push.fan_out import fan_out
from worker.push.forget import forget_people, forget_told
from worker.push.send import deliver
from worker.push.settle import close_late
from worker.push.sign_in import mail_links
from worker.sweep import (
    late_alerts,
    late_articles,
    late_channels,
    late_deliveries,
    late_digests,
    late_shards,
    late_sign_ins,
)
from worker.understand.story import understand
from worker.watch.forget import forget
from worker.watch.gather import gather
from worker.watch.poll import poll_due

SHARERS = 200  # processes asked to share an alert's shards
FORGOTTEN = 20  # batches of articles forgotten between two messages of beat
GATHERED = 10  # concordances made between two messages of beat: some seconds of work


@app.task(name="watch.poll")
def poll_sources() -> None:
    """Read the sources that are due; new articles go to be understood."""
    while poll_due(lambda articles: nudge("match.understand", *articles, queue="match")):
        pass


@app.task(name="match.understand")
def understand_articles(article_ids: list[int]) -> None:
    """Give each article its story; then look who wants it."""
    if understood := understand(article_ids):
        nudge("match.find", *understood, queue="match")


@app.task(name="match.find")
def find_topics(article_ids: list[int]) -> None:
    """Find the topics each article speaks of; where that makes an alert, ring it."""
    for alert in find(article_ids):
        nudge("push.ring", alert.id or 0, queue=queue_for(alert.urgency))


@app.task(name="push.ring", bind=True)
def ring_alerts(self: Any, alert_ids: list[int]) -> None:
    """Lay out an alert's recipients in shards, which the workers of the same queue share; take the first."""
    queue = _own_queue(self)
    for alert_id in alert_ids:
        shards = fan_out(alert_id)[:SHARERS]
        at_once = shards[: len(alert_ids) == 1]  # most alerts have but one: nobody has to be asked
        for shard_id in shards[len(at_once) :]:
            nudge("push.deliver", shard_id, queue=queue)
        if at_once:
            _deliver(*at_once, queue=queue)


@app.task(name="push.deliver", bind=True)
def deliver_shards(self: Any, shard_ids: list[int] | None = None) -> None:
    """Tell the recipients of a shard, then those of others; after some seconds go on in a new task."""
    _deliver(*shard_ids or (), queue=_own_queue(self))


@app.task(name="push.again")
def deliver_what_is_due() -> None:
    """Make the attempts whose time has come; after some seconds go on in a new task."""
    if deliver_again() and late_deliveries():
        nudge("push.again", queue="push")


@app.task(name="push.digest")
def deliver_what_was_gathered() -> None:
    """Tell the digests whose time has come; after some seconds go on in a new task."""
    if deliver_digests() and late_digests():
        nudge("push.digest", queue="push")


@app.task(name="push.confirm")
def ask_subscribers(channel_ids: list[int]) -> None:
    """Mail the link by which a new subscriber says yes."""
    ask_for_confirmation(channel_ids)


@app.task(name="push.sign_in")
def mail_sign_in_links(asked_ids: list[int]) -> None:
    """Mail the links that people asked for to sign in by."""
    mail_links(asked_ids)


@app.task(name="match.sweep")
def sweep_articles() -> None:
    """Call again the steps of articles that wait too long."""
    if seen := late_articles("seen"):
        nudge("match.understand", *seen, queue="match")
    if understood := late_articles("understood"):
        nudge("match.find", *understood, queue="match")


@app.task(name="watch.gather")
def gather_words(more: list[int] | None = None) -> None:
    """Make a concordance where one lacks; the next is made in a new task, behind the polls that wait."""
    left = more[0] if more else GATHERED
    if gather() and left > 1:
        nudge("watch.gather", left - 1, queue="watch")


@app.task(name="watch.forget")
def forget_articles(more: list[int] | None = None) -> None:
    """Forget some articles that were kept long enough; the next ones in a new task."""
    left = more[0] if more else FORGOTTEN
    if forget() and left > 1:
        nudge("watch.forget", left - 1, queue="watch")


@app.task(name="push.forget")
def forget_people_and_what_they_were_told(more: list[int] | None = None) -> None:
    """Forget some of what was kept long enough of people; the next ones in a new task."""
    left = more[0] if more else FORGOTTEN
    if (forget_told() | forget_people()) and left > 1:
        nudge("push.forget", left - 1, queue="push")


@app.task(name="push.sweep")
def sweep_alerts(*, urgent: bool) -> None:
    """Call again the steps of alerts, shards, deliveries and confirmations that wait too long."""
    queue = "urgent" if urgent else "push"
    for alert_id in late_alerts(urgent=urgent):
        nudge("push.ring", alert_id, queue=queue)
    for shard_id in late_shards(urgent=urgent):
        nudge("push.deliver", shard_id, queue=queue)
    if not urgent:
        close_late()
    if not urgent and late_deliveries():
        nudge("push.again", queue=queue)
    if not urgent and late_digests():
        nudge("push.digest", queue=queue)
    if not urgent and (waiting := late_channels()):
        nudge("push.confirm", *waiting, queue=queue)
    if not urgent and (asked := late_sign_ins()):
        nudge("push.sign_in", *asked, queue=queue)


def _deliver(*shard_ids: int, queue: str) -> None:
    if deliver(*shard_ids, urgent=queue == "urgent"):
        nudge("push.deliver", queue=queue)


def _own_queue(task: Any) -> str:
    return str((task.request.delivery_info or {}).get("routing_key") or "push")
