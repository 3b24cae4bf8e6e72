"""The pages on which a person sees what they were told, why, and why not."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session, col

from subscriptions.channels import add_channel
from subscriptions.corrections import kill_alert
from subscriptions.database import reading, unit_of_work
from subscriptions.heard import heard
from subscriptions.keys import signer
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Match,
    Mute,
    Shard,
    StoryFollow,
    Subscriber,
    Topic,
)
from subscriptions.web.person import why
from subscriptions.web.turnstile import Turnstile
from tests.browser import send
from tests.builders import NOON, a_channel, a_source, a_subscriber, a_topic, an_alert, an_article, stored
from tests.conftest import Clock
from worker.push.fan_out import lay_out
from worker.push.ledger import pack

EVIL = '<img src=x onerror="alert(1)">'


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, stopped_clock: Clock) -> None:
    monkeypatch.setattr(why, "turnstile", Turnstile(why.QUESTIONS, why.turnstile._within))


@pytest.fixture
def storms(db: str) -> Topic:
    """A topic that everybody can follow."""
    with unit_of_work() as session:
        return a_topic(session, slug="storms", name="Storms")


@pytest.fixture
def ann(browser: TestClient, storms: Topic) -> TestClient:
    """Ann's browser, signed in; she follows storms."""
    with unit_of_work() as session:
        channel = add_channel(session, a_subscriber(session, storms, name="ann"), "ann@reader.example")
    browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}")
    return browser


def told(session: Session, topic: Topic, *channels: int, **values: Any) -> int:
    """Store an alert that was told on these channels; gives its number."""
    given: dict[str, Any] = {"status": AlertStatus.rung, "queued_at": NOON, "first_sent_at": NOON} | values
    alert = an_alert(session, topic, **given)
    lay_out(session, alert.id or 0, list(channels))
    of_alert = update(Shard).where(col(Shard.alert_id) == alert.id)
    session.execute(of_alert.values(accepted=pack(channels)))
    return alert.id or 0


