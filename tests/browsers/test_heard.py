"""What a reader was told, in a real Chromium: on a phone, in the dark, from the right, without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlmodel import Session, col

from subscriptions import clock
from subscriptions.channels import add_channel
from subscriptions.database import reading, unit_of_work
from subscriptions.feeds.link import make_feed_link
from subscriptions.keys import signer
from subscriptions.tables import AlertStatus, ArticleStatus, Match, Mute, Shard, Topic
from tests.browsers.conftest import PROGRAM, NewsSite
from tests.browsers.sight import look
from tests.builders import NOON, a_subscriber, a_topic, an_alert, an_article, stored
from worker.push.fan_out import lay_out
from worker.push.ledger import pack

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pages are looked at in Chromium: apt install chromium"),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]


@pytest.fixture
def opened(open_browser: Any) -> Callable[..., Page]:
    """Opens the pages of whom a channel belongs to, on a phone."""

    def page(channel: int, **how: Any) -> Page:
        fresh: Page = open_browser(**how)
        fresh.goto(f"/me/enter/{signer('enter').dumps(channel)}")
        return fresh

    return page


def told(session: Session, topic: Topic, channel: int, **values: Any) -> int:
    """Store an alert that was told on a channel, with the word it was found by; gives its number."""
    now = clock.now()
    given: dict[str, Any] = dict.fromkeys(("status_at", "matched_at", "queued_at", "first_sent_at"), now)
    alert = an_alert(session, topic, status=AlertStatus.rung, **given | values)
    lay_out(session, alert.id or 0, [channel])
    session.execute(update(Shard).where(col(Shard.alert_id) == alert.id).values(accepted=pack([channel])))
    keys: dict[str, Any] = {"article_id": alert.article_id, "topic_id": topic.id}
    stored(session, Match(**keys, words=[alert.title.split()[0]], created_at=NOON))
    return alert.id or 0


def test_the_pages_of_what_was_told_keep_nobody_out(news_site: NewsSite, opened: Any, axe: str) -> None:
    with unit_of_work() as session:
        topic = session.merge(news_site.topic)
        ann = a_subscriber(session, topic, name="ann", language="en")
        channel = add_channel(session, ann, "ann@reader.example").id or 0
        a_topic(session, slug="floods", name="Floods")
        first = told(session, topic, channel, title="Israel opens an airport")
        told(session, topic, channel, title="מבזק: שדה תעופה חדש", language="he")
        article = an_article(session, title="Israel signs a treaty", status=ArticleStatus.matched)
        keys: dict[str, Any] = {"article_id": article.id, "topic_id": 2}
        stored(session, Match(**keys, words=["treaty"], created_at=NOON))
        make_feed_link(session, ann)
    pages = {scheme: opened(channel, color_scheme=scheme) for scheme in ("light", "dark")}
    for scheme, page in pages.items():
        for path in (
            "/me/alerts",
            f"/me/alerts/{first}",
            "/me/why",
            f"/me/why?q={article.id}",
            "/me/alerts?lang=ar",
        ):
            look(page, axe, path, f"heard{re.sub(r'[^a-z]+', '-', path)}-{scheme}")
    page = pages["light"]
    page.goto("/me/alerts")
    page.get_by_text("Why did I get this?").last.click()
    expect(page.locator("mark").last).to_have_text("Israel")


def test_without_javascript_a_story_is_muted_and_the_reason_found(news_site: NewsSite, opened: Any) -> None:
    with unit_of_work() as session:
        topic = session.merge(news_site.topic)
        ann = a_subscriber(session, topic, name="ann")
        channel = add_channel(session, ann, "ann@reader.example").id or 0
        told(session, topic, channel, title="Israel opens an airport")
        link = "https://news.example/flood"
        an_article(session, title="Flood in the valley", link=link, status=ArticleStatus.matched)
    page = opened(channel, java_script_enabled=False)
    page.get_by_role("link", name="My alerts").click()
    page.get_by_role("link", name="Israel opens an airport").click()
    page.get_by_role("button", name="Mute this story").click()
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    with reading() as session:
        assert session.get(Mute, {"subscriber_id": ann.id, "story_id": 1}) is not None
    page.get_by_role("link", name="My alerts").first.click()
    page.get_by_role("link", name="Why didn't I get …?").click()
    page.get_by_role("searchbox").fill(link)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_have_text("Flood in the valley")
    expect(page.locator("main")).to_contain_text("It speaks of none of the topics you follow: Israel.")
