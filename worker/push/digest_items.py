"""What is gathered for a digest, looked at again: what is told, and what becomes of the rest."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.tables import Alert, AlertKind, Delivery
from worker.push.outcome import Outcome
from worker.push.people import people
from worker.push.recipients import Recipient, recipients
from worker.push.replaced import WITHDRAWN, last_follow_up
from worker.push.restrain import ANYBODY, unwanted

Key = tuple[int, int]  # alert and channel
RETIRED = "the channel was retired before its turn came"


class Fate(NamedTuple):
    """A delivery that is told in a digest, by this alert: its own, or the one that corrects it."""

    key: Key
    alert: Alert


def fates(
    session: Session, rows: Mapping[Key, Delivery], found: Mapping[int, Recipient]
) -> tuple[list[Fate], list[tuple[Key, Outcome]]]:
    """Decide for gathered deliveries whose time has come."""
    told: list[Fate] = []
    decided: list[tuple[Key, Outcome]] = []
    ids = {alert_id for alert_id, _channel in rows}
    for alert in session.exec(select(Alert).where(col(Alert.id).in_(ids)).order_by(col(Alert.id))).all():
        channels = [channel for alert_id, channel in rows if alert_id == alert.id and channel in found]
        last = last_follow_up(session, alert)
        reasons = _reasons(session, alert, last, channels)
        for channel in channels:
            key, outcome = (alert.id or 0, channel), reasons.get(channel)
            if outcome is None:
                told.append(Fate(key, last or alert))
            else:
                decided.append((key, outcome))
    return told, decided


def _reasons(session: Session, alert: Alert, last: Alert | None, channels: list[int]) -> dict[int, Outcome]:
    """Give the outcomes of those who are not told of an alert in this digest."""
    if last is not None and last.kind == AlertKind.kill:
        return {each: Outcome(each, "dropped", why=WITHDRAWN, tried=False) for each in channels}
    now, found = clock.now(), recipients(session, alert.id or 0, channels)
    owners = people(session, alert, {recipient.owner for recipient in found})
    outcomes: dict[int, Outcome] = {}
    for recipient in found:
        person, number = owners.get(recipient.owner, ANYBODY), recipient.channel_id
        why = alert.stop_why if last is None else ""
        why = why or ("" if recipient.live else RETIRED)
        if not why and alert.kind == AlertKind.alert:
            why = unwanted(alert.urgency, recipient.follows, person)
        if why:
            outcomes[number] = Outcome(number, "dropped", why=why, tried=False)
        elif (free := person.wants.free(now)) > now:
            held = "Your digest waits until your quiet hours or your pause end."
            outcomes[number] = Outcome(number, "held", why=held, due_at=free, digest=True, tried=False)
    return outcomes
