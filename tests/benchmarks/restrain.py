"""`make bench-restrain`: 100,000 subscribers with mixed preferences, a flash and an ordinary alert.

Each recipient is decided for, shard by shard, as senders do; what came of them is counted beside a plain SQL
reference. Prints a table, and the same as JSON lines to build/bench-restrain.jsonl.
"""

import json
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, text, update
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.local_time import minute_of_day
from subscriptions.migrations import migrate
from subscriptions.tables import (
    Alert,
    Mute,
    Preferences,
    Shard,
    ShardStatus,
    Subscriber,
    Subscription,
)
from subscriptions.wants import Cadence, zone
from tests.benchmarks.goal import Goal
from worker.push.deciding import sort_out
from worker.push.fan_out import fan_out, lay_out
from worker.push.ledger import unpack
from worker.push.outcome import Outcome
from worker.push.people import people
from worker.push.recipients import recipients
from worker.rehearsal.crowd import Far, gather, make_alert
from worker.rehearsal.run import Plan, scene

KEPT = Path("build/bench-restrain.jsonl")
MANY = 100_000
NOW = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "UTC", "America/Santiago")
EARLIER = 2  # alerts that everybody had that day
CLOSE_US = 10.0

REFERENCE = """
WITH person AS (
    SELECT s.id, p.subscriber_id IS NOT NULL AS chose, p.quiet_begin AS b, p.quiet_end AS e,
        p.quiet_days AS days, COALESCE(p.through, 1) AS through, COALESCE(p.threshold, 8) AS threshold,
        p.cap, p.pause_until, f.cadence, z.minute, z.today, z.before,
        m.subscriber_id IS NOT NULL AS muted
    FROM subscriber s JOIN subscription f ON f.subscriber_id = s.id
    JOIN zone z ON z.name = s.time_zone
    LEFT JOIN preferences p ON p.subscriber_id = s.id
    LEFT JOIN mute m ON m.subscriber_id = s.id AND m.story_id = :story
    WHERE f.threshold >= :urgency
), decided AS (
    SELECT CASE
        WHEN muted OR threshold < :urgency THEN 'left out'
        WHEN pause_until > :now THEN 'gathered'
        WHEN :urgency <= through THEN 'sent'
        WHEN cadence != 'at_once' THEN 'gathered'
        WHEN b < e AND minute >= b AND minute < e AND (days & today) != 0 THEN 'held'
        WHEN b > e AND minute >= b AND (days & today) != 0 THEN 'held'
        WHEN b > e AND minute < e AND (days & before) != 0 THEN 'held'
        WHEN cap <= :earlier THEN 'gathered'
        ELSE 'sent' END AS what
    FROM person
) SELECT what, COUNT(*) FROM decided GROUP BY what
"""


def main() -> None:
    """Decide for a flash and for an ordinary alert; print what it took and what came of it."""
    clock.now = lambda: NOW
    KEPT.parent.mkdir(exist_ok=True)
    with scene(Plan(MANY, "jsons")) as where, KEPT.open("w") as kept:
        migrate(engine())
        with unit_of_work() as session:
            _people(session, where.far)
            _earlier(session)
        for name, urgency in (("flash", 1), ("ordinary", 5)):
            result, goals = _ring(urgency)
            line = {"row": name, **result, "met": all(goal.met for goal in goals)}
            kept.write(json.dumps(line) + "\n")
            print(f"{name:<9} {result['counts']}  " + "  ".join(str(goal) for goal in goals), flush=True)


def _people(session: Session, far: Far) -> None:
    """Store the subscribers: of ten, four chose nothing, the others something of everything."""
    for _stored in gather(session, far, "jsons", MANY):
        pass
    dice = random.Random(7)  # noqa: S311 - the same people in each run
    chose = [number for number in range(1, MANY + 1) if number % 10 >= 4]
    session.execute(insert(Preferences), [_preferences(number, dice) for number in chose])
    zones = [{"id": number, "time_zone": dice.choice(ZONES)} for number in chose]
    session.execute(update(Subscriber), zones)
    cadences = [dice.choices(list(Cadence), (8, 1, 1))[0] for _number in chose]
    session.execute(
        update(Subscription),
        [
            {"subscriber_id": number, "topic_id": 1, "cadence": cadence, "threshold": dice.choice((8, 8, 4))}
            for number, cadence in zip(chose, cadences, strict=True)
        ],
    )


