"""The step from deliveries gathered for one time to a digest for each channel."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, func, tuple_, update
from sqlmodel import Session, and_, col, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.counts import counted_link
from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Alert, Delivery, DeliveryStatus, StoryJoin
from worker.push.attempt import Attempt
from worker.push.digest_items import Fate, fates
from worker.push.digest_text import Item, ranked, write_digest
from worker.push.outcome import Outcome
from worker.push.pump import pump
from worker.push.recipients import Recipient, have_refused, leave_page, recipients
from worker.push.settle import delivery_status, judge_channels, mark

CHANNELS = 200  # digests one claim takes
LOOKED_AT = 1000  # deliveries, to find them
TAKES_S = 5.0  # then the process looks what else there is to do
SLOW_TAKES_S = 25.0  # longer while attempts hang: it could not soon anyway
DEADLY = 3  # claims without an outcome after which it is taken for what kills workers

log = structlog.get_logger()

Key = tuple[int, int]  # alert and channel


def deliver_digests() -> int:
    """Tell the digests that are due, for some seconds; tell how many deliveries they were of."""
    taken, until = 0, monotonic() + TAKES_S

    def take(*, idle: bool, slow: bool) -> Claim | None:
        nonlocal taken
        claim = _claim(idle=idle) if monotonic() < until + (SLOW_TAKES_S if slow else 0) else None
        taken += len(claim.open) if claim else 0
        return claim

    pump(take)
    return taken


class Entry(NamedTuple):
    """A delivery and what became of it."""

    key: Key
    outcome: Outcome


@dataclass(slots=True)
class Claim:
    """Digests in our hands until `until`, which is also the mark that their deliveries are ours."""

    alert: Alert  # stands for none: a digest is of many
    open: dict[Key, Delivery]
    until: datetime
    attempts: list[Attempt]
    have_refused: set[int]  # channels
    decided: list[Entry]  # deliveries that are not in the digest after all
    one_by_one: bool = field(default=False, init=False)

    def store(self, outcomes: Sequence[Outcome], *, done: bool, waits: bool) -> bool:
        """Store what became of digests and renew the lease of the others; False when it is lost."""
        entries = [*self.decided, *(entry for outcome in outcomes for entry in self._of(outcome))]
        with unit_of_work(waits=waits) as session:
            ours = self._ours(session, entries)
            _settle(session, [self.open[entry.key] for entry in ours], ours)
            held = {entry.key[1] for entry in ours}
            judge_channels(session, [each for each in outcomes if each.channel_id in held], self.have_refused)
            left = self.open.keys() - {entry.key for entry in entries}
            until, kept = self._renew(session, left) if left and not done else (self.until, True)
        self.until, self.decided = until, []
        self.open = {key: self.open[key] for key in left}
        if not kept:
            log.warning("lease lost, another worker goes on", digests=len({key[1] for key in left}))
        return kept

    def _of(self, outcome: Outcome) -> Iterable[Entry]:
        """Give every delivery of a channel's digest its outcome: what is tried again stays gathered."""
        if outcome.kind == "later":
            outcome = outcome._replace(kind="held", digest=True)
        elif outcome.kind == "accepted":
            outcome = outcome._replace(why="It was told in a digest.", digest=True)
        settled = {entry.key for entry in self.decided}
        for key in self.open:
            if key[1] == outcome.channel_id and key not in settled:
                yield Entry(key, outcome)

    def _ours(self, session: Session, entries: Sequence[Entry]) -> list[Entry]:
        """Lock those that are still ours: our lease may have ended, or their owner been deleted."""
        keys = [entry.key for entry in entries]
        if not keys:
            return []
        rows = select(Delivery.alert_id, Delivery.channel_id).where(_among(keys), self._held())
        ours = set(session.exec(rows.with_for_update(key_share=True)))
        return [entry for entry in entries if entry.key in ours]

    def _held(self) -> ColumnElement[bool]:
        return and_(col(Delivery.status) == DeliveryStatus.gathered, col(Delivery.due_at) == self.until)

    def _renew(self, session: Session, keys: Collection[Key]) -> tuple[datetime, bool]:
        until = clock.now() + timedelta(seconds=settings().lease_s)
        if until - self.until < timedelta(seconds=settings().lease_s / 3):
            return self.until, True
        renewed = update(Delivery).where(_among(keys), self._held()).values(due_at=until)
        kept = renewed.returning(col(Delivery.channel_id)).execution_options(synchronize_session=False)
        return until, len(session.execute(kept).all()) == len(keys)


def _among(keys: Iterable[Key]) -> ColumnElement[bool]:
    return tuple_(col(Delivery.alert_id), col(Delivery.channel_id)).in_(list(keys))


