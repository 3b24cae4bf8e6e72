"""From article to alert: stories, matches, and what rings."""

from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlmodel import SQLModel, col, select

from subscriptions import database
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertStatus,
    AlertTopic,
    Article,
    ArticleStatus,
    JoinMethod,
    Match,
    Rings,
    Source,
    Story,
    StoryJoin,
    Topic,
    TopicStatus,
)
from subscriptions.topics import add_topic, edit_topic, pause_topic, resume_topic
from tests.builders import NOON, a_source, a_topic, an_article
from tests.conftest import Clock
from worker.match.find import find
from worker.understand.story import understand

Row = TypeVar("Row", bound=SQLModel)
pytestmark = pytest.mark.usefixtures("db")


def all_rows(table: type[Row]) -> list[Row]:
    with database.reading() as session:
        return list(session.exec(select(table)))


def comes(title: str, source: Source | None = None, **values: Any) -> int:
    """Let an article be seen; tell its id."""
    with database.unit_of_work() as session:
        article_id = an_article(session, source, title=title, **values).id
    assert article_id is not None
    return article_id


def rings(*article_ids: int) -> list[Alert]:
    return find(understand(article_ids))


def topic(query: str, **values: Any) -> Topic:
    with database.unit_of_work() as session:
        return a_topic(session, query, **values)


def test_an_article_that_speaks_of_a_topic_makes_one_alert(stopped_clock: Clock) -> None:
    harbour = topic("harbour", name="Harbour")
    (alert,) = rings(comes("Storm closes harbour bridge", summary="Nobody was hurt."))
    assert (alert.title, alert.text, alert.status) == (
        "Storm closes harbour bridge",
        "Nobody was hurt.",
        AlertStatus.queued,
    )
    assert alert.why == "it speaks of Harbour, and its story has not rung yet"
    (match,) = all_rows(Match)
    assert (match.topic_id, match.words) == (harbour.id, ["harbour"])


def test_an_article_speaks_of_the_media_topics_that_its_publisher_tags_it_with(
    stopped_clock: Clock,
) -> None:
    topic("mediatopic:15000000 -tag:chess", name="Sport")
    topic("tag:medtop", name="Codes")
    (alert,) = rings(comes("Island wins the cup", tags=["Football", "medtop:15000000"]))
    assert alert.why == "it speaks of Sport, and its story has not rung yet"


def test_a_topic_that_asks_for_stems_rings_for_them_until_it_is_edited(stopped_clock: Clock) -> None:
    edited = topic("stem:english negotiate")
    topic("negotiate", name="Exactly")
    assert len(rings(comes("Negotiators meet again", language="en"))) == 1
    with database.unit_of_work() as session:
        edit_topic(session, session.get_one(Topic, edited.id), query="stem:french negotiate")
    assert rings(comes("Negotiators meet in Geneva", language="en")) == []


def test_an_article_nobody_asked_for_makes_no_alert(stopped_clock: Clock) -> None:
    topic("harbour")
    assert rings(comes("Parliament votes on budget")) == []
    (article,) = all_rows(Article)
    assert (article.status, article.why) == (ArticleStatus.matched, "no topic matches")


@pytest.mark.parametrize(
    ("limit", "most", "query"),
    [
        ("LENGTH", 20, "harbour OR lighthouse"),
        ("TERMS", 3, "harbour OR a OR b OR c"),
        ("DEPTH", 1, "((harbour))"),
    ],
)
def test_a_query_over_a_limit_is_not_saved_but_goes_on_where_it_was_saved_before(
    stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, query: str
) -> None:
    with database.unit_of_work() as session:
        stored = add_topic(session, "harbour", query)
    monkeypatch.setenv(f"TOCSIN_QUERY_{limit}", str(most))
    settings.cache_clear()
    with database.unit_of_work() as session, pytest.raises(Mistake, match=f"{most} .*at most"):
        edit_topic(session, session.get_one(Topic, stored.id), query=query)
    with database.unit_of_work() as session, pytest.raises(Mistake, match=f"{most} .*at most"):
        add_topic(session, "lighthouse", query)
    assert len(rings(comes("Storm closes harbour bridge"))) == 1


def test_two_articles_with_one_headline_ring_once(stopped_clock: Clock) -> None:
    topic("harbour")
    first = comes("Storm closes harbour bridge", link="http://one.example/a")
    second = comes("BREAKING: Storm closes harbour bridge", link="http://two.example/b")
    assert len(rings(first)) == 1
    assert rings(second) == []
    assert {join.method for join in all_rows(StoryJoin)} == {JoinMethod.first, JoinMethod.same_headline}


def test_a_topic_edited_by_a_machine_whose_clock_is_behind_is_matched_as_edited(
    stopped_clock: Clock,
) -> None:
    edited = topic("harbour")
    topic("elsewhere")
    assert len(rings(comes("Storm closes harbour bridge"))) == 1
    stopped_clock.move(minutes=-5)
    with database.unit_of_work() as session:
        edit_topic(session, session.get_one(Topic, edited.id), query="lighthouse")
    stopped_clock.move(minutes=5)
    assert len(rings(comes("Lighthouse keeper retires at ninety"))) == 1
    assert rings(comes("New ferry for the harbour on Monday")) == []


def test_two_articles_of_one_story_in_one_batch_ring_once(stopped_clock: Clock) -> None:
    topic("harbour")
    link = "http://one.example/a"
    batch = [comes("Storm closes harbour", link=link), comes("Harbour closed", link=link + "?utm_source=x")]
    assert len(rings(*batch)) == 1
    assert len(all_rows(Story)) == 1


