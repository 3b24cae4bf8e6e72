"""`tocsin topics backtest`: what a query would have rung."""

from datetime import timedelta

import pytest

from subscriptions.database import unit_of_work
from subscriptions.tables import Article, ArticleStatus, Story, StoryJoin
from tests.builders import NOON, a_source, a_topic, an_article, stored
from tests.commands import a_sentence, done, tocsin

pytestmark = pytest.mark.usefixtures("stopped_clock", "db")


def an_old_article(title: str, *, days: int = 1, status: ArticleStatus = ArticleStatus.matched) -> Article:
    seen_at = NOON - timedelta(days=days)
    with unit_of_work() as session:
        article = an_article(session, title=title, summary="Ships wait.", seen_at=seen_at, status=status)
        if status == ArticleStatus.matched:
            story = stored(session, Story(headline=title, first_seen_at=seen_at, last_seen_at=seen_at))
            stored(session, StoryJoin(article_id=article.id or 0, story_id=story.id or 0, joined_at=NOON))
    return article


def test_people_see_alerts_a_day_and_the_stories_with_the_words_that_matched() -> None:
    an_old_article("Storm closes harbour", days=3)
    an_old_article("Storms over the hills", days=3)
    an_old_article("Storm over the sea", days=1)
    answer = done("topics", "backtest", "storm").out
    assert "3 alerts, 1.0 a day, from 3 articles seen since 2026-02-27 12:00 UTC." in answer
    assert [line.split() for line in answer.splitlines()[:4]] == [
        ["Fri", "27", "Feb", "█" * 50, "2"],
        ["Sat", "28", "Feb", "·"],
        ["Sun", "01", "Mar", "█" * 25, "1"],
        ["Mon", "02", "Mar", "·"],
    ]
    assert "Storm closes harbour" in answer
    assert done("topics", "backtest", "storm", "--limit", 1).out.count("2026-0") == 2


def test_programs_get_days_stories_and_places() -> None:
    article = an_old_article("Storm closes harbour", days=2)
    an_old_article("Storm: an old page", status=ArticleStatus.baseline)
    found = done("topics", "backtest", "storm", "--days", 7, "--json").json
    assert (found["alerts"], found["silent_articles"], found["articles"]) == (1, 1, 2)
    assert found["looked_at_all"] is True
    assert found["per_day"][0] == {"day": "2026-02-28", "alerts": 1, "silent": 0}
    (story,) = found["stories"]
    assert (story["article"], story["words"]) == (article.id, ["Storm"])
    assert story["places"] == [{"field": "title", "start": 0, "end": 5, "text": "Storm"}]
    assert story["marked"]["title"] == [["Storm", True], [" closes harbour", False]]
    assert [silent["why"] for silent in found["silent"]] == ["baseline"]


def test_a_newsroom_that_was_just_set_up_sees_what_would_have_matched() -> None:
    an_old_article("Storm closes harbour", status=ArticleStatus.baseline)
    answer = done("topics", "backtest", "storm").out
    assert "1 article would match but never ring" in answer
    assert "Storm closes harbour" in answer
    assert "baseline" in answer


def test_a_topic_is_named_by_its_slug_and_one_of_practice_is_tried_on_practice() -> None:
    with unit_of_work() as session:
        a_topic(session, "storm", slug="storms", practice=True)
        an_article(session, a_source(session, practice=True), title="Storm in the practice newsroom")
    an_old_article("Storm closes harbour")
    assert [story["title"] for story in done("topics", "backtest", "storms", "--json").json["stories"]] == [
        "Storm in the practice newsroom"
    ]


def test_the_answer_is_no_where_nothing_matches_and_a_wrong_query_is_pointed_at() -> None:
    an_old_article("Turnips are in season")
    assert tocsin("topics", "backtest", "storm").code == 1
    wrong = tocsin("topics", "backtest", "storm AND (")
    assert wrong.code == 2
    assert a_sentence(wrong)
    assert "^" in wrong.err


def test_a_headline_cannot_steer_the_terminal() -> None:
    an_old_article("Storm \x1b[2J closes harbour")
    assert "\x1b[2J" not in done("topics", "backtest", "storm").out
