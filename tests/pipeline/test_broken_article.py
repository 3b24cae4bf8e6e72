"""What breaks a step (a fault of ours, in a text nobody foresaw) holds up nothing else."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import col, select

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import Article, Source
from tests.builders import a_source, a_topic, an_article
from tests.feed_server import feed_server
from worker.match import find as find_step
from worker.match.find import find
from worker.understand import cluster
from worker.understand.story import understand
from worker.watch import poll as poll_step
from worker.watch.poll import poll_due

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")
BROKEN = "Harbour that breaks it"


@pytest.fixture
def articles() -> list[int]:
    """Three articles that match a topic; the first will break what is said in the test."""
    with unit_of_work() as session:
        a_topic(session, "harbour")
        titles = (BROKEN, "Harbour opens", "Harbour closes")
        return [an_article(session, title=title).id or 0 for title in titles]


def breaks(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a function fail for the broken article alone."""
    real = getattr(module, name)

    def breaking(*given: Any, **more: Any) -> Any:
        if BROKEN in f"{given}{more}":
            raise IndexError("what nobody foresaw")
        return real(*given, **more)

    monkeypatch.setattr(module, name, breaking)


def states(articles: list[int]) -> list[tuple[str, datetime]]:
    with reading() as session:
        rows = session.exec(select(Article).where(col(Article.id).in_(articles)).order_by(col(Article.id)))
        return [(article.status.value, article.status_at) for article in rows]


@pytest.mark.parametrize(("step", "what"), [("fetch", "fetched"), ("ingest", "stored")])
def test_a_source_that_breaks_us_leaves_other_sources_their_articles(
    monkeypatch: pytest.MonkeyPatch, step: str, what: str
) -> None:
    breaks(poll_step, step, monkeypatch)
    with feed_server() as server:
        for name in ("a", "b", "c"):
            title = BROKEN if name == "b" else "Herald"
            item = f"<item><guid>{name}</guid><title>Harbour opens</title></item>"
            feed = f"<rss version='2.0'><channel><title>{title}</title>{item}</channel></rss>"
            server.serve(f"/{name}", feed.encode())
            with unit_of_work() as session:
                a_source(session, url=server.url(f"/{name}"), etag=title if name == "b" else "")
        assert len(poll_due()) == 2
    with reading() as session:
        broken = session.exec(select(Source).where(col(Source.failures) > 0)).one()
    assert broken.url.endswith("/b")
    assert f"could not be {what} (IndexError)" in broken.problem


def test_an_article_without_a_story_leaves_the_others_theirs(
    articles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(cluster, "story_keys", monkeypatch)
    assert understand(articles) == articles[1:]
    assert [status for status, _at in states(articles)] == ["seen", "understood", "understood"]


def test_an_article_that_cannot_be_matched_leaves_the_others_their_alerts(
    articles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    understand(articles)
    with monkeypatch.context() as broken:
        breaks(find_step, "analyse", broken)
        assert [alert.title for alert in find(articles)] == ["Harbour opens", "Harbour closes"]
        assert [status for status, _at in states(articles)] == ["understood", "matched", "matched"]
    assert [alert.title for alert in find(articles)] == [BROKEN], "once mended it rings"
