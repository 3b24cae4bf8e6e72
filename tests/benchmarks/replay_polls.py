"""Replay real, successive polls of real feeds through the whole chain, and count what rang.

    python -m tests.benchmarks.replay_polls [--window 2020-05] [--json]

A publisher on loopback serves each archived document with its ETag at the time it was archived. The
product polls it, understands, matches, and pushes through Apprise to a real SMTP server and to an HTTP
sink. What should have rung is worked out from the documents by other, simpler means: an item is new when
neither its guid nor its link stood in an earlier document of its source, and it matches when a regular
expression says so.
"""

import argparse
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from tempfile import TemporaryDirectory

from sqlalchemy import update
from sqlmodel import col, select

from subscriptions import clock
from subscriptions.articles import release_held
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.migrations import migrate
from subscriptions.sources import add_source
from subscriptions.tables import Alert, Article, Match, Source, StoryJoin, Subscription
from tests.benchmarks.archived_polls import Item, Poll, read_items, read_polls
from tests.builders import a_channel, a_subscriber, a_topic
from tests.corpus import CORPUS
from tests.feed_server import FeedServer, feed_server
from tests.sinks import HttpSink, MailSink, http_sink, mail_sink
from worker import logs
from worker.match.find import find
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand
from worker.watch.poll import poll_due

# Queries of one title word or phrase, and the regular expression that says the same.
TOPICS = {
    "title:coronavirus OR title:covid": r"\b(coronavirus|covid)\b",
    "title:trump": r"\btrump\b",
    "title:biden": r"\bbiden\b",
    'title:"new zealand"': r"\bnew zealand\b",
    "title:lockdown": r"\blockdowns?\b",
}
MAX_AGE = timedelta(hours=24)
READER = "ann@reader.example"


@dataclass(slots=True)
class Counts:
    """What went in and what came out."""

    sources: int = 0
    polls: int = 0
    answered_304: int = 0
    failed: int = 0
    items: int = 0
    baseline: int = 0
    new: int = 0
    too_old: int = 0
    edits: int = 0
    released: int = 0  # held because a publisher seemed to have renumbered; the replay's admin lets them go
    released_matching: int = 0  # would have waited for an admin
    matching: int = 0
    same_story: int = 0
    rang: int = 0
    missing: int = 0
    twice: int = 0
    unexpected: int = 0
    mails: int = 0
    examples: list[str] = field(default_factory=list)


class Expectation:
    """Which items should ring, worked out from the documents alone."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.matching: list[tuple[str, Item]] = []
        self._known: dict[str, set[str]] = {}

    def look(self, poll: Poll) -> None:
        """Read a document that has been served."""
        first = poll.source not in self._known
        known = self._known.setdefault(poll.source, set())
        items = read_items(poll.body)
        self.counts.items += len(items)
        if first and not items:
            del self._known[poll.source]
        fresh = [item for item in items if not known & item.keys]
        for item in items:
            known |= item.keys
        if first:
            self.counts.baseline += len(fresh)
            return
        for item in {tuple(sorted(item.keys)): item for item in fresh}.values():
            self._take_new(poll, item)

    def _take_new(self, poll: Poll, item: Item) -> None:
        self.counts.new += 1
        if item.published and poll.at - item.published > MAX_AGE:
            self.counts.too_old += 1
        elif any(re.search(pattern, item.title, re.IGNORECASE) for pattern in TOPICS.values()):
            self.counts.matching += 1
            self.matching.append((poll.source, item))


def replay(polls: Sequence[Poll], publisher: FeedServer, sink: HttpSink, mails: MailSink) -> Counts:
    """Replay polls on the migrated, empty database of the settings; TOCSIN_MAIL_URL is the mail sink's."""
    counts = Counts(polls=len(polls), sources=len({poll.source for poll in polls}))
    expectation = Expectation(counts)
    time = {"now": polls[0].at}
    real, clock.now = clock.now, lambda: time["now"]
    try:
        _install(polls, publisher, sink)
        for poll in polls:
            time["now"] = poll.at
            _poll(poll, publisher, counts)
            expectation.look(poll)
    finally:
        clock.now = real
    _compare(expectation, sink, mails)
    return counts


def _install(polls: Sequence[Poll], publisher: FeedServer, sink: HttpSink) -> None:
    with unit_of_work() as session:
        for source in sorted({poll.source for poll in polls}):
            add_source(session, publisher.url(f"/{source}"), title=source)
        topics = [a_topic(session, query, created_at=clock.now(), updated_at=clock.now()) for query in TOPICS]
        ann = a_subscriber(session, *topics)
        session.execute(update(Subscription).values(created_at=clock.now()))
        a_channel(session, ann, sink.url("ann"))
        a_channel(session, ann, READER)


