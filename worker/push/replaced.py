"""What an admin corrected or withdrew while it was held."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from subscriptions import clock
from subscriptions.corrections import laid_out
from subscriptions.sisters import follow_up
from subscriptions.tables import Alert, AlertKind, AlertStatus
from worker.push.fan_out import lay_out
from worker.push.outcome import Outcome

SOON = timedelta(seconds=10)  # a correction is laid out within a second or two
COMES = "A correction of it is on its way to you."
WITHDRAWN = "It was withdrawn while it was held for you."


def replaced(session: Session, alert: Alert, channels: Sequence[int]) -> dict[int, Outcome]:
    """Decide for channels for which an alert was held, where it was corrected or withdrawn since.

    Who would hear of it only now is told the correction instead, as one more of its recipients.
    """
    last = last_follow_up(session, alert) if channels else None
    if last is None:
        return {}
    if last.kind == AlertKind.kill:
        return {each: Outcome(each, "dropped", why=WITHDRAWN, tried=False) for each in channels}
    if last.status == AlertStatus.queued:  # its own recipients are to be laid out first
        at = clock.now() + SOON
        return {each: Outcome(each, "held", why=COMES, due_at=at, tried=False) for each in channels}
    assert last.id is not None  # noqa: S101 - it came from the database
    more = sorted(set(channels) - set(laid_out(session, last)))  # a sister of it may have told some
    lay_out(session, last.id, more)
    last.recipients += len(more)
    lasts = alert.expires_at - alert.seen_at
    last.expires_at = max(last.expires_at, clock.now() + lasts)  # it is news to those who slept
    session.flush()
    why = f"It was corrected while it was held for you: alert {last.id} is told instead."
    return {each: Outcome(each, "dropped", why=why, tried=False) for each in channels}


def last_follow_up(session: Session, alert: Alert) -> Alert | None:
    """Find the last alert of those that correct or withdraw an alert, one after the other."""
    last = None
    while following := follow_up(session, last or alert):
        last = following
    return last
