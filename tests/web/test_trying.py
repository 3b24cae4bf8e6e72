"""Trying a query at the desk, and by a program of the desk."""

import html
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from subscriptions.database import unit_of_work
from subscriptions.queries import parse_query
from subscriptions.tables import ArticleStatus
from subscriptions.web import trying
from subscriptions.web.turnstile import Turnstile
from tests.browser import send
from tests.builders import NOON, a_source, a_topic, an_article

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture(autouse=True)
def a_new_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has tried anything yet."""
    monkeypatch.setattr(trying, "turnstile", Turnstile(3, timedelta(minutes=1)))


def tried(desk: TestClient, query: str, **fields: str) -> Response:
    return send(desk, "/desk/new-topic", name="Storms", query=query, do="try", **fields)


def test_the_page_shows_alerts_a_day_and_marks_the_words(desk: TestClient) -> None:
    with unit_of_work() as session:
        for days in (0, 1, 1, 40):
            seen_at = NOON - timedelta(days=days)
            an_article(session, title="Storms & floods", summary="A storm at sea.", seen_at=seen_at)
        an_article(session, title="Storm of old", status=ArticleStatus.baseline)
    page = tried(desk, "storm").text
    assert "3 alerts, 0.1 a day, from 4 articles" in page
    assert "<mark>Storms</mark> &amp; floods" in page
    assert "A <mark>storm</mark> at sea." in page
    assert "Sun 01 Mar: 2 alerts" in page
    assert "Match, but never ring" in page
    assert "baseline" in page
    assert "4 alerts" in tried(desk, "storm", days="90").text


def test_a_topic_of_the_practice_newsroom_is_tried_there(desk: TestClient) -> None:
    with unit_of_work() as session:
        a_topic(session, "storm", slug="storms", practice=True)
        an_article(session, a_source(session, practice=True), title="Storm in practice")
        an_article(session, title="Storm at sea")
    page = send(desk, "/desk/topics/storms", query="storm", do="try").text
    assert "</mark> in practice" in page
    assert "at sea" not in page


def test_a_wrong_query_is_pointed_at_on_the_page(desk: TestClient) -> None:
    answer = tried(desk, "storm AND (")
    assert answer.status_code == 400
    assert "At character" in answer.text
    assert "^" in answer.text


@pytest.mark.parametrize(
    ("days", "says"), [("0", "1 to 366 days"), ("367", "1 to 366"), ("many", "no number")]
)
def test_a_number_of_days_that_cannot_be_is_refused_in_words(desk: TestClient, days: str, says: str) -> None:
    assert says in tried(desk, "storm", days=days).text
    answer = desk.get("/api/topics/backtest", params={"q": "storm", "days": days})
    assert answer.status_code == 400
    assert says in answer.json()["error"]["says"]


def test_a_program_gets_what_the_command_prints(desk: TestClient) -> None:
    with unit_of_work() as session:
        an_article(session, title="Storm at sea")
    answer = desk.get("/api/topics/backtest", params={"q": "storm", "days": "7", "limit": "5"}).json()
    assert (answer["alerts"], answer["days"], answer["looked_at_all"]) == (1, 7, True)
    assert answer["stories"][0]["marked"]["title"] == [["Storm", True], [" at sea", False]]


def test_a_program_is_told_where_a_query_is_wrong(desk: TestClient) -> None:
    answer = desk.get("/api/topics/backtest", params={"q": "titel:storm"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["position"], error["length"], error["suggestion"]) == (0, 5, "title:")
    assert error["expected"]
    assert error["says"].startswith("At character 1")


def test_nobody_else_may_try_queries(browser: TestClient) -> None:
    answer = browser.get("/api/topics/backtest", params={"q": "storm"})
    assert answer.status_code == 401
    assert "tocsin desk link" in answer.json()["error"]["says"]


def test_too_many_tries_are_asked_to_wait(desk: TestClient) -> None:
    for _ in range(3):
        assert desk.get("/api/topics/backtest", params={"q": "storm"}).status_code == 200
    answer = desk.get("/api/topics/backtest", params={"q": "storm"})
    assert answer.status_code == 429
    assert "try again in a minute" in answer.json()["error"]["says"]
    assert tried(desk, "storm").status_code == 429


def test_a_try_behind_others_that_take_long_is_told_so(
    desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "WAIT_S", 0.01)
    with trying._one:
        assert desk.get("/api/topics/backtest", params={"q": "storm"}).status_code == 429
    assert desk.get("/api/topics/backtest", params={"q": "storm"}).status_code == 200


def test_the_words_to_copy_are_queries_and_the_language_is_explained(desk: TestClient) -> None:
    page = desk.get("/desk/new-topic").text
    assert "NOT binds closest, then AND, then OR" in page
    examples = re.findall(r"<tr><td><code>(.*?)</code>", page)
    assert len(examples) > 10
    for example in examples:
        parse_query(html.unescape(example))
    assert "NOT binds closest, then AND, then OR" in desk.get("/desk/query-language").text
