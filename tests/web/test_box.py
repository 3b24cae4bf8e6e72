"""The box on other sites' pages: what it asks, and what a browser may change by its push subscription."""

import gzip
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from subscriptions import keys
from subscriptions.channels import open_channel
from subscriptions.database import reading, unit_of_work
from subscriptions.settings import settings
from subscriptions.sign_up import leave
from subscriptions.subscribers import followed_topics
from subscriptions.tables import Channel, ChannelStatus, Mute, Subscriber
from subscriptions.texts import LANGUAGES
from subscriptions.vapid import application_server_key, newest_key_id
from subscriptions.web.push_api import ASKS
from tests.browser_keys import Subscribed
from tests.builders import a_topic, an_alert

SITE = "https://news.example"
FROM_SITE = {"Origin": SITE}


@pytest.fixture(autouse=True)
def _sites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SITES", f"https://www.news.example, {SITE}/")
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://alerts.news.example")


@pytest.fixture
def reader() -> Subscribed:
    """The browser of a reader."""
    return Subscribed("https://push.example/send/ann")


def topics(*slugs: str, **values: Any) -> None:
    with unit_of_work() as session:
        for slug in slugs:
            a_topic(session, slug=slug, name=values.get("name", slug.title()))


def known(reader: Subscribed) -> dict[str, Any]:
    return {"endpoint": reader.endpoint, "auth": reader.to_json()["keys"]["auth"]}


def say(browser: TestClient, path: str, **what: Any) -> Response:
    return browser.post(f"/api/push/{path}", json=what, headers=FROM_SITE)


def follow(browser: TestClient, reader: Subscribed, topic: str = "israel", **more: Any) -> Response:
    given = {"subscription": reader.to_json(), "key": newest_key_id(), "topic": topic}
    return say(browser, "subscribe", **given | more)


def repair(browser: TestClient, reader: Subscribed, old: Subscribed | None = None) -> Any:
    was = known(old) if old else None
    answer = say(browser, "repair", subscription=reader.to_json(), key=newest_key_id(), old=was)
    assert answer.status_code == 200
    return answer.json()


def channels() -> list[Channel]:
    with reading() as session:
        return list(session.exec(select(Channel).order_by(Channel.id)))  # type: ignore[arg-type]


def followers() -> list[list[str]]:
    """What each subscriber follows."""
    with reading() as session:
        people = session.exec(select(Subscriber).order_by(Subscriber.id)).all()  # type: ignore[arg-type]
        return [[topic.slug for topic in followed_topics(session, each)] for each in people]


def test_the_box_is_small(browser: TestClient) -> None:
    script = browser.get("/box.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert len(gzip.compress(script.content)) < 6000


def test_pages_that_ask_everything_they_load_may_load_the_scripts(browser: TestClient) -> None:
    for path in ("/box.js", "/sw.js"):
        headers = browser.get(path).headers
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "no-store" not in headers["Cache-Control"]


def test_the_service_worker_is_told_where_tocsin_is(browser: TestClient) -> None:
    assert '"home": "https://alerts.news.example"' in browser.get("/sw.js").text


def test_a_box_is_told_its_topic_the_key_and_what_to_say(browser: TestClient) -> None:
    topics("israel")
    answer = browser.get("/api/box?topic=israel&lang=he-IL", headers=FROM_SITE)
    told = answer.json()
    assert told["topic"] == {"slug": "israel", "name": "Israel"}
    assert told["page"] == "https://alerts.news.example/topics/israel"
    assert (told["key"], told["key_id"]) == (application_server_key(), newest_key_id())
    assert (told["language"], told["direction"], told["mail"]) == ("he", "rtl", False)
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]


def test_an_articles_first_tag_that_is_a_topic_counts(browser: TestClient) -> None:
    topics("israel", "united-states", "ירושלים")
    topics("storms", name="Storms at sea")
    with unit_of_work() as session:
        a_topic(session, slug="practice-harbour", practice=True)
        a_topic(session, slug="draft", status="draft")
    for tags, found in {
        "gaza,israel": "israel",
        "Storms at sea , israel": "storms",
        "United  States": "united-states",
        "ירושלים": "ירושלים",
        "weather,!?": None,
        "practice-harbour,draft": None,
        "": None,
    }.items():
        told = browser.get("/api/box", params={"tags": tags}).json()
        assert (told["topic"] and told["topic"]["slug"]) == found


def test_the_box_speaks_the_pages_language_or_english(browser: TestClient) -> None:
    for lang in (*LANGUAGES, "iw", "pt-BR", "", "<script>"):
        told = browser.get("/api/box", params={"lang": lang}).json()
        assert told["language"] == {"iw": "he"}.get(lang, lang if lang in LANGUAGES else "en")
        assert all(told["texts"].values())
        assert told["texts"]["title"].count("{topic}") == 1