def test_the_list_shows_what_came_where_and_why(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        number = told(session, storms, 1, title="Storm closes harbour")
        article = session.get_one(Alert, number).article_id
        keys: dict[str, Any] = {"article_id": article, "topic_id": storms.id}
        stored(session, Match(**keys, words=["Storm"], created_at=NOON))
    page = ann.get("/me/alerts").text
    for says in (
        "<mark>Storm</mark> closes harbour",
        "a…@reader.example",
        "Told:",
        "You follow <bdi>Storms</bdi>.",
    ):
        assert says in page
    assert "12:00" in page


def test_the_pages_are_for_who_is_signed_in_only(browser: TestClient) -> None:
    for path in ("/me/alerts", "/me/alerts/1", "/me/why", "/me/why?q=x"):
        assert browser.get(path).status_code == 401
    for path in ("/me/alerts/1", "/me/alerts/feed"):
        assert browser.post(path, data={"do": "mute"}).status_code == 401


def test_an_alert_of_others_is_no_alert_of_hers(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        other = a_channel(session, a_subscriber(session), "json://127.0.0.1:9/other")
        number = told(session, storms, other.id or 0, title="Not for Ann")
    assert "Not for Ann" not in ann.get("/me/alerts").text
    for wanted in (number, 999, 2**70, -1):
        assert ann.get(f"/me/alerts/{wanted}").status_code == 404
    assert send(ann, "/me", act=f"/me/alerts/{number}", do="mute").status_code == 404
    with reading() as session:
        assert session.get(Mute, {"subscriber_id": 1, "story_id": 1}) is None


def test_a_story_is_muted_followed_and_let_be_by_buttons(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        number = told(session, storms, 1)
    page, keys = f"/me/alerts/{number}", {"subscriber_id": 1, "story_id": 1}

    def states() -> tuple[bool, bool]:
        with reading() as session:
            return session.get(Mute, keys) is not None, session.get(StoryFollow, keys) is not None

    assert "You follow this story" in send(ann, page, do="follow").text
    assert states() == (False, True)
    assert "You muted this story" in send(ann, page, do="mute").text
    assert states() == (True, False)
    send(ann, page, do="unmute")
    assert states() == (False, False)
    send(ann, page, do="follow")
    assert "Mute this story" in send(ann, page, do="unfollow").text
    assert states() == (False, False)


def test_a_form_of_another_page_changes_nothing(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        number = told(session, storms, 1)
    assert ann.post(f"/me/alerts/{number}", data={"do": "mute", "form_token": "x"}).status_code == 400
    ann.get(f"/me/alerts/{number}?do=mute")
    with reading() as session:
        assert session.get(Mute, {"subscriber_id": 1, "story_id": 1}) is None


def test_what_was_withdrawn_says_so(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        number = told(session, storms, 1, title="Storm")
        kill_alert(session, session.get_one(Alert, number), "It did not happen.")
    assert "withdrawn" in ann.get("/me/alerts").text
    assert "The newsroom has withdrawn this:" in ann.get(f"/me/alerts/{number}").text


def test_older_alerts_are_a_page_further_on(
    ann: TestClient, storms: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heard, "__defaults__", (None, 2))
    with unit_of_work() as session:
        for number in range(3):
            told(session, storms, 1, title=f"Number {number}")
    page = ann.get("/me/alerts").text
    assert "Number 2" in page
    assert "Number 0" not in page
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further is not None
    assert "Number 0" in ann.get(further[1]).text


def test_what_feeds_say_cannot_put_markup_into_the_pages(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        session.get_one(Topic, storms.id).name = EVIL
        number = told(session, storms, 1, title=EVIL, text=EVIL, source_name=EVIL, link="javascript:alert(1)")
        article = session.get_one(Alert, number).article_id
        keys: dict[str, Any] = {"article_id": article, "topic_id": storms.id}
        stored(session, Match(**keys, words=[EVIL, "img"], created_at=NOON))
        session.get_one(Article, article).title = EVIL
        session.get_one(Article, article).status = ArticleStatus.matched
    for path in (
        "/me/alerts",
        f"/me/alerts/{number}",
        f"/me/why?q={article}",
        "/me/why?q=img+onerror",
        f"/me/why?q={EVIL}",
    ):
        page = ann.get(path)
        assert page.status_code in (200, 404)
        assert "<img" not in page.text
        assert 'href="javascript' not in page.text


def test_why_not_is_answered_by_link_and_by_words(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        source = a_source(session, title="Island Herald")
        floods = a_topic(session, slug="floods", name="Floods")
        for title, link in (
            ("Flood in the valley", "https://news.example/flood"),
            ("Flood is over", "https://news.example/over"),
        ):
            article = an_article(session, source, title=title, link=link, status=ArticleStatus.matched)
            keys: dict[str, Any] = {"article_id": article.id, "topic_id": floods.id}
            stored(session, Match(**keys, words=["Flood"], created_at=NOON))
    page = ann.get("/me/why", params={"q": "http://www.news.example/flood?utm_source=x"}).text
    assert "You did not hear of it." in page
    assert "It speaks of none of the topics you follow: <bdi>Storms</bdi>." in page
    assert "<bdi>Floods</bdi>" in page
    choice = ann.get("/me/why?q=flood").text
    assert "Which of these?" in choice
    chosen = re.findall(r'href="(/me/why\?q=\d+)"', choice)
    assert len(chosen) == 2
    assert "You did not hear of it." in ann.get(chosen[0]).text
    followed = send(ann, chosen[0], act=f"/me/topics/{floods.id}")
    assert "Floods" in followed.text


def test_what_nobody_knows_is_said_to_be_unknown(ann: TestClient) -> None:
    answer = ann.get("/me/why?q=https://news.example/nothing")
    assert answer.status_code == 404
    assert "We do not know this article" in answer.text
    assert 'role="alert"' in answer.text
    assert "Ask" in ann.get("/me/why").text


def test_too_many_questions_have_to_wait(ann: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "turnstile", Turnstile(2, why.turnstile._within))
    for expected in (404, 404, 429):
        assert ann.get("/me/why?q=nothing").status_code == expected


def test_the_pages_speak_the_persons_language_and_clock(ann: TestClient, storms: Topic) -> None:
    with unit_of_work() as session:
        told(session, storms, 1)
        person = session.get_one(Subscriber, 1)
        person.language, person.time_zone = "he", "Asia/Jerusalem"
    page = ann.get("/me/alerts").text
    assert '<html lang="he" dir="rtl">' in page
    assert "14:00" in page
