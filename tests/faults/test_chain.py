"""Workers of every step are killed while news comes in: every article that matches rings once."""

from collections import Counter

import pytest

from subscriptions.database import unit_of_work
from subscriptions.sources import add_source
from tests.builders import a_channel, a_subscriber, a_topic
from tests.faults.conftest import FAR_END_S, SENDS_AT_ONCE, Rehearsal
from tests.feed_server import FeedServer, feed_server
from worker.push.pump import PATIENCE_S

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

SOURCES, OLD, NEW = 10, 20, 6
MIDDLE = SOURCES * NEW // 4


def serve(server: FeedServer, *, items: int) -> None:
    """Serve ten feeds of so many items; each item is a story of its own."""
    for source in range(SOURCES):
        titles = [f"Harbour news {number} of outlet {source}" for number in range(items)]
        body = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
        feed = f"<rss version='2.0'><channel><title>Outlet {source}</title>{body}</channel></rss>"
        server.serve(f"/{source}", feed.encode())


def follow(rehearsal: Rehearsal, server: FeedServer) -> None:
    """Add the feeds, polled each second, and a follower of what they tell."""
    with unit_of_work() as session:
        for source in range(SOURCES):
            add_source(session, server.url(f"/{source}"), interval_s=1)
        a_channel(session, a_subscriber(session, a_topic(session, "harbour")), rehearsal.sink.url("ann"))


def new_documents(server: FeedServer) -> int:
    """Count the feeds that were read since there was news in them."""
    return sum(server.answered(f"/{source}").count(200) > 1 for source in range(SOURCES))


# Where a message or a claim is lost, both databases do the same; the fan-out's own faults run on each.
@pytest.mark.parametrize(
    ("queue", "db"), [("watch", "postgresql"), ("match", "sqlite"), ("push", "postgresql")], indirect=["db"]
)
def test_a_worker_killed_while_news_comes_in_costs_no_article(rehearsal: Rehearsal, queue: str) -> None:
    rehearsal.run.environment["TOCSIN_FETCH_TIMEOUT_S"] = "1"
    with feed_server() as server:
        serve(server, items=OLD)
        follow(rehearsal, server)
        workers = {name: rehearsal.worker(name) for name in ("watch", "match", "push")}
        rehearsal.beat()
        everywhere = [f"/{source}" for source in range(SOURCES)]
        rehearsal.run.wait_until(lambda: all(server.polls(path) > 1 for path in everywhere), "all polled")
        assert not rehearsal.sink.tries, "the baseline is silent"
        serve(server, items=OLD + NEW)
        if queue == "watch":
            rehearsal.run.wait_until(lambda: new_documents(server) > 0, "a feed with news is read")
        else:
            rehearsal.run.wait_until(lambda: len(rehearsal.sink.received) >= MIDDLE, "some news is told")
        assert len(rehearsal.sink.received) < SOURCES * NEW, "the fault has to come in the middle"
        workers[queue].kill()
        rehearsal.worker(queue)
        rehearsal.run.wait_until(
            lambda: len(told(rehearsal)) == SOURCES * NEW, "all news is told", limit_s=90
        )
    again = told(rehearsal).total() - SOURCES * NEW
    just_told = round(SENDS_AT_ONCE * PATIENCE_S / FAR_END_S)
    assert again <= (just_told + SENDS_AT_ONCE if queue == "push" else 0), "just told, and being told"


def told(rehearsal: Rehearsal) -> Counter[str]:
    """Count what the follower was told."""
    return Counter(body["title"] for _path, body in list(rehearsal.sink.received))
