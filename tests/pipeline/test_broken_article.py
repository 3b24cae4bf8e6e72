"""An article that breaks a step (a fault of ours, in a text nobody foresaw) holds up no other."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import col, select

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import Article
from tests.builders import a_topic, an_article
from worker.match import find as find_step
from worker.match.find import find
from worker.understand import cluster
from worker.understand.story import understand

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
        if BROKEN in str(given):
            raise IndexError("what nobody foresaw")
        return real(*given, **more)

    monkeypatch.setattr(module, name, breaking)


def states(articles: list[int]) -> list[tuple[str, datetime]]:
    with reading() as session:
        rows = session.exec(select(Article).where(col(Article.id).in_(articles)).order_by(col(Article.id)))
        return [(article.status.value, article.status_at) for article in rows]


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
