"""The box and its page in a real Chromium: by mouse and keyboard, in either direction, for everybody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from subscriptions.database import reading
from subscriptions.tables import Channel
from tests.browser_keys import Subscribed
from tests.browsers.conftest import PROGRAM, NewsSite
from tests.browsers.sight import barriers, keep_picture

NEWS_STYLE = """
    body { font: 18px/1.5 Georgia, serif; color: #222; background: #fffdf8; margin: 1rem }
    tocsin-box { --tocsin-accent: #a00; --tocsin-accent-text: #fff; --tocsin-background: #fff }
    @media (prefers-color-scheme: dark) {
      body { color: #eee; background: #111 }
      tocsin-box { --tocsin-accent: #f99; --tocsin-accent-text: #200; --tocsin-background: #222 }
    }"""
# Chromium's push service is on the internet: what it would give is given here, and kept by the page's origin.
PUSH_MANAGER = """
  addEventListener("securitypolicyviolation", (event) => {
    (window.violations ||= []).push(event.violatedDirective + " " + event.blockedURI);
  });
  if (window.PushManager) {
    const given = %s;
    const subscription = () => localStorage.subscribed && {
      ...given, options: {}, toJSON: () => given,
      unsubscribe: async () => { delete localStorage.subscribed; return true; },
    } || null;
    PushManager.prototype.getSubscription = async () => subscription();
    PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
      if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("not as browsers ask");
      localStorage.subscribed = "yes";
      return subscription();
    };
  }
"""
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148"
)

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pages are looked at in Chromium: apt install chromium"),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]


@pytest.fixture
def visit(chromium: Browser, news_site: NewsSite) -> Iterator["Visit"]:
    """A visit of the site with a browser that allows notifications."""
    visit = Visit(chromium, news_site)
    yield visit
    for context in visit.contexts:
        context.close()


class Visit:
    """Opens pages of the site; each context is a browser of its own."""

    def __init__(self, chromium: Browser, site: NewsSite) -> None:
        self.chromium, self.site = chromium, site
        self.contexts: list[BrowserContext] = []

    def context(self, *, allows: bool = True, script: str = "", **how: Any) -> BrowserContext:
        """Open a browser nobody has used, whose reader allows notifications or does not."""
        context = self.chromium.new_context(**{"viewport": {"width": 480, "height": 560}} | how)
        self.contexts.append(context)
        context.set_default_timeout(20_000)
        given = Subscribed("http://127.0.0.1:1/push/ann").to_json()
        context.add_init_script(script + PUSH_MANAGER % json.dumps(given))
        if allows:
            for origin in (self.site.origin, self.site.newsroom):
                context.grant_permissions(["notifications"], origin=origin)
        return context

    def page(self, context: BrowserContext | None = None, **data: str) -> Page:
        """Open the site's page with the box; wait until that is there."""
        given = {"topic": "israel", "worker": "/tocsin-sw.js", "style": NEWS_STYLE} | data
        address = self.site.page("/israel", **{name: value for name, value in given.items() if value})
        page = (context or self.context()).new_page()
        page.goto(address)
        page.locator("tocsin-box").wait_for()
        return page


def says(page: Page, text: str) -> None:
    """Wait until the box says this."""
    expect(page.locator("tocsin-box").get_by_role("status")).to_have_text(text, timeout=20_000)


def statuses() -> list[str]:
    with reading() as session:
        return [channel.status for channel in session.exec(select(Channel))]


def test_by_keyboard_alone_a_reader_subscribes_and_leaves(visit: Visit) -> None:
    page = visit.page()
    expect(page.locator("tocsin-box")).to_contain_text("Never miss breaking news on Israel")
    says(page, "Get notifications to stay updated")
    keep_picture(page, "box")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Notify me")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "You're subscribed")
    keep_picture(page, "box-subscribed")
    assert statuses() == ["live"]
    page.reload()
    says(page, "You're subscribed")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    says(page, "You're not subscribed any more.")
    expect(page.get_by_role("button", name="Notify me")).to_be_focused()
    assert statuses() == ["retired"]
    assert page.evaluate("window.violations || []") == [], "the site's policy forbids nothing the box does"
    assert page.context.cookies() == []


def test_the_box_keeps_nobody_out_in_light_and_dark_and_from_right_to_left(visit: Visit, axe: str) -> None:
    for lang, scheme, offer, button, done in (
        ("en", "light", "Get notifications to stay updated", "Notify me", "You're subscribed"),
        ("he", "dark", "קבלו התראות והישארו מעודכנים", "עדכנו אותי", "נרשמתם"),
        ("ar", "light", "فعّل الإشعارات لتبقى على اطلاع", "أشعرني", "تم الاشتراك"),
    ):
        page = visit.page(visit.context(color_scheme=scheme, device_scale_factor=2), lang=lang)
        says(page, offer)
        assert barriers(page, axe) == []
        pressed = page.get_by_role("button", name=button)
        place, frame = pressed.bounding_box(), page.locator("tocsin-box").bounding_box()
        assert place is not None
        assert frame is not None
        middle = place["x"] + place["width"] / 2 - (frame["x"] + frame["width"] / 2)
        assert (middle > 0) == (lang != "en"), "the button is where the reading begins"
        pressed.click()
        says(page, done)
        assert barriers(page, axe) == []
        keep_picture(page, f"box-{lang}-{scheme}")


def test_where_push_cannot_be_had_it_says_why_and_offers_mail(visit: Visit, axe: str) -> None:
    page = visit.page(visit.context(allows=False))
    page.get_by_role("button", name="Notify me").click()
    expect(page.get_by_role("status")).to_contain_text("Notifications from this site are blocked.")
    expect(page.get_by_role("link", name="Get e-mails instead")).to_be_focused()
    assert barriers(page, axe) == []
    keep_picture(page, "box-refused")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Get e-mails instead").click()
    expect(opened.value.get_by_label("Your e-mail address")).to_be_visible()

    for name, agent, text in (
        ("old", None, "This browser cannot show notifications."),
        ("iphone", IPHONE, "On an iPhone or iPad, tap Share, then Add to Home Screen"),
    ):
        page = visit.page(visit.context(script="delete window.PushManager;", user_agent=agent))
        expect(page.get_by_role("status")).to_contain_text(text)
        expect(page.get_by_role("link", name="Get e-mails instead")).to_be_visible()
        keep_picture(page, f"box-{name}")


def test_when_the_network_fails_it_says_so_and_the_next_try_works(visit: Visit) -> None:
    page = visit.page()
    page.route("**/api/push/*", lambda route: route.abort())
    page.get_by_role("button", name="Notify me").click()
    says(page, "That did not work. Check your connection and try again.")
    page.unroute("**/api/push/*")
    page.get_by_role("button", name="Notify me").click()
    says(page, "You're subscribed")
    page.route("**/api/push/*", lambda route: route.abort())
    page.get_by_role("button", name="Unsubscribe").click()
    says(page, "You're not subscribed any more.")
    assert page.evaluate("localStorage.subscribed") is None, "no push reaches this browser any more"


def test_a_site_without_a_service_worker_lets_a_small_window_do_it(visit: Visit, axe: str) -> None:
    page = visit.page(worker="", tags="Weather,Israel", topic="")
    for button, done in (
        ("Notify me", "You're subscribed"),
        ("Unsubscribe", "You're not subscribed any more."),
    ):
        with page.expect_popup() as opened:
            page.get_by_role("button", name=button).click()
        window = opened.value
        there = window.locator("tocsin-box").get_by_role("button", name=button)
        there.wait_for()
        assert barriers(window, axe) == []
        keep_picture(window, f"window-{button.split()[0].lower()}")
        with window.expect_event("close"):
            there.click()
        says(page, done)
    assert statuses() == ["retired"]


def test_without_javascript_a_link_leads_to_the_topics_page(visit: Visit) -> None:
    context = visit.context(java_script_enabled=False)
    page = context.new_page()
    page.goto(visit.site.page("/israel", topic="israel", style=NEWS_STYLE))
    page.get_by_role("link", name="Never miss breaking news on Israel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Never miss breaking news on Israel.")
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    keep_picture(page, "topic-without-javascript")