def _poll(poll: Poll, publisher: FeedServer, counts: Counts) -> None:
    publisher.serve(f"/{poll.source}", poll.body)
    url = publisher.url(f"/{poll.source}")
    for _again in range(2):  # the second asks for what has not changed
        with unit_of_work() as session:
            session.execute(update(Source).values(next_poll_at=clock.now() + timedelta(days=9)))
            session.execute(update(Source).where(col(Source.url) == url).values(next_poll_at=clock.now()))
        _run(poll_due())
    with unit_of_work() as session:
        source = session.exec(select(Source).where(Source.url == url)).one()
        counts.failed += bool(source.failures)
        released = release_held(session, source)
    counts.released += len(released)
    _run(released)
    with reading() as session:
        matched = select(Match.article_id).where(col(Match.article_id).in_(released)).distinct()
        counts.released_matching += len(session.exec(matched).all())
    counts.answered_304 += publisher.answered(f"/{poll.source}")[-1] == 304


def _run(article_ids: Sequence[int]) -> None:
    """Do the steps one after the other, as worker/tasks.py does."""
    for alert in find(understand(article_ids)):
        for shard_id in fan_out(alert.id or 0):
            deliver(shard_id)


def _compare(expectation: Expectation, sink: HttpSink, mails: MailSink) -> None:
    counts = expectation.counts
    counts.rang, counts.mails, counts.edits = len(sink.received), len(mails.mails), _edits()
    with reading() as session:
        alerts = [(alert.story_id, alert.title) for alert in session.exec(select(Alert))]
    _compare_stories(expectation, Counter(story for story, _title in alerts))
    planned = Counter(title for _story, title in alerts)
    for arrived in (
        Counter(str(body["title"]) for _path, body in sink.received),
        Counter(str(mail["subject"]) for _address, mail in mails.mails),
    ):
        counts.twice += (arrived - planned).total()
        counts.missing += (planned - arrived).total()


def _compare_stories(expectation: Expectation, rings: Counter[int]) -> None:
    """Each expected item's story has one alert, and no other story has any."""
    counts = expectation.counts
    by_article = {(source, key): story for source, keys, story in _articles() for key in keys}
    expected: set[int] = set()
    for source, item in expectation.matching:
        story = next((by_article[source, key] for key in item.keys if (source, key) in by_article), 0)
        if not rings[story]:
            counts.missing += 1
            counts.examples.append(f"missing: {source}: {item.title}")
        counts.same_story += story in expected
        expected.add(story)
    counts.unexpected = sum(times for story, times in rings.items() if story not in expected)
    counts.twice += sum(times - 1 for times in rings.values())


def _articles() -> Iterator[tuple[str, set[str], int]]:
    with reading() as session:
        rows = select(Article, Source.url, StoryJoin.story_id).join(Source).join(StoryJoin)
        for article, url, story in session.exec(rows):
            identity = article.identity.replace("guid:", "guid ", 1)
            yield url.rpartition("/")[2], {identity, f"link {article.link}"}, story


def _edits() -> int:
    with reading() as session:
        return sum(article.version - 1 for article in session.exec(select(Article)))


def main() -> None:
    """Replay all polls, or those of one window, and print the counts."""
    parser = argparse.ArgumentParser(description="Replay real polls through the whole chain.")
    parser.add_argument("--window", default="", help="2020-04, 2020-05, 2021-09; else all")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not CORPUS.is_dir():
        raise SystemExit("Set TOCSIN_CORPUS to the folder of test collections.")
    with (
        TemporaryDirectory() as data,
        feed_server() as publisher,
        http_sink() as sink,
        mail_sink() as mails,
    ):
        own = {"TOCSIN_DATA_DIR": data, "TOCSIN_MAIL_URL": mails.url, "TOCSIN_LOG_LEVEL": "error"}
        os.environ.update(own)
        logs.configure()
        migrate(engine())
        counts = replay(read_polls(CORPUS, given.window), publisher, sink, mails)
    show(counts, as_json=given.json)


def show(counts: Counts, *, as_json: bool) -> None:
    """Print what was counted."""
    if as_json:
        print(json.dumps(asdict(counts)))
        return
    for name, value in asdict(counts).items():
        if name != "examples":
            print(f"{name.replace('_', ' '):<14} {value:>8}")
    print("\n".join(counts.examples))


if __name__ == "__main__":
    main()
