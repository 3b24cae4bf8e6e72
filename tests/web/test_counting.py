"""Clicks and receipts: counted in sum, only where that is switched on, and leading nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from subscriptions import counts, settings
from subscriptions.counts import Counts, Tally, count_token, counted_link, counts_of
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.keys import signer, stamp
from subscriptions.push_endpoints import push_address
from subscriptions.tables import Alert
from subscriptions.vapid import newest_key_id
from subscriptions.web import counting
from subscriptions.web.turnstile import Turnstile
from tests.browser_keys import Subscribed
from tests.builders import a_channel, a_subscriber, a_topic, an_alert
from worker.push.recipients import message_for, recipients

LINK = "https://news.example/storm"
SITE = {"Origin": "https://news.example"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Tally()
    monkeypatch.setattr(counts, "tally", fresh)
    monkeypatch.setattr(counting, "tally", fresh)
    monkeypatch.setattr(counting, "turnstile", Turnstile(counting.COUNTED, counting.COUNTED_WITHIN))
    count_token.cache_clear()


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newsroom counts."""
    monkeypatch.setenv("TOCSIN_COUNT_CLICKS", "true")
    monkeypatch.setenv("TOCSIN_SITES", "https://news.example")
    settings.settings.cache_clear()


@pytest.fixture
def alert(switched_on: None, db: str) -> int:
    """An alert to a thousand people."""
    with unit_of_work() as session:
        return an_alert(session, link=LINK, recipients=1000).id or 0


def say(browser: TestClient, token: str, what: str = "shown") -> int:
    return browser.post("/api/counts", json={"alert": token, "what": what}, headers=SITE).status_code


def counted(alert: int) -> Counts:
    counts.tally.store()
    with reading() as session:
        return counts_of(session, alert)


def test_receipts_and_clicks_are_added_up(alert: int, browser: TestClient) -> None:
    for what in ("shown", "shown", "opened"):
        assert say(browser, count_token(alert), what) == 204
    answer = browser.get(f"/r/{count_token(alert)}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, LINK)
    assert "set-cookie" not in answer.headers
    assert counted(alert) == Counts(2, 2)
    say(browser, count_token(alert))
    assert counted(alert) == Counts(3, 2)


def test_a_service_worker_of_a_site_may_say_so(alert: int, browser: TestClient) -> None:
    asks = SITE | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert (
        browser.options("/api/counts", headers=asks).headers["access-control-allow-origin"] == SITE["Origin"]
    )
    other = browser.post("/api/counts", json={}, headers={"Origin": "https://other.example"})
    assert other.status_code == 403


def test_forged_tokens_count_nothing_and_lead_nowhere(alert: int, browser: TestClient) -> None:
    made = count_token(alert)
    for wrong in (
        made[:-2],
        "x",
        signer("count").dumps(alert),
        stamp("feed").dumps(alert),
        stamp("count").dumps("x"),
    ):
        assert say(browser, wrong) == 204
        answer = browser.get(f"/r/{wrong}", follow_redirects=False)
        assert answer.status_code == 404
        assert "location" not in answer.headers
    assert say(browser, stamp("count").dumps(999)) == 204
    assert say(browser, made, "sold") == 422
    assert counted(alert) == Counts()


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "data:text/html,x", ""])
def test_a_link_leads_only_to_the_web_address_that_is_stored(
    alert: int, browser: TestClient, link: str
) -> None:
    with unit_of_work() as session:
        session.get_one(Alert, alert).link = link
    answer = browser.get(f"/r/{count_token(alert)}?to=https://evil.example", follow_redirects=False)
    assert answer.status_code == 404


def test_nobody_counts_more_than_there_are_recipients(alert: int) -> None:
    for _ in range(3):
        for _ in range(400):
            counts.tally.count(alert, "shown")
        counts.tally.store()
    assert counted(alert) == Counts(shown=1000)


def test_one_network_counts_only_so_often(
    alert: int, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "turnstile", Turnstile(2, counting.COUNTED_WITHIN))
    for _ in range(4):
        assert say(browser, count_token(alert)) == 204
    assert browser.get(f"/r/{count_token(alert)}", follow_redirects=False).status_code == 302
    assert counted(alert) == Counts(shown=2)


def test_many_at_once_are_one_update_and_none_is_missed(alert: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.tally.count(alert, "shown"), range(800)))
    updates = []
    event.listen(engine(), "before_cursor_execute", lambda *what: updates.append(what[2]))
    assert counted(alert) == Counts(shown=800)
    assert sum(statement.startswith("UPDATE") for statement in updates) == 1


def test_counts_of_an_alert_that_is_no_more_are_dropped(alert: int) -> None:
    counts.tally.count(alert, "shown")
    counts.tally.count(999, "shown")
    assert counted(alert) == Counts(shown=1)


@pytest.mark.usefixtures("db")
def test_switched_off_nothing_is_counted_and_old_links_still_lead_on(browser: TestClient) -> None:
    with unit_of_work() as session:
        number = an_alert(session, link=LINK, recipients=9).id or 0
    assert say_plain(browser, number) == 204
    answer = browser.get(f"/r/{count_token(number)}", follow_redirects=False)
    assert answer.headers["location"] == LINK
    assert counted(number) == Counts()
    assert counted_link(number, LINK) == LINK


def say_plain(browser: TestClient, number: int) -> int:
    return browser.post("/api/counts", json={"alert": count_token(number), "what": "shown"}).status_code


def test_counts_are_stored_when_the_web_app_ends(alert: int, browser: TestClient) -> None:
    say(browser, count_token(alert))
    browser.__exit__(None, None, None)
    with reading() as session:
        assert counts_of(session, alert) == Counts(shown=1)
    browser.__enter__()


def test_the_desk_and_the_metrics_show_them(alert: int, desk: TestClient, stopped_clock: object) -> None:
    assert "Shown by browsers: 0. Opened: 0." in desk.get(f"/desk/alerts/{alert}").text
    say(desk, count_token(alert))
    say(desk, count_token(alert), "opened")
    counts.tally.store()
    assert "Shown by browsers: 1. Opened: 1." in desk.get(f"/desk/alerts/{alert}").text
    numbers = desk.get("/metrics").text
    assert 'tocsin_recent_counts{what="shown"} 1.0' in numbers


def a_browser() -> str:
    return push_address(Subscribed().to_json(), newest_key_id())


def message(channel: str) -> Any:
    with unit_of_work() as session:
        topic = a_topic(session)
        one = a_channel(session, a_subscriber(session, topic), channel)
        alert = an_alert(session, topic, link=LINK)
        (recipient,) = recipients(session, alert.id or 0, [one.id or 0])
        return alert.id, message_for(alert, recipient)


@pytest.mark.usefixtures("db", "switched_on")
def test_only_mails_and_notifications_carry_what_is_counted_by() -> None:
    number, mail = message("ann@reader.example")
    assert mail.link == f"http://127.0.0.1:8000/r/{count_token(number)}"
    assert mail.receipt == ""
    number, push = message(a_browser())
    assert (push.link, push.receipt) == (LINK, count_token(number))
    number, other = message("json://127.0.0.1:9/ann")
    assert (other.link, other.receipt) == (LINK, "")


@pytest.mark.usefixtures("db")
def test_switched_off_messages_carry_nothing_of_it() -> None:
    for channel in ("ann@reader.example", a_browser()):
        _number, said = message(channel)
        assert (said.link, said.receipt) == (LINK, "")
