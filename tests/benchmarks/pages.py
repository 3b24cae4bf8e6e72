"""`make bench-pages`: how long each page takes with 100,000 subscribers on SQLite.

A real web app in a process of its own answers one request after the other, each of another person. Prints a
table, and the same as JSON lines to build/bench-pages.jsonl.
"""

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from subscriptions import clock
from subscriptions.channels import read_address
from subscriptions.database import engine, forget_engine, unit_of_work
from subscriptions.keys import sealer, secret_keys, signer, stamp
from subscriptions.leave_links import leave_path
from subscriptions.migrations import migrate
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Article,
    ArticleStatus,
    Channel,
    ChannelStatus,
    FeedLink,
    Match,
    Preferences,
    Shard,
    ShardStatus,
    Source,
    Story,
    StoryJoin,
    Subscriber,
    Subscription,
    Topic,
)
from subscriptions.web.sign_in import COOKIE as DESK_COOKIE
from tests.benchmarks.goal import Goal
from worker.push.ledger import pack
from worker.watch.gather import gather

KEPT = Path("build/bench-pages.jsonl")
PEOPLE, TOPICS, ALERTS, ARTICLES, SHARD = 100_000, 300, 2_000, 20_000, 500
ROUNDS = 60
CLOSE_MS = 100.0
ROWS = 10_000  # an INSERT
WORDS = ("storm", "harbour", "election", "volcano", "flood", "strike", "summit", "fire", "quake", "ferry")
PAGES = (
    *(
        "/",
        "/topics/topic-7",
        "/topics/topic-7/feed.atom",
        "/topics/topic-7/feed.json",
        "/api/box?topic=topic-7",
    ),
    *("/unsubscribe/{unsubscribe}", "{leave}", "/me/sign-in"),
    *("/me", "/me/topics", "/me/topics?q=topic+1", "/me/topics/own", "/me/topics/own?q=volcano+ferry"),
    *(
        "/me/alerts",
        "/me/alerts/{alert}",
        "/me/why",
        "/me/why?q={article}",
        "/me/why?q=https://news.example/{article}",
        "/me/why?q=storm+number",
        "/me/channels",
        "/me/channels/add",
        "/me/channels/add/ntfy",
    ),
    *("/me/data.json", "/me/leave", "/feeds/{feed}"),
    *(
        "/desk",
        "/desk/topics",
        "/desk/topics/topic-7",
        "/desk/sources",
        "/desk/alerts",
        "/desk/alerts/{alert}",
    ),
    *("/desk/articles", "/desk/articles/{article}", "/healthz", "/metrics"),
)


def main() -> None:
    """Lay the newsroom out, ask for each page, and print what it took."""
    KEPT.parent.mkdir(exist_ok=True)
    with newsroom() as site, KEPT.open("w") as kept:
        print(f"{PEOPLE:,} subscribers, {TOPICS} topics, {ALERTS:,} alerts, {ARTICLES:,} articles on SQLite")
        for page in PAGES:
            line = measured(site, page)
            kept.write(json.dumps(line) + "\n")
            print(f"{page:<34}{line['said']}", flush=True)


def measured(site: HTTPConnection, page: str) -> dict[str, Any]:
    """Ask for a page again and again, each time for another person."""
    dice = random.Random(page)  # noqa: S311 - the same people in each run
    took, statuses = [], set()
    for _round in range(ROUNDS + 3):
        person = dice.randrange(1, PEOPLE + 1)
        path = page.format(
            unsubscribe=signer("unsubscribe").dumps(person),
            leave=leave_path(person),
            feed=f"{stamp('feed').dumps([person, 1])}.atom",
            alert=dice.randrange(1, ALERTS + 1),
            article=dice.randrange(1, ARTICLES + 1),
        )
        cookies = {
            "tocsin_person": signer("person").dumps([person, "n"]),
            DESK_COOKIE: signer("desk").dumps("d"),
        }
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        began = time.perf_counter()
        site.request("GET", path, headers=headers)
        answer = site.getresponse()
        answer.read()
        took.append((time.perf_counter() - began) * 1000)
        statuses.add(answer.status)
    took = took[3:]  # the first ones compile templates and statements
    p95 = round(statistics.quantiles(took, n=20)[-1], 1)
    goal = Goal("p95 ms", p95, most=CLOSE_MS)
    p50 = round(statistics.median(took), 1)
    said = f"{'/'.join(map(str, sorted(statuses))):<8} p50 {p50:g} ms  {goal}"
    return {
        "page": page,
        "status": sorted(statuses),
        "p50_ms": p50,
        "p95_ms": p95,
        "met": goal.met,
        "said": said,
    }


