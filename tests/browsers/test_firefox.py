"""A reader with a real Firefox: from the box on a site's page to the notification, and out again."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.counts import Counts, counts_of, tally
from subscriptions.database import reading, unit_of_work
from subscriptions.settings import settings
from subscriptions.sources import add_source
from subscriptions.tables import Alert, Channel, Mute
from tests.browsers.conftest import NewsSite
from tests.firefox import Firefox, firefox, missing, until
from tests.firefox_push import FirefoxPush, firefox_push
from worker.match.find import find
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand
from worker.watch.poll import poll_due

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing()),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]

BOX = "document.querySelector('tocsin-box').shadowRoot"


@pytest.fixture
def push() -> Iterator[FirefoxPush]:
    """Firefox's push service."""
    with firefox_push() as service:
        yield service


class Newsroom:
    """What the newsroom's workers do, without a broker between them."""

    def __init__(self, site: NewsSite) -> None:
        self.site, self.items = site, ""
        self._publish()
        with unit_of_work() as session:
            add_source(session, site.server.url("/feed.xml"), interval_s=1)
        until(lambda: poll_due(lambda _: None) or site.server.polls("/feed.xml"), "the baseline is read")

    def breaks(self, title: str) -> int:
        """Publish an article and work it through the chain; give its alert."""
        path = f"/articles/{title.replace(' ', '-')}"
        self.site.server.serve(path, f"<title>{title}</title>".encode(), content_type="text/html")
        link = f"{self.site.origin}{path}"
        self.items += f"<item><guid>{link}</guid><title>{title}</title><link>{link}</link></item>"
        self._publish()
        alerts: list[Alert] = until(self._look, f"{title!r} makes an alert")
        return self.rings(alerts[0].id or 0)

    def corrects(self, alert_id: int, title: str) -> int:
        """Correct an alert."""
        with unit_of_work() as session:
            new = correct_alert(session, session.get_one(Alert, alert_id), "We misread it.", title=title)
        return self.rings(new.id or 0)

    def kills(self, alert_id: int) -> int:
        """Withdraw an alert."""
        with unit_of_work() as session:
            new = kill_alert(session, session.get_one(Alert, alert_id), "It did not happen.")
        return self.rings(new.id or 0)

    def rings(self, alert_id: int) -> int:
        """Tell the recipients of an alert."""
        for shard_id in fan_out(alert_id):
            deliver(shard_id)
        return alert_id

    def _publish(self) -> None:
        feed = f"<rss version='2.0'><channel><title>Island Herald</title>{self.items}</channel></rss>"
        self.site.server.serve("/feed.xml", feed.encode())

    def _look(self) -> list[Alert]:
        new: list[int] = []
        poll_due(new.extend)
        return find(understand(new)) if new else []


class Reader:
    """A reader at their browser."""

    def __init__(self, browser: Firefox) -> None:
        self.browser = browser

    def box_says(self) -> str:
        """Give the box's status."""
        status = f"{BOX}.querySelector('[role=status]').textContent"
        return str(self.browser.page(f"return document.querySelector('tocsin-box') && {status}") or "")

    def presses_the_button(self) -> None:
        """Click the box's one button."""
        self.browser.click(f"return {BOX}.querySelector('button')")

    def allows(self) -> None:
        """Answer the browser's question with yes."""
        until(
            lambda: self.browser.inside(
                "const asked = window.PopupNotifications.panel.querySelector('popupnotification');"
                "if (!asked || asked.id !== 'web-notifications-notification') return false;"
                "asked.button.click(); return true;"
            ),
            "Firefox asks",
        )

    def shown(self) -> list[dict[str, Any]]:
        """List the notifications the browser keeps."""
        told = self.browser.page(
            "const there = await navigator.serviceWorker.getRegistration('/tocsin-push/');"
            "const shown = there ? await there.getNotifications() : [];"
            "return JSON.stringify(shown.map(({ title, body, tag, silent, actions }) =>"
            " ({ title, body, tag, silent, actions: (actions || []).map((each) => each.title) })));"
        )
        notifications: list[dict[str, Any]] = json.loads(told)
        return notifications

    def sees(self, title: str) -> dict[str, Any]:
        """Wait until just one notification is there, with this title."""
        until(lambda: [each["title"] for each in self.shown()] == [title], f"{title!r} alone is shown")
        alerts = (
            "return [...Services.wm.getEnumerator('alert:alert')]"
            ".filter((each) => each.gIsActive && !each.gIsReplaced)"
            ".map((each) => each.document.getElementById('alertTitleLabel').value)"
        )
        until(lambda: self.browser.inside(alerts) == [title], f"{title!r} is on the screen")
        return self.shown()[0]

    def clicks_the_notification(self) -> None:
        """Click on the notification's text."""
        self.browser.inside(
            "Services.wm.getMostRecentWindow('alert:alert').document.getElementById('alertBox').click()"
        )

    def presses_on_it(self, action: str) -> None:
        """Press a button of the notification: this desktop draws none, so its answer is given for it."""
        self.browser.inside(
            "const shown = Services.wm.getMostRecentWindow('alert:alert');"
            "const QueryInterface = ChromeUtils.generateQI(['nsIAlertAction']);"
            "const pressed = { action: arguments[0], title: '', QueryInterface };"
            "shown.gAlertListener.observe(pressed, 'alertclickcallback', shown.gAlertCookie); shown.close();",
            action,
        )

    def tabs(self) -> list[str]:
        """List the addresses of the open tabs."""
        addresses: list[str] = self.browser.inside(
            "return gBrowser.tabs.map((tab) => tab.linkedBrowser.currentURI.spec)"
        )
        return addresses