def test_pages_of_other_sites_are_refused(browser: TestClient, reader: Subscribed) -> None:
    topics("israel")
    for origin in (
        "https://other.example",
        "null",
        "https://news.example.other.example",
        "http://news.example",
    ):
        there = {"Origin": origin}
        asked = browser.get("/api/box?topic=israel", headers=there)
        posted = browser.post("/api/push/unsubscribe", json=known(reader), headers=there)
        flown_ahead = browser.options("/api/push/subscribe", headers=there)
        for answer in (asked, posted, flown_ahead):
            assert answer.status_code == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert "TOCSIN_SITES" in asked.json()["error"]["says"]


def test_pages_of_these_sites_and_our_own_may_post_and_without_cookies(browser: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for origin in (SITE, "https://www.news.example", "http://127.0.0.1:8000"):
        answer = browser.options("/api/push/subscribe", headers={"Origin": origin} | asked)
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_other_pages_of_ours_cannot_be_read_by_any_site(browser: TestClient) -> None:
    assert "Access-Control-Allow-Origin" not in browser.get("/", headers=FROM_SITE).headers


def test_one_click_and_the_reader_is_subscribed(browser: TestClient, reader: Subscribed) -> None:
    topics("israel", "gaza")
    answer = follow(browser, reader, language="he", time_zone="Asia/Jerusalem")
    assert answer.json() == {"topics": ["israel"]}
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert follow(browser, reader, "gaza").json() == {"topics": ["gaza", "israel"]}
    assert follow(browser, reader, "gaza").json() == {"topics": ["gaza", "israel"]}
    (channel,) = channels()
    assert (channel.scheme, channel.status) == ("webpush", "live")
    with reading() as session:
        subscriber = session.get_one(Subscriber, channel.subscriber_id)
    assert (subscriber.language, subscriber.time_zone) == ("he", "Asia/Jerusalem")


def test_a_language_or_zone_nobody_knows_keeps_nobody_out(browser: TestClient, reader: Subscribed) -> None:
    topics("israel")
    follow(browser, reader, language="<b>", time_zone="Mars/Olympus")
    with reading() as session:
        (subscriber,) = session.exec(select(Subscriber)).all()
    assert (subscriber.language, subscriber.time_zone) == ("en", "UTC")


def test_what_cannot_be_is_refused_in_words_and_stores_nothing(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    with unit_of_work() as session:
        a_topic(session, slug="paused", status="paused")
    plain_http: dict[str, Any] = {"endpoint": "http://push.example/a", "keys": {"p256dh": "a", "auth": "a"}}
    wrongs: list[tuple[dict[str, Any], int]] = [
        ({"subscription": {}}, 400),
        ({"subscription": plain_http}, 400),
        ({"key": "of nobody"}, 400),
        ({"topic": "nothing"}, 400),
        ({"topic": "paused"}, 400),
        ({"topic": "x" * 200}, 422),
        ({"old": {"endpoint": "x"}}, 422),
    ]
    right = {"subscription": reader.to_json(), "key": newest_key_id(), "topic": "israel"}
    for wrong, status in wrongs:
        answer = say(browser, "subscribe", **right | wrong)
        assert answer.status_code == status
        assert answer.json()["error"]["says"].endswith(".")
    assert channels() == []


def test_leaving_one_topic_keeps_the_others_and_leaving_the_last_retires_the_channel(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel", "gaza")
    follow(browser, reader)
    follow(browser, reader, "gaza")
    assert say(browser, "unsubscribe", **known(reader), topic="gaza").json() == {"topics": ["israel"]}
    assert [channel.status for channel in channels()] == ["live"]
    assert say(browser, "unsubscribe", **known(reader), topic="israel").json() == {"topics": []}
    assert [channel.status for channel in channels()] == ["retired"]
    assert followers() == [[]]
    follow(browser, reader)
    assert [channel.status for channel in channels()] == ["live"]


def test_leaving_all_at_once(browser: TestClient, reader: Subscribed) -> None:
    topics("israel", "gaza")
    follow(browser, reader)
    follow(browser, reader, "gaza")
    assert say(browser, "unsubscribe", **known(reader)).json() == {"topics": []}
    assert followers() == [[]]


def test_a_topic_that_is_not_there_is_no_word_to_leave_everything(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    say(browser, "unsubscribe", **known(reader), topic="nothing")
    assert followers() == [["israel"]]


def test_who_does_not_know_the_secret_changes_nothing_and_learns_nothing(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    with unit_of_work() as session:
        story = an_alert(session).story_id
    stranger = Subscribed("https://push.example/send/nobody")
    for path, more in (("unsubscribe", {}), ("mute", {"story": story}), ("settings", {})):
        guess = known(stranger) | {"endpoint": reader.endpoint} | more
        guessed, unknown = (say(browser, path, **who) for who in (guess, known(stranger) | more))
        assert (guessed.status_code, guessed.json()) == (unknown.status_code, unknown.json())
    same_place = Subscribed(reader.endpoint)
    assert repair(browser, same_place) == repair(browser, stranger) == {"topics": [], "stale": False}
    assert repair(browser, stranger, old=same_place) == {"topics": [], "stale": False}
    assert follow(browser, same_place).json() == follow(browser, stranger).json()
    assert followers()[0] == ["israel"]
    assert open_channel(channels()[0].sealed)["auth"] == known(reader)["auth"]
    with reading() as session:
        assert session.exec(select(Mute)).all() == []


def test_a_browser_whose_endpoint_changed_goes_on_at_the_new_one(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    moved = Subscribed("https://push.example/send/moved")
    assert repair(browser, moved, old=reader) == {"topics": ["israel"], "stale": False}
    (channel,) = channels()
    assert open_channel(channel.sealed)["endpoint"] == moved.endpoint
    assert repair(browser, reader) == {"topics": [], "stale": False}


def test_a_browser_whose_endpoint_was_given_up_needs_a_new_one(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    with unit_of_work() as session:
        channel = session.get_one(Channel, channels()[0].id)
        channel.status, channel.why = ChannelStatus.retired, "410 Gone"
        session.add(channel)
    assert repair(browser, reader) == {"topics": ["israel"], "stale": True}
    assert repair(browser, Subscribed("https://push.example/new"), old=reader)["stale"] is False
    assert [channel.status for channel in channels()] == ["live"]


def test_a_browser_with_a_key_that_was_replaced_needs_a_new_one(
    browser: TestClient, reader: Subscribed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", "a" * 32)
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    topics("israel")
    follow(browser, reader)
    older = newest_key_id()
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", f"{'b' * 32},{'a' * 32}")
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    asked = {"subscription": reader.to_json(), "key": older}
    assert say(browser, "repair", **asked).json() == {"topics": ["israel"], "stale": True}
    renewed = Subscribed("https://push.example/renewed")
    assert repair(browser, renewed, old=reader) == {"topics": ["israel"], "stale": False}


def test_who_left_by_another_way_is_not_brought_back_by_a_visit(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    with unit_of_work() as session:
        leave(session, session.get_one(Channel, channels()[0].id))
    moved = Subscribed("https://push.example/send/moved")
    assert repair(browser, reader) == {"topics": [], "stale": False}
    assert repair(browser, moved, old=reader) == {"topics": [], "stale": False}
    assert [channel.status for channel in channels()] == ["retired"]


def test_a_story_is_muted_once_however_often_it_is_said(browser: TestClient, reader: Subscribed) -> None:
    topics("israel")
    follow(browser, reader)
    with unit_of_work() as session:
        story = an_alert(session).story_id
    for _ in range(2):
        assert say(browser, "mute", **known(reader), story=story).status_code == 200
    assert say(browser, "mute", **known(reader), story=story + 1).status_code == 200
    with reading() as session:
        assert [mute.story_id for mute in session.exec(select(Mute))] == [story]


def test_the_settings_button_leads_to_the_page_of_what_one_follows(
    browser: TestClient, reader: Subscribed
) -> None:
    topics("israel")
    follow(browser, reader)
    page = say(browser, "settings", **known(reader)).json()["page"]
    browser.base_url = "https://alerts.news.example"
    shown = browser.get(page)
    assert shown.url.path == "/me"
    assert "Israel" in shown.text
    assert "What you follow" in shown.text


def test_one_network_address_cannot_change_things_without_end(
    browser: TestClient, reader: Subscribed
) -> None:
    answers = [say(browser, "unsubscribe", **known(reader)).status_code for _ in range(ASKS + 2)]
    assert answers == [200] * ASKS + [429] * 2
    repair(browser, reader)  # a visit is no change


def test_the_small_window_speaks_only_to_sites_that_may_have_the_box(browser: TestClient) -> None:
    topics("israel")
    ours = browser.get("/topics/israel", params={"from": SITE, "lang": "he"})
    assert f'data-opener="{SITE}"' in ours.text
    assert 'data-lang="he"' in ours.text
    assert ours.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    for other in ("https://other.example", "", '"><script>'):
        theirs = browser.get("/topics/israel", params={"from": other})
        assert "data-opener" not in theirs.text
        assert theirs.headers["Cross-Origin-Opener-Policy"] == "same-origin"