@contextmanager
def newsroom() -> Iterator[HTTPConnection]:
    """Lay out a newsroom in a throw-away folder and serve its pages; gives a connection to them."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pages-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        own = {
            "DATA_DIR": folder,
            "PORT": str(port),
            "PRACTICE": "false",
            "DATABASE_URL": "",
            "LOG_LEVEL": "error",
        }
        own["MAIL_URL"] = "mailto://localhost:1?from=alerts@news.example"
        os.environ |= {f"TOCSIN_{name}": value for name, value in own.items()}
        for known in (settings.cache_clear, secret_keys.cache_clear, forget_engine):
            known()
        migrate(engine())
        with unit_of_work() as session:
            lay_out(session)
        while gather():
            pass
        with subprocess.Popen([Path(sys.executable).with_name("tocsin"), "web"]) as web:
            try:
                yield _answering(port)
            finally:
                web.terminate()


def _answering(port: int) -> HTTPConnection:
    for _try in range(200):
        time.sleep(0.1)
        try:
            site = HTTPConnection("127.0.0.1", port, timeout=60)
            site.connect()
        except OSError:
            continue
        return site
    raise SystemExit("The web app did not start: see its log above.")


def lay_out(session: Session) -> None:
    """Store people, what they follow, articles, stories, and alerts with who got them."""
    dice, now = random.Random(7), clock.now()  # noqa: S311 - the same newsroom in each run
    _topics(session)
    follows = _people(session, dice)
    source = Source(url="https://news.example/feed", title="Herald", created_at=now, next_poll_at=now)
    session.add(source)
    session.flush()
    _articles(session, source.id or 0, dice)
    _alerts(session, follows, dice)


def _topics(session: Session) -> None:
    now = clock.now()
    rows = [
        {"id": n, "slug": f"topic-{n}", "name": f"Topic {n}", "query": WORDS[n % len(WORDS)], "revision": n}
        | {"created_at": now, "updated_at": now}
        for n in range(1, TOPICS + 1)
    ]
    _insert(session, Topic, rows)


def _people(session: Session, dice: random.Random) -> dict[int, list[int]]:
    now, many = clock.now() - timedelta(days=60), range(1, PEOPLE + 1)
    pattern = read_address("r1@reader.example")
    _insert(session, Subscriber, [{"id": n, "name": f"r{n}", "created_at": now} for n in many])
    channels = []
    for n in many:
        own = {"to": f"r{n}@reader.example"}
        channels.append(
            {
                "id": n,
                "subscriber_id": n,
                "scheme": pattern.scheme,
                "sealed": sealer().seal(json.dumps(own).encode()),
            }
            | {"digest": str(n), "label": "r…@reader.example", "status": ChannelStatus.live}
            | {"status_at": now, "created_at": now}
        )
    _insert(session, Channel, channels)
    _insert(session, FeedLink, [{"subscriber_id": n, "number": 1, "made_at": now} for n in many])
    _insert(
        session,
        Preferences,
        [
            {"subscriber_id": n, "quiet_begin": 1320, "quiet_end": 420, "cap": n % 9 + 1}
            for n in many
            if n % 3
        ],
    )
    follows: dict[int, list[int]] = {topic: [] for topic in range(1, TOPICS + 1)}
    rows = []
    for n in many:
        for topic in dice.sample(range(1, TOPICS + 1), dice.randrange(1, 6)):
            follows[topic].append(n)
            rows.append({"subscriber_id": n, "topic_id": topic, "created_at": now})
    _insert(session, Subscription, rows)
    return follows


def _articles(session: Session, source: int, dice: random.Random) -> None:
    now, numbers = clock.now(), range(1, ARTICLES + 1)
    at = {n: now - timedelta(minutes=2 * (ARTICLES - n)) for n in numbers}
    titles = {n: f"{' '.join(dice.sample(WORDS, 3)).capitalize()} number {n}" for n in numbers}
    _insert(
        session,
        Story,
        [
            {"id": n, "headline": titles[n], "first_seen_at": at[n], "last_seen_at": at[n], "version": 1}
            for n in numbers
        ],
    )
    _insert(
        session,
        Article,
        [
            {"id": n, "source_id": source, "identity": f"guid:{n}", "title": titles[n], "trace": f"t{n}"}
            | {"link": f"https://news.example/{n}", "seen_at": at[n], "status_at": at[n]}
            | {"status": ArticleStatus.matched, "published_at": at[n]}
            for n in numbers
        ],
    )
    joins = [
        {"article_id": n, "story_id": n, "method": "first", "score": 1.0, "joined_at": at[n]} for n in numbers
    ]
    _insert(session, StoryJoin, joins)


def _alerts(session: Session, follows: dict[int, list[int]], dice: random.Random) -> None:
    now, numbers = clock.now(), range(1, ALERTS + 1)
    alerts, topics, matches, shards = [], [], [], []
    for n in numbers:
        article, topic = n * (ARTICLES // ALERTS), dice.randrange(1, TOPICS + 1)
        at = now - timedelta(minutes=2 * (ARTICLES - article))
        alerts.append(
            {"id": n, "story_id": article, "version": 1, "article_id": article, "title": f"Alert number {n}"}
            | {"link": f"https://news.example/{article}", "source_name": "Herald", "status": AlertStatus.rung}
            | {
                "recipients": len(follows[topic]),
                "expires_at": at + timedelta(hours=6),
                "trace": f"t{article}",
            }
            | dict.fromkeys(
                ("status_at", "seen_at", "matched_at", "queued_at", "first_sent_at", "last_sent_at"), at
            )
        )
        topics.append({"alert_id": n, "topic_id": topic})
        matches.append({"article_id": article, "topic_id": topic, "words": ["storm"], "created_at": at})
        for first in range(0, len(follows[topic]), SHARD):
            told = follows[topic][first : first + SHARD]
            shards.append(
                {"alert_id": n, "first_channel": told[0], "last_channel": told[-1], "audience": pack(told)}
                | {"accepted": pack(told), "recipients": len(told), "settled": len(told)}
                | {"status": ShardStatus.settled, "status_at": at}
            )
    for table, rows in ((Alert, alerts), (AlertTopic, topics), (Match, matches), (Shard, shards)):
        _insert(session, table, rows)


def _insert(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS):
        session.execute(insert(table), rows[start : start + ROWS])


if __name__ == "__main__":
    main()