def _settle(session: Session, rows: Sequence[Delivery], entries: Sequence[Entry]) -> None:
    now = clock.now()
    values = [
        {
            "alert_id": entry.key[0],
            "channel_id": entry.key[1],
            "status": delivery_status(entry.outcome) if entry.outcome.kind == "held" else entry.outcome.kind,
            "due_at": entry.outcome.due_at,
            "attempts": row.attempts + (entry.outcome.tried and entry.outcome.kind != "dropped"),
            "answer": entry.outcome.answer or row.answer,
            "why": entry.outcome.why or row.why,
            "deaths": 0,
            "updated_at": now,
        }
        for row, entry in zip(rows, entries, strict=True)
    ]
    if values:
        session.execute(update(Delivery), values)
    by_shard: dict[int, list[Outcome]] = {}
    for row, entry in zip(rows, entries, strict=True):
        by_shard.setdefault(row.shard_id, []).append(entry.outcome)
    for shard_id in sorted(by_shard):
        mark(session, shard_id, by_shard[shard_id])


def _claim(*, idle: bool) -> Claim | None:
    """Take the digests of some channels that are due."""
    with unit_of_work(waits=idle) as session:
        now = clock.now()
        due = and_(col(Delivery.status) == DeliveryStatus.gathered, col(Delivery.due_at) <= now)
        # The first that are due by the index, not the first channels of all that are: of a million digests
        # for eight o'clock each claim would sort the whole million.
        first = select(Delivery.channel_id).where(due).order_by(col(Delivery.due_at)).limit(LOOKED_AT)
        wanted = sorted(set(session.exec(first)))[:CHANNELS]
        if not wanted:
            return None
        until = now + timedelta(seconds=settings().lease_s)
        taken = (
            update(Delivery)
            .where(due, col(Delivery.channel_id).in_(wanted))
            .values(due_at=until, deaths=Delivery.deaths + 1)
            .returning(Delivery)
        )
        rows = {(row.alert_id, row.channel_id): row for row in session.execute(taken).scalars()}
        return _open(session, rows, until)


def _open(session: Session, rows: dict[Key, Delivery], until: datetime) -> Claim:
    stands_for = _no_alert(clock.now())
    found = {each.channel_id: each for each in recipients(session, 0, sorted({key[1] for key in rows}))}
    told, decided = fates(session, rows, found)
    decided += [(key, _deadly(key)) for key, row in rows.items() if row.deaths > DEADLY]
    entries = {key: Entry(key, outcome) for key, outcome in decided}
    items = _items(session, [fate for fate in told if fate.key not in entries])
    attempts = [
        _attempt(stands_for, found[channel], ranked(own), [rows[key] for key in rows if key[1] == channel])
        for channel, own in items.items()
    ]
    return Claim(stands_for, rows, until, attempts, have_refused(found.values()), list(entries.values()))


def _no_alert(now: datetime) -> Alert:
    """Make the alert that stands for those of a digest; it is never stored."""
    times = {"seen_at": now, "matched_at": now, "status_at": now}
    lasts = timedelta(hours=settings().alert_ttl_hours)
    given = {"story_id": 0, "article_id": 0, "version": 1, "title": "", "trace": "digest"}
    return Alert.model_validate(given | times | {"expires_at": now + lasts})


def _deadly(key: Key) -> Outcome:
    why = "its sender died with it three times; parked for an admin"
    return Outcome(key[1], "dropped", why=why, tried=False)


def _items(session: Session, told: Sequence[Fate]) -> dict[int, list[Item]]:
    stories = {fate.alert.story_id for fate in told}
    counted = select(StoryJoin.story_id, func.count()).where(col(StoryJoin.story_id).in_(stories))
    articles = dict(session.exec(counted.group_by(col(StoryJoin.story_id))).all())
    items: dict[int, list[Item]] = {}
    for fate in told:
        alert = fate.alert
        own = (alert.id or 0, alert.story_id, alert.urgency, articles.get(alert.story_id, 0))
        item = Item(*own, alert.title, alert.source_name, alert.link)
        items.setdefault(fate.key[1], []).append(item)
    return items


def _attempt(
    stands_for: Alert, recipient: Recipient, items: Sequence[Item], rows: Sequence[Delivery]
) -> Attempt:
    mail = recipient.scheme == EMAIL
    number = max(row.attempts for row in rows) + 1
    # A digest late for the first time is told all the same; one that fails again and again has an end.
    asked_for = max((row.held_until for row in rows if row.held_until), default=clock.now())
    message = write_digest(
        [each._replace(link=counted_link(each.alert_id, each.link)) for each in items] if mail else items,
        link=settings().site,
        leave=leave_page(recipient),
        expires_at=stands_for.expires_at,
        thread=f"digest-{asked_for:%Y%m%d%H%M}",
        reader=recipient.reads,
    )
    since = asked_for if number > 1 else None
    return Attempt(stands_for, recipient, number, since, message)
