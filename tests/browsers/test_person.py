"""A reader's way in a real Chromium: sign-up by e-mail, settings, own topics, leaving."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from subscriptions.channels import add_channel
from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.preferences import read_wants
from subscriptions.quiet_hours import QuietHours
from subscriptions.subscribers import followed_topics, subscribe
from subscriptions.tables import ArticleStatus, Channel, SignIn, Subscriber
from tests.browsers.conftest import PROGRAM, NewsSite
from tests.browsers.sight import keep_picture
from tests.builders import a_source, a_subscriber, an_article
from tests.sinks import MailSink
from worker.push.confirm import ask_for_confirmation
from worker.push.sign_in import mail_links
from worker.push.smtp import hang_up
from worker.push.wire import wire

ANN = "ann@reader.example"

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pages are looked at in Chromium: apt install chromium"),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]


@pytest.fixture
def ann(news_site: NewsSite) -> Subscriber:
    """A reader with a confirmed mail address who follows Israel."""
    with unit_of_work() as session:
        subscriber = a_subscriber(session, name="ann")
        add_channel(session, subscriber, ANN)
        subscribe(session, subscriber, news_site.topic)
    return subscriber


def signed_in(page: Page) -> Page:
    """Come as the browser that gets the alerts does, by the button of a notification."""
    with reading() as session:
        channel = session.exec(select(Channel)).one()
    page.goto(f"/me/enter/{signer('enter').dumps(channel.id)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def worker(step: Callable[[list[int]], None], number: int) -> None:
    """Take a step as a worker does; not in this thread, whose event loop Chromium's driver has."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(step, [number]).result()
        elsewhere.submit(lambda: wire().run(hang_up())).result()


def link_in(smtp: MailSink, path: str) -> str:
    body = smtp.to(ANN)[-1].get_body(("plain",))
    assert body is not None
    found = re.search(rf"https?://[^/]+({path}\S+)", body.get_content())
    assert found is not None
    return found[1]


def test_without_javascript_a_reader_signs_up_by_mail_changes_settings_and_leaves(
    news_site: NewsSite, smtp: MailSink, open_browser: Any
) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto(f"/topics/{news_site.topic.slug}")
    page.get_by_label("Your e-mail address").fill(ANN)
    page.get_by_role("button", name="Notify me by e-mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step.")
    with reading() as session:
        channel = session.exec(select(Channel)).one()
    worker(ask_for_confirmation, channel.id or 0)
    page.goto(link_in(smtp, "/confirm/"))
    page.get_by_role("button", name="Yes, notify me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're subscribed.")

    page.goto("/me")
    page.get_by_label("The e-mail address your alerts come to").fill(ANN)
    page.get_by_role("button", name="Mail me a link").click()
    with reading() as session:
        asked = session.exec(select(SignIn)).one()
    worker(mail_links, asked.id or 0)
    page.goto(link_in(smtp, "/me/sign-in/"))
    page.get_by_role("button", name="Go to my alerts").click()

    page.get_by_label("Quiet hours").check()
    page.get_by_label("From").fill("23:15")
    page.get_by_label("At most").select_option("5")
    page.locator("#when").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("From")).to_have_value("23:15")
    keep_picture(page, "settings-without-javascript", whole=True)

    page.get_by_role("link", name="Leave, or delete everything").click()
    page.get_by_role("button", name="Delete all my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have left.")
    with reading() as session:
        assert session.exec(select(Subscriber)).all() == []


def test_by_keyboard_alone_quiet_hours_are_set(ann: Subscriber, open_browser: Any) -> None:
    page = signed_in(open_browser())
    page.get_by_label("Quiet hours").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("1045PM")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Save":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    with reading() as session:
        wants = read_wants(session, session.get_one(Subscriber, ann.id))
    assert wants.quiet == QuietHours(22 * 60 + 45, 7 * 60)


def test_while_one_types_an_own_topic_last_weeks_news_is_shown(ann: Subscriber, open_browser: Any) -> None:
    with unit_of_work() as session:
        source = a_source(session)
        told = {"title": "Volcano erupts on Iceland", "status": ArticleStatus.matched}
        an_article(session, source, **told | _just_now())
    page = signed_in(open_browser())
    page.get_by_role("link", name="Write a topic of your own").click()
    page.get_by_label("Words", exact=True).press_sequentially("volcano iceland")
    expect(page.locator("#preview")).to_contain_text("Last week it would have told you 1 story")
    expect(page.locator("#preview mark").first).to_have_text("Volcano")
    keep_picture(page, "own-topic", whole=True)
    page.get_by_role("button", name="Follow").click()
    expect(page.locator("#follows")).to_contain_text("volcano iceland")
    with reading() as session:
        assert [topic.query for topic in followed_topics(session, ann)][-1] == "volcano iceland"


def _just_now() -> dict[str, Any]:
    from subscriptions import clock

    return {"seen_at": clock.now(), "status_at": clock.now()}


@pytest.mark.parametrize(("lang", "scheme"), [("he", "dark"), ("ar", "light"), ("de", "light")])
def test_every_page_of_a_person_fits_a_phone_in_either_direction(
    ann: Subscriber, open_browser: Any, lang: str, scheme: str
) -> None:
    page = signed_in(open_browser(color_scheme=scheme))
    page.locator("#language").select_option(lang)
    page.locator("#place").get_by_role("button").click()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    expect(page.locator("html")).to_have_attribute("dir", "ltr" if lang == "de" else "rtl")
    for path in ("/me", "/me/topics", "/me/topics/own", "/me/leave"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{path} must be moved sideways"
        keep_picture(page, f"person{path.replace('/', '-')}-{lang}-{scheme}", whole=True)
