"""`make bench-heard`: "My alerts" and "Why didn't I get it?" of 2,000 alerts, on SQLite.

There are 100,000 subscribers. One alert in twenty is for everybody, the others for one reader in ten. Asked
are one who got many, one who got none and whose shards are all looked into, and what they ask of articles.
Prints a table, and the same as JSON lines to build/bench-heard.jsonl.
"""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from subscriptions import clock
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.heard import find_articles, heard, heard_of, why_did_i_not_hear
from subscriptions.migrations import migrate
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Article,
    ArticleStatus,
    Match,
    Shard,
    ShardStatus,
    Source,
    Story,
    StoryJoin,
    Subscriber,
)
from tests.benchmarks.goal import Goal
from worker.push.fan_out import lay_out
from worker.rehearsal.crowd import gather
from worker.rehearsal.run import Plan, scene

KEPT = Path("build/bench-heard.jsonl")
READERS, ALERTS = 100_000, 2_000
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROUNDS = 50
CLOSE_MS = 100.0
BUSY, SILENT = READERS // 2, READERS // 3  # the reader who got a tenth of all, and one who got nothing


def main() -> None:
    """Store what rang, ask, and print how long it took."""
    clock.now = lambda: NOW
    KEPT.parent.mkdir(exist_ok=True)
    with scene(Plan(READERS, "jsons")) as where, KEPT.open("w") as kept:
        migrate(engine())
        with unit_of_work() as session:
            for _stored in gather(session, where.far, "jsons", READERS):
                pass
            _rang(session)
        for name, ask in _questions().items():
            median, p95, computing = _timed(ask)
            goal = Goal("p95 ms", p95, most=CLOSE_MS)
            row = {"row": name, "median_ms": median, "p95_ms": p95, "computing_ms": computing}
            kept.write(json.dumps(row | {"met": goal.met}) + "\n")
            print(f"{name:<40} median {median:>6} ms, computing {computing:>6} ms, {goal}", flush=True)


def _questions() -> dict[str, Callable[[Session], object]]:
    return {
        "my alerts, of one who got many": lambda session: heard(session, _reader(session, BUSY)),
        "the same, 100 alerts further back": lambda session: heard(
            session, _reader(session, BUSY), ALERTS - 100
        ),
        "my alerts, of one who got none": lambda session: heard(session, _reader(session, SILENT)),
        "one alert": lambda session: heard_of(session, _reader(session, BUSY), [ALERTS]),
        "why not, by link": lambda session: _why(session, "https://news.example/story-1500"),
        "why not, by words of the headline": lambda session: _why(session, "harbour 1500"),
    }


def _why(session: Session, asked: str) -> object:
    (article,) = find_articles(session, asked)
    return why_did_i_not_hear(session, _reader(session, SILENT), article)


def _reader(session: Session, number: int) -> Subscriber:
    return session.get_one(Subscriber, number)


def _timed(ask: Callable[[Session], object]) -> tuple[float, float, float]:
    """Give median and p95, and what this process computed of it, in milliseconds a time."""
    times = []
    computed = time.process_time()
    for _round in range(ROUNDS):
        began = time.perf_counter()
        with reading() as session:
            ask(session)
        times.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(times, n=20)
    computing = (time.process_time() - computed) * 1000 / ROUNDS
    return round(cuts[9], 1), round(cuts[18], 1), round(computing, 1)


def _rang(session: Session) -> None:
    dice = random.Random(7)  # noqa: S311 - the same alerts in each run
    source = Source(url="https://news.example/feed", title="Herald", created_at=NOW, next_poll_at=NOW)
    session.add(source)
    session.flush()
    for number in range(1, ALERTS + 1):
        at = NOW - timedelta(minutes=20 * (ALERTS - number))
        _alert(session, number, at, source.id or 0)
        everybody = number % 20 == 0
        channels = set(
            range(1, READERS + 1) if everybody else dice.sample(range(1, READERS + 1), READERS // 10)
        )
        channels.discard(SILENT)
        if dice.random() < 0.1:
            channels.add(BUSY)
        lay_out(session, number, sorted(channels))
    session.flush()
    for shard in session.exec(select(Shard)):
        shard.accepted, shard.status = shard.audience, ShardStatus.settled


def _alert(session: Session, number: int, at: datetime, source: int) -> None:
    times = {"seen_at": at, "status_at": at}
    title = f"Storm closes harbour {number}"
    link = f"https://news.example/story-{number}"
    given = {
        "title": title,
        "link": link,
        "link_key": link,
        "trace": f"t{number}",
        "summary": "Nobody was hurt.",
    }
    rows: dict[type[SQLModel], dict[str, object]] = {
        Story: {"id": number, "headline": title, "first_seen_at": at, "last_seen_at": at, "version": 1},
        Article: {"id": number, "source_id": source, "identity": f"guid:{number}", **given, **times}
        | {"status": ArticleStatus.matched, "why": "it speaks of Rehearsal, and its story has not rung yet"},
        StoryJoin: {"article_id": number, "story_id": number, "joined_at": at},
        Match: {"article_id": number, "topic_id": 1, "words": ["harbour"], "created_at": at},
        Alert: {
            "id": number,
            "story_id": number,
            "version": 1,
            "article_id": number,
            "title": title,
            "link": link,
        }
        | {
            "matched_at": at,
            "expires_at": at,
            "queued_at": at,
            "first_sent_at": at,
            "status": AlertStatus.rung,
        }
        | {"why": "it speaks of Rehearsal, and its story has not rung yet", **times},
        AlertTopic: {"alert_id": number, "topic_id": 1},
    }
    for table, row in rows.items():
        session.execute(insert(table), [row])


if __name__ == "__main__":
    main()
