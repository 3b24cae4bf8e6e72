"""Deciding for many recipients of an alert at once: whom to tell now, and what becomes of the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from subscriptions import clock
from subscriptions.tables import Alert, AlertKind
from worker.push.outcome import Outcome
from worker.push.people import people
from worker.push.recipients import Recipient
from worker.push.restrain import ANYBODY, Drop, Hold, Person, Send, restrain


class Decided(NamedTuple):
    """Who is told now, and the outcomes of the others."""

    tell: list[Recipient]
    outcomes: list[Outcome]


def decide(
    session: Session,
    alert: Alert,
    found: Sequence[Recipient],
    *,
    held_until: Mapping[int, datetime | None] | None = None,
) -> Decided:
    """Decide for an alert's recipients whose turn has come; `held_until` is by channel, of who was held."""
    owners = people(session, alert, {recipient.owner for recipient in found})
    return sort_out(alert, found, owners, clock.now(), held_until or {})


def sort_out(
    alert: Alert,
    found: Sequence[Recipient],
    owners: Mapping[int, Person],
    now: datetime,
    holds: Mapping[int, datetime | None],
) -> Decided:
    """Decide by what is known of them."""
    decided = Decided([], [])
    known: dict[object, Send | Hold | Drop] = {}  # most recipients are like many others
    for recipient in found:
        person = owners.get(recipient.owner, ANYBODY)
        until = holds.get(recipient.channel_id)
        # By identity: equal ones are read as one object, and hashing takes as long as deciding.
        alike = (id(recipient.follows), recipient.live, id(person), until)
        decision = known.get(alike)
        if decision is None:
            decision = known[alike] = restrain(
                urgency=alert.urgency,
                follows=recipient.follows if alert.kind == AlertKind.alert else None,
                person=person,
                now=now,
                expires_at=expiry(alert, until),
                stopped=alert.stop_why,
                live=recipient.live,
            )
        _sort(decided, recipient, decision)
    return decided


def _sort(decided: Decided, recipient: Recipient, decision: Send | Hold | Drop) -> None:
    channel_id = recipient.channel_id
    if isinstance(decision, Send):
        decided.tell.append(recipient)
    elif isinstance(decision, Drop):
        decided.outcomes.append(Outcome(channel_id, "dropped", why=decision.why, tried=False))
    else:
        until, digest = decision.until, decision.digest
        held = Outcome(channel_id, "held", why=decision.why, due_at=until, digest=digest, tried=False)
        decided.outcomes.append(held)


def expiry(alert: Alert, held_until: datetime | None) -> datetime:
    """Tell until when an alert is news: after it was held, for as long again as if it came at its end."""
    if held_until is None:
        return alert.expires_at
    return max(alert.expires_at, held_until + (alert.expires_at - alert.seen_at))
