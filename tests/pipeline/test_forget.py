"""Articles are kept for a settable time; what rang stays, and nothing forgotten comes back as news."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from subscriptions import settings
from subscriptions.corrections import correct_alert
from subscriptions.database import reading, unit_of_work
from subscriptions.tables import (
    Alert,
    Article,
    ArticleStatus,
    ArticleVersion,
    Concordance,
    ForgottenArticle,
    Match,
    Source,
    Story,
    StoryJoin,
    StoryKey,
)
from tests.builders import NOON, a_source, a_topic, an_alert, an_article, stored
from worker.watch import forget as forgetting
from worker.watch.feed import Feed, Item
from worker.watch.forget import forget
from worker.watch.gather import gather
from worker.watch.ingest import ingest

pytestmark = pytest.mark.usefixtures("stopped_clock", "db")

OLD = NOON - timedelta(days=31)


@pytest.fixture(autouse=True)
def a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles are kept for thirty days."""
    monkeypatch.setenv("TOCSIN_KEEP_ARTICLES_DAYS", "30")
    settings.settings.cache_clear()


def kept(table: type[SQLModel]) -> list[Any]:
    with reading() as session:
        return list(session.exec(select(table)))


def a_feed(*items: Item) -> Feed:
    return Feed("", "", items=items)


def matched_article(seen_at: datetime = OLD) -> int:
    """An old article with all that can hang on one, in a story of its own."""
    with unit_of_work() as session:
        number = an_article(session, seen_at=seen_at, status=ArticleStatus.matched, version=2).id or 0
        story = stored(session, Story(headline="Storm", first_seen_at=seen_at, last_seen_at=seen_at))
        before = ArticleVersion(article_id=number, version=1, title="Storm", replaced_at=seen_at)
        match = Match(article_id=number, topic_id=a_topic(session).id or 0, created_at=seen_at)
        join = StoryJoin(article_id=number, story_id=story.id or 0, joined_at=seen_at)
        session.add_all([before, match, join, StoryKey(key="title:storm", story_id=story.id or 0)])
    return number


def test_an_old_article_is_forgotten_with_all_that_hangs_on_it() -> None:
    matched_article()
    young = matched_article(seen_at=NOON - timedelta(days=29))
    assert not forget()
    assert [article.id for article in kept(Article)] == [young]
    for table in (ArticleVersion, Match, StoryJoin, Story, StoryKey):
        assert len(kept(table)) == 1, table


@pytest.mark.parametrize("status", [ArticleStatus.baseline, ArticleStatus.stale])
def test_what_never_rang_is_forgotten_too(status: ArticleStatus) -> None:
    with unit_of_work() as session:
        an_article(session, seen_at=OLD, status=status)
    forget()
    assert kept(Article) == []


@pytest.mark.parametrize("status", [ArticleStatus.seen, ArticleStatus.understood, ArticleStatus.held])
def test_what_can_still_ring_is_kept_however_old(status: ArticleStatus) -> None:
    with unit_of_work() as session:
        an_article(session, seen_at=OLD, status=status)
    forget()
    assert len(kept(Article)) == 1


def test_an_article_that_rang_is_kept_and_its_alert_can_be_corrected() -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status="rung", seen_at=OLD)
        article = session.get_one(Article, alert.article_id)
        article.sqlmodel_update({"seen_at": OLD, "status": ArticleStatus.matched})
        story = session.get_one(Story, alert.story_id)
        story.last_seen_at = OLD
        other = an_article(session, seen_at=OLD, status=ArticleStatus.matched)
        session.add(StoryJoin(article_id=other.id or 0, story_id=alert.story_id, joined_at=OLD))
    forget()
    assert [each.id for each in kept(Article)] == [article.id], "of a story that rang the others go"
    with unit_of_work() as session:
        correct_alert(session, session.get_one(Alert, alert.id), "We misread a notice.", title="Calm")
    assert len(kept(Alert)) == 2


def test_a_story_stays_with_its_younger_articles() -> None:
    matched_article()
    with unit_of_work() as session:
        story = session.exec(select(Story)).one()
        young = an_article(session, status=ArticleStatus.matched)
        session.add(StoryJoin(article_id=young.id or 0, story_id=story.id or 0, joined_at=NOON))
        story.last_seen_at = NOON
    forget()
    assert [article.id for article in kept(Article)] == [young.id]
    assert len(kept(Story)) == 1


def test_an_article_that_its_source_lists_still_does_not_come_back_as_news() -> None:
    with unit_of_work() as session:
        source = a_source(session)
        for number in range(3):
            values = {"identity": f"guid:{number}", "seen_at": OLD, "status": ArticleStatus.matched}
            an_article(session, source, **values)
    forget()
    assert (kept(Article), len(kept(ForgottenArticle))) == ([], 3)
    items = [Item(str(number), "", f"Without a date {number}") for number in range(4)]
    with unit_of_work() as session:
        seen = ingest(session, session.get_one(Source, source.id), a_feed(*items)).seen
    assert [article.title for article in seen] == ["Without a date 3"]


def test_another_source_may_list_the_same() -> None:
    with unit_of_work() as session:
        an_article(session, identity="guid:1", seen_at=OLD, status=ArticleStatus.matched)
        other = a_source(session)
    forget()
    with unit_of_work() as session:
        source = session.get_one(Source, other.id)
        assert len(ingest(session, source, a_feed(Item("1", "", "Storm"))).seen) == 1


def test_forgetting_goes_on_in_small_steps_and_may_meet_what_it_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    with unit_of_work() as session:
        source = a_source(session)
        for number in range(5):
            values = {"identity": f"guid:{number}", "seen_at": OLD, "status": ArticleStatus.baseline}
            an_article(session, source, **values)
    assert [forget() for _ in range(3)] == [True, True, False]
    with unit_of_work() as session:
        an_article(session, source, identity="guid:1", seen_at=OLD, status=ArticleStatus.baseline)
    forget()
    assert kept(Article) == []


def test_concordances_of_old_articles_shrink_to_what_is_left() -> None:
    with unit_of_work() as session:
        for _ in range(3):
            an_article(session, seen_at=OLD, status=ArticleStatus.baseline)
        rang = an_alert(session, a_topic(session)).article_id
        session.get_one(Article, rang).sqlmodel_update({"seen_at": OLD, "status": ArticleStatus.matched})
    assert gather()
    forget()
    assert gather()
    assert not gather()
    assert [row.articles for row in kept(Concordance)] == [1]
    forget()
    assert not gather(), "it is made once, not again and again"


@pytest.mark.parametrize(("days", "left"), [("0", 1), ("1", 1)])
def test_articles_can_be_kept_for_ever_and_are_never_shorter_than_stories_are_open(
    monkeypatch: pytest.MonkeyPatch, days: str, left: int
) -> None:
    monkeypatch.setenv("TOCSIN_KEEP_ARTICLES_DAYS", days)
    settings.settings.cache_clear()
    with unit_of_work() as session:
        seen_at = NOON - timedelta(hours=47 if days == "1" else 100_000)
        an_article(session, seen_at=seen_at, status=ArticleStatus.baseline)
    forget()
    assert len(kept(Article)) == left