def test_the_same_headline_three_days_later_is_another_story(stopped_clock: Clock) -> None:
    topic("harbour")
    rings(comes("Storm closes harbour bridge", link="http://one.example/a"))
    stopped_clock.move(days=3)
    later = comes("Storm closes harbour bridge", link="http://one.example/b", seen_at=stopped_clock.time)
    assert len(rings(later)) == 1


def test_a_headline_of_every_day_is_another_story_after_two_days(stopped_clock: Clock) -> None:
    topic("harbour")
    for _day in range(6):
        rings(comes("Your harbour morning briefing", link="", seen_at=stopped_clock.time))
        stopped_clock.move(days=1)
    assert len(all_rows(Story)) == 2


def test_articles_that_link_to_a_front_page_are_stories_of_their_own(stopped_clock: Clock) -> None:
    topic("harbour")
    for headline in ("Storm closes harbour bridge", "Harbour festival opens on Sunday"):
        rings(comes(headline, link="http://one.example/"))
    assert len(all_rows(Story)) == 2


def test_a_topic_its_story_has_not_rung_for_rings_with_the_next_article(stopped_clock: Clock) -> None:
    topic("harbour", name="Harbour")
    storm = topic("storm", name="Storm")
    link = "http://one.example/a"
    rings(comes("Harbour bridge closed", link=link))
    (alert,) = rings(comes("Storm closed harbour bridge", link=link))
    assert alert.version == 2
    with database.reading() as session:
        asked = select(AlertTopic.topic_id).where(AlertTopic.alert_id == alert.id)
        assert list(session.exec(asked)) == [storm.id]


def test_steps_called_twice_do_their_work_once(stopped_clock: Clock) -> None:
    topic("harbour")
    article = comes("Storm closes harbour bridge")
    assert understand([article]) == [article]
    assert understand([article]) == []
    assert len(find([article])) == 1
    assert find([article]) == []
    assert len(all_rows(Alert)) == 1


def test_a_topic_that_rings_after_approval_only_proposes(stopped_clock: Clock) -> None:
    topic("harbour", name="Harbour")
    topic("bridge", name="Bridge", rings=Rings.after_approval)
    (ringing,) = rings(comes("Storm closes harbour bridge"))
    assert ringing.status == AlertStatus.queued
    assert {alert.status for alert in all_rows(Alert)} == {AlertStatus.queued, AlertStatus.proposed}


def test_practice_and_real_never_mix(stopped_clock: Clock) -> None:
    topic("harbour", name="Real")
    topic("harbour", name="Practice", practice=True)
    with database.unit_of_work() as session:
        practice = a_source(session, practice=True)
    title, link = "Storm closes harbour bridge", "http://one.example/a"
    (practised,) = rings(comes(title, practice, link=link))
    (real,) = rings(comes(title, link=link))
    assert (practised.practice, real.practice) == (True, False)
    assert (practised.why.split(",")[0], real.why.split(",")[0]) == (
        "it speaks of Practice",
        "it speaks of Real",
    )
    assert practised.story_id != real.story_id


@pytest.mark.parametrize("status", [TopicStatus.draft, TopicStatus.paused, TopicStatus.removed])
def test_a_topic_that_is_not_live_matches_nothing(stopped_clock: Clock, status: TopicStatus) -> None:
    topic("harbour", status=status)
    assert rings(comes("Storm closes harbour bridge")) == []


def test_a_topic_edited_paused_and_resumed_counts_from_the_next_article(stopped_clock: Clock) -> None:
    harbour = topic("harbour")

    def change(how: Any, **values: Any) -> None:
        stopped_clock.move(seconds=1)
        with database.unit_of_work() as session:
            how(session, session.get_one(Topic, harbour.id), **values)

    assert len(rings(comes("Storm closes harbour bridge"))) == 1
    change(edit_topic, query="lighthouse")
    assert rings(comes("Crane falls in harbour")) == []
    assert len(rings(comes("Old lighthouse lit again"))) == 1
    change(pause_topic)
    assert rings(comes("New lighthouse planned today")) == []
    change(resume_topic)
    assert len(rings(comes("Second lighthouse planned today"))) == 1


def test_news_that_waited_out_a_long_breakdown_is_filed_silently(stopped_clock: Clock) -> None:
    topic("harbour")
    article = comes("Storm closes harbour bridge")
    stopped_clock.move(hours=7)
    assert rings(article) == []
    (stored,) = all_rows(Article)
    assert stored.why == "it was seen 7 hours ago, too late to ring"


def test_a_more_urgent_article_makes_its_story_more_urgent(stopped_clock: Clock) -> None:
    link = "http://one.example/a"
    rings(comes("Storm closes harbour bridge", link=link))
    topic("harbour")
    (alert,) = rings(comes("FLASH: Storm closes harbour bridge", link=link))
    assert alert.urgency == 1
    (story,) = all_rows(Story)
    assert (story.urgency, story.urgency_why) == (1, 'the headline begins with "FLASH"')


def test_an_alert_keeps_the_times_of_its_way(stopped_clock: Clock) -> None:
    topic("harbour")
    published = NOON - timedelta(minutes=3)
    article = comes("Storm closes harbour bridge", published_at=published)
    stopped_clock.move(seconds=2)
    (alert,) = rings(article)
    assert (alert.published_at, alert.seen_at, alert.matched_at) == (
        published,
        NOON,
        NOON + timedelta(seconds=2),
    )


def test_only_understood_articles_are_matched(stopped_clock: Clock) -> None:
    topic("harbour")
    for status in (ArticleStatus.baseline, ArticleStatus.stale, ArticleStatus.held):
        assert rings(comes("Storm closes harbour bridge", status=status)) == []
    with database.reading() as session:
        assert not session.exec(select(Article).where(col(Article.status) == ArticleStatus.matched)).all()