def _preferences(number: int, dice: random.Random) -> dict[str, Any]:
    quiet = dice.random() < 0.6
    night = (dice.choice((1260, 1320, 1380, 480)), dice.choice((360, 420, 450, 540)))
    return {
        "subscriber_id": number,
        "quiet_begin": night[0] if quiet else None,
        "quiet_end": night[1] if quiet else None,
        "quiet_days": dice.choice((127, 31, 96)),
        "through": dice.choice((1, 1, 1, 2, 0)),
        "threshold": dice.choice((8, 8, 8, 4, 2)),
        "cap": dice.choice((None, None, 1, 2, 3, 10)),
        "pause_until": NOW + timedelta(hours=dice.choice((-5, 50))) if dice.random() < 0.1 else None,
    }


def _earlier(session: Session) -> None:
    """Let everybody have had some alerts a few minutes ago."""
    for number in range(EARLIER):
        alert = _alert(session, number + 1)
        alert.queued_at = NOW - timedelta(minutes=5)
        session.flush()
        for shard_id in _laid_out(session, alert):
            shard = session.get_one(Shard, shard_id)
            shard.accepted, shard.status = shard.audience, ShardStatus.settled


def _laid_out(session: Session, alert: Alert) -> list[int]:
    lay_out(session, alert.id or 0, list(range(1, MANY + 1)))
    return [number for number in session.exec(select(Shard.id).where(Shard.alert_id == alert.id)) if number]


def _alert(session: Session, number: int) -> Alert:
    """Store an alert of a source and a story of its own."""
    alert = session.get_one(Alert, make_alert(session, f"http://rehearsal{number}.example/feed"))
    muted = range(number, MANY, 97)
    session.execute(
        insert(Mute),
        [{"subscriber_id": each, "story_id": alert.story_id, "created_at": NOW} for each in muted],
    )
    return alert


def _ring(urgency: int) -> tuple[dict[str, Any], list[Goal]]:
    with unit_of_work() as session:
        alert = _alert(session, 100 + urgency)
        alert.urgency = urgency
        alert_id, story = alert.id or 0, alert.story_id
    shards = fan_out(alert_id)
    counts: Counter[str] = Counter()
    took, read, opened, decided = 0.0, 0.0, 0.0, 0
    for shard_id in shards:
        with reading() as session:
            began = time.perf_counter()
            alert, shard = session.get_one(Alert, alert_id), session.get_one(Shard, shard_id)
            found = recipients(session, alert_id, list(unpack(shard.audience)))
            between = time.perf_counter()
            owners = people(session, alert, {recipient.owner for recipient in found})
            known = time.perf_counter()
            result = sort_out(alert, found, owners, NOW, {})
            took += time.perf_counter() - known
            read += known - between
            opened += between - began
        decided += len(found)
        counts["sent"] += len(result.tell)
        counts.update(_name(outcome) for outcome in result.outcomes)
    with unit_of_work() as session:  # it would count for the next one
        session.execute(delete(Shard).where(col(Shard.alert_id) == alert_id))
    counts["left out"] += MANY - decided - _below(urgency)
    reference = _reference(urgency, story)
    us = round(took / decided * 1e6, 2)
    shown = {"counts": dict(sorted(counts.items())), "reference": reference, "decided": decided}
    reading_us = round(read / decided * 1e6, 2)
    shown |= {"us_opening": round(opened / decided * 1e6, 2), "us_reading": reading_us, "us_a_decision": us}
    print(f"{'':<9} us for a recipient: {shown['us_opening']} its channel and topics, {reading_us} its wants")
    return shown, [
        Goal("us a decision", us, most=CLOSE_US),
        Goal("counts unlike the reference", sum((Counter(reference) - counts).values()), most=0),
    ]


def _name(outcome: Outcome) -> str:
    return "gathered" if outcome.digest else {"dropped": "left out"}.get(outcome.kind, outcome.kind)


def _below(urgency: int) -> int:
    with reading() as session:
        below = select(Subscription.subscriber_id).where(col(Subscription.threshold) < urgency)
        return len(session.exec(below).all())


def _reference(urgency: int, story: int) -> dict[str, int]:
    """Count by plain SQL what is to become of them."""
    with unit_of_work() as session:
        session.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS zone (name, minute, today, before)"))
        session.execute(text("DELETE FROM zone"))
        for name in ZONES:
            local = NOW.astimezone(zone(name))
            bits = {"today": 1 << local.weekday(), "before": 1 << (local.weekday() - 1) % 7}
            row = {"name": name, "minute": minute_of_day(local), **bits}
            session.execute(text("INSERT INTO zone VALUES (:name, :minute, :today, :before)"), row)
        now = NOW.replace(tzinfo=None).isoformat(" ") + ".000000"
        given = {"story": story, "urgency": urgency, "earlier": EARLIER, "now": now}
        rows = session.execute(text(REFERENCE), given).all()
        return {what: int(count) for what, count in sorted(rows)}


if __name__ == "__main__":
    main()
