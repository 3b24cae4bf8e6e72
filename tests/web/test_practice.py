"""The practice newsroom: its stories, its feed, its bell."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from subscriptions import settings
from subscriptions.keys import signer
from subscriptions.web.practice_stories import DRAFTS, ROUND_S, SHOWN, STANDING, PracticeItem, stories
from tests.builders import NOON
from tests.conftest import Clock
from worker.understand.urgency import how_urgent
from worker.watch.wire import read_feed


def after(seconds: float) -> list[PracticeItem]:
    return stories(NOON, NOON + timedelta(seconds=seconds))


def test_one_story_stands_from_the_start_and_the_first_breaks_after_eight_seconds() -> None:
    assert after(7.9) == [STANDING]
    assert "Harbour" in after(8)[0].title


def test_an_update_changes_the_text_of_the_same_item() -> None:
    before = next(item for item in after(77) if "whale" in item.title)
    updated = next(item for item in after(78) if item.guid == before.guid)
    assert (updated.title, updated.published) == (before.title, before.published)
    assert updated.text != before.text


def test_a_second_desk_sends_the_same_headline_under_another_id() -> None:
    storms = [item for item in after(90) if "Egon" in item.title]
    assert len({item.title for item in storms}) == 1
    assert len({item.guid for item in storms}) == 2


def test_a_flash_and_a_story_written_from_right_to_left_are_among_them() -> None:
    titles = [item.title for item in after(ROUND_S)]
    assert any(how_urgent(title).level == 1 for title in titles)
    assert any("נמל" in title for title in titles)


def test_after_its_first_round_the_newsroom_breaks_a_story_every_few_minutes() -> None:
    first = [item for item in after(ROUND_S - 1) if item != STANDING]
    hour = [item for item in after(ROUND_S + 3600) if item.published >= NOON + timedelta(seconds=ROUND_S)]
    assert len(first) == sum(draft.changes is None for draft in DRAFTS)
    assert 8 <= len(hour) <= 14


def test_no_two_stories_share_an_id_or_a_headline_and_the_feed_stays_short() -> None:
    for hours in (1, 24, 24 * 30):
        items = after(hours * 3600)
        assert len({item.guid for item in items}) == len(items) <= SHOWN
        assert len({item.title for item in items}) >= len(items) - 3  # what a second desk sent again


def test_another_start_breaks_other_stories() -> None:
    later = stories(NOON + timedelta(hours=1), NOON + timedelta(hours=1, seconds=30))
    assert {item.guid for item in later} & {item.guid for item in after(30)} == {STANDING.guid}


def test_every_story_says_that_it_is_practice() -> None:
    assert all(item.title.startswith("Practice: ") for item in after(ROUND_S))


@pytest.mark.usefixtures("stopped_clock")
def test_the_feed_is_a_feed_and_is_not_sent_twice(browser: TestClient, stopped_clock: Clock) -> None:
    first = browser.get("/practice/feed.xml")
    feed = read_feed(first.content, url="http://127.0.0.1:8000/practice/feed.xml", content_type="")
    assert [item.title for item in feed.items] == [STANDING.title]
    tag = {"If-None-Match": first.headers["ETag"]}
    assert browser.get("/practice/feed.xml", headers=tag).status_code == 304
    stopped_clock.move(seconds=8)
    assert browser.get("/practice/feed.xml", headers=tag).status_code == 200


def test_a_story_of_the_feed_can_be_read(browser: TestClient) -> None:
    browser.get("/practice/feed.xml")
    assert STANDING.text in browser.get("/practice/story/opening").text
    assert browser.get("/practice/story/none").status_code == 404


def test_the_bell_rings_for_the_practice_subscriber_only(browser: TestClient) -> None:
    bell = f"/practice/bell/{signer('practice bell').dumps('practice')}"
    assert browser.post(bell, json={"title": "Practice: A whale"}).status_code == 204
    assert browser.post("/practice/bell/guessed", json={"title": "no"}).status_code == 404
    assert browser.post(bell, content=b"no json").status_code == 404


def test_with_practice_off_there_is_nothing_of_it(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PRACTICE", "false")
    settings.settings.cache_clear()
    assert browser.get("/practice/feed.xml").status_code == 404
    assert "Practice newsroom" not in browser.get("/").text
