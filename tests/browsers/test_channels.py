"""A person's channels in a real Chromium: on a phone, in the dark, from the right, without JavaScript."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from subscriptions.channels import add_channel
from subscriptions.database import unit_of_work
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.tables import ChannelStatus, Subscriber
from tests.browsers.conftest import PROGRAM, NewsSite
from tests.browsers.sight import barriers, keep_picture, look
from tests.builders import a_subscriber
from tests.sinks import HttpSink
from worker.push.confirm import ask_for_confirmation

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pages are looked at in Chromium: apt install chromium"),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]


@pytest.fixture
def opened(news_site: NewsSite, open_browser: Any) -> Callable[..., Page]:
    """Opens Ann's pages on a phone."""
    with unit_of_work() as session:
        ann = a_subscriber(session, name="ann", language="en")
        first = add_channel(session, ann, "ann@reader.example").id

    def page(**how: Any) -> Page:
        fresh: Page = open_browser(**how)
        fresh.goto(f"/me/enter/{signer('enter').dumps(first)}")
        return fresh

    return page


def test_the_pages_of_channels_keep_nobody_out(opened: Any, axe: str) -> None:
    with unit_of_work() as session:
        ann = session.exec(select(Subscriber).where(Subscriber.name == "ann")).one()
        waiting = ChannelStatus.waiting
        other = add_channel(session, ann, "ntfys://ntfy.example/news", status=waiting)
        other.rank, other.why = 1, "403 Forbidden"
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        for path in (
            "/me/channels",
            "/me/channels/add",
            "/me/channels/add/discord",
            "/me/channels/add/matrix",
            "/me/channels/add/json?lang=he",
        ):
            look(page, axe, path, f"channels{re.sub(r'[^a-z]+', '-', path)}-{scheme}")
        page.goto("/me/channels/add/tgram")
        page.get_by_role("button", name="Add and send a test").click()
        expect(page.get_by_role("alert").first).to_have_text("Token of the bot is missing.")
        assert barriers(page, axe) == []


def test_without_javascript_a_channel_is_added_and_confirmed(opened: Any, sink: HttpSink) -> None:
    page = opened(java_script_enabled=False)
    page.get_by_role("link", name="Channels", exact=True).click()
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_role("searchbox").fill("ntfy")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="ntfy").click()
    page.get_by_role("link", name="On a server of your own").click()
    page.get_by_label("Address of the server").fill(sink.url("").replace("json", "http", 1))
    page.get_by_label("Topic", exact=True).fill("ann news")
    page.get_by_role("button", name="Add and send a test").click()
    expect(page.get_by_role("alert")).to_contain_text("Topic does not look right")
    page.get_by_label("Topic", exact=True).fill("ann-news")
    page.get_by_role("button", name="Add and send a test").click()
    expect(page.get_by_role("status")).to_contain_text("a test alert is on its way")
    with ThreadPoolExecutor(1) as worker:  # playwright's own loop runs in this thread
        worker.submit(ask_for_confirmation, [2]).result()
    code = re.search(r"code (\d{6})", str(sink.received[-1][1]))
    assert code is not None
    page.get_by_label("Code from the test alert").fill(code[1])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("Alerts ring here now, and on your other channels")
    page.get_by_role("button", name="Ring here first").click()
    expect(page.get_by_role("status")).to_contain_text("Alerts ring here first")
    page.get_by_role("button", name="Ring here as well").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("All of these ring at once")


def test_the_last_channel_is_removed_after_a_second_question(opened: Any, axe: str) -> None:
    page = opened(java_script_enabled=False)
    page.goto("/me/channels")
    page.get_by_role("button", name="Remove: ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Remove your last channel?")
    page.get_by_role("link", name="Keep it").click()
    page = opened(color_scheme="dark")
    page.goto("/me/channels")
    page.get_by_role("button", name="Remove: ").click()
    keep_picture(page, "channels-remove-last", whole=True)
    assert barriers(page, axe) == []
    page.get_by_role("button", name="Remove it: send me nothing any more").click()
    expect(page.get_by_text("Alerts come nowhere now.")).to_be_visible()


def test_without_javascript_and_signing_in_one_leaves_by_the_link_of_a_message(opened: Any) -> None:
    with unit_of_work() as session:
        ann = session.exec(select(Subscriber).where(Subscriber.name == "ann")).one()
        phone = add_channel(session, ann, "ntfys://ntfy.example/phone").id or 0
    page = opened(java_script_enabled=False)
    page.context.clear_cookies()
    page.goto(leave_path(phone))
    page.get_by_role("button", name="No more alerts here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have left.")
    page.get_by_role("button", name="No more alerts anywhere").click()
    expect(page.get_by_role("button")).to_have_count(0)
    keep_picture(page, "left", whole=True)