@contextmanager
def reader(profile: Path, push: FirefoxPush) -> Iterator[Reader]:
    """A reader opens the browser."""
    with firefox(profile, dom__push__serverURL=f"ws://127.0.0.1:{push.port}/") as browser:
        yield Reader(browser)


def subscribes(ann: Reader, site: NewsSite) -> str:
    """Subscribe by the box on the site's page; give the page's address."""
    page = site.page("/israel", topic="israel", worker="/tocsin-sw.js")
    ann.browser.open(page)
    until(lambda: ann.box_says() == "Get notifications to stay updated", "the box is there")
    ann.presses_the_button()
    ann.allows()
    until(lambda: ann.box_says() == "You're subscribed", "ann is subscribed")
    return page


def channel() -> Channel:
    with reading() as session:
        return session.exec(select(Channel).order_by(col(Channel.id))).one()


def muted_stories() -> Sequence[int]:
    with reading() as session:
        return session.exec(select(Mute.story_id)).all()


def story_of(alert_id: int) -> int:
    with reading() as session:
        return session.get_one(Alert, alert_id).story_id


def counts(alert_id: int) -> Counts:
    tally.store()  # the web app runs in this process
    with reading() as session:
        return counts_of(session, alert_id)


def test_from_the_box_to_the_notification_its_correction_and_its_withdrawal(
    news_site: NewsSite, push: FirefoxPush, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_COUNT_CLICKS", "true")
    settings.cache_clear()
    newsroom = Newsroom(news_site)
    with reader(tmp_path / "profile", push) as ann:
        subscribes(ann, news_site)
        storm = newsroom.breaks("Storm reaches Israel")
        seen = ann.sees("Storm reaches Israel")
        assert "You follow Israel." in seen["body"]
        assert seen["actions"] == ["Mute this story", "Settings"]
        correction = newsroom.corrects(storm, "Storm passes Israel by")
        assert "We misread it." in ann.sees("Correction: Storm passes Israel by")["body"]
        ann.clicks_the_notification()
        article = f"{news_site.origin}/articles/Storm-reaches-Israel"
        until(lambda: article in ann.tabs(), "the article is open")
        until(lambda: ann.shown() == [], "the notification is gone")
        until(lambda: counts(correction) == Counts(shown=1, opened=1), "the click is counted")
        assert counts(storm) == Counts(shown=1, opened=0)

        airport = newsroom.breaks("Israel opens a second airport")
        ann.sees("Israel opens a second airport")
        ann.presses_on_it("mute")
        assert until(muted_stories, "the story is muted") == [story_of(airport)]
        until(lambda: ann.shown() == [], "the notification is gone")

        flood = newsroom.breaks("Flood reported in Israel")
        ann.sees("Flood reported in Israel")
        newsroom.kills(flood)
        notice = ann.sees("Withdrawn: Flood reported in Israel")
        assert "It did not happen." in notice["body"]
        assert notice["actions"] == []
    assert set(push.answers) == {201}
    assert set(push.acknowledged) == {100}


def test_a_browser_that_was_shut_is_told_when_it_is_back_and_who_leaves_is_told_no_more(
    news_site: NewsSite, push: FirefoxPush, tmp_path: Path
) -> None:
    newsroom = Newsroom(news_site)
    with reader(tmp_path / "profile", push) as ann:
        page = subscribes(ann, news_site)
        ann.browser.quit()
    newsroom.breaks("Snow in northern Israel")
    with reader(tmp_path / "profile", push) as ann:
        ann.browser.open(page)
        ann.sees("Snow in northern Israel")
        until(lambda: ann.box_says() == "You're subscribed", "the box remembers")

        # The browser drops the subscription by itself: the next push finds nobody, the next visit repairs it.
        ann.browser.page(
            "const there = await navigator.serviceWorker.getRegistration('/tocsin-push/');"
            "await (await there.pushManager.getSubscription()).unsubscribe();"
        )
        until(lambda: not push.endpoints, "the push service knows it")
        newsroom.breaks("Hail in southern Israel")
        assert push.answers[-1] == 410
        assert channel().status == "retired"
        ann.browser.open(page)
        until(lambda: channel().status == "live", "the visit repairs it")
        newsroom.breaks("Sun over all of Israel")
        until(lambda: "Sun over all of Israel" in [each["title"] for each in ann.shown()], "it rings again")

        until(lambda: ann.box_says() == "You're subscribed", "the box is there")
        ann.presses_the_button()
        until(lambda: ann.box_says() == "You're not subscribed any more.", "ann has left")
        assert (channel().status, channel().why) == ("retired", "its owner left")
        until(lambda: not push.endpoints, "the push service knows it")


def test_a_browser_whose_subscription_the_push_service_lost_goes_on_at_a_new_one_without_a_visit(
    news_site: NewsSite, push: FirefoxPush, tmp_path: Path
) -> None:
    with reader(tmp_path / "profile", push) as ann:
        subscribes(ann, news_site)
        ann.browser.quit()
    before = channel().digest
    push.forget()
    with reader(tmp_path / "profile", push):
        until(lambda: channel().digest != before, "the service worker repairs it")
    assert channel().status == "live"
